package policy

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strings"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// day is the length of a day of an expiry or a term: 24 hours, whatever the calendar.
const day = 24 * time.Hour

// file is a policy file as it is written; policy.schema.json is the same for editors. Pointers tell
// what is missing from what is zero.
type file struct {
	Name       string                  `yaml:"name"`
	Revision   string                  `yaml:"revision"`
	Title      string                  `yaml:"title"`
	Unit       *Unit                   `yaml:"unit"`
	Packages   []packageLine           `yaml:"packages"`
	Features   []featureLine           `yaml:"features"`
	Modes      []Mode                  `yaml:"modes"`
	Surfaces   *surfaceLine            `yaml:"surfaces"`
	Windows    windowLine              `yaml:"windows"`
	ExpiredLot *ledger.ExpiredLot      `yaml:"expired_lot"`
	Unpaid     *bool                   `yaml:"grants_unpaid"`
	Duplicates *duplicateLine          `yaml:"duplicates"`
	Abuse      *abuseLine              `yaml:"abuse"`
	Response   *responseLine           `yaml:"response"`
	Second     *secondLine             `yaml:"second_person"`
	Contact    contactLine             `yaml:"contact"`
	Evidence   *evidenceLine           `yaml:"evidence"`
	Rules      map[Kind][]ruleLine     `yaml:"rules"`
	Clauses    map[string]clauseLine   `yaml:"clauses"`
	Notices    map[Outcome]*noticeLine `yaml:"notices"`
	Methods    map[Destination]words   `yaml:"methods"`
	Messages   map[Message]words       `yaml:"messages"`
	Issues     map[Issue]words         `yaml:"issues"`
	Claims     []claimLine             `yaml:"claims"`
}

type packageLine struct {
	Name             string         `yaml:"name"`
	Title            string         `yaml:"title"`
	Credits          ledger.Credits `yaml:"credits"`
	Price            priceLine      `yaml:"price"`
	ExpiresAfterDays *int           `yaml:"expires_after_days"`
}

type priceLine struct {
	Currency string `yaml:"currency"`
	Minor    int64  `yaml:"minor"`
}

type featureLine struct {
	Name         string            `yaml:"name"`
	Title        string            `yaml:"title"`
	Price        *ledger.Credits   `yaml:"price"`
	Prices       []optionPriceLine `yaml:"prices"`
	ResultWithin time.Duration     `yaml:"result_within"`
	Reportable   *platformLine     `yaml:"reportable"`
	MustChange   bool              `yaml:"must_change"`
	Examples     []string          `yaml:"examples"`
}

// optionPriceLine is a price with options: a price, or a price of each second and how many there
// may be.
type optionPriceLine struct {
	When       optionLine      `yaml:"when"`
	Price      *ledger.Credits `yaml:"price"`
	PerSecond  *ledger.Credits `yaml:"per_second"`
	MaxSeconds *int            `yaml:"max_seconds"`
}

type optionLine struct {
	Model *string `yaml:"model"`
	Size  *string `yaml:"size"`
}

type platformLine struct {
	IOS     *bool `yaml:"ios"`
	Android *bool `yaml:"android"`
	Web     *bool `yaml:"web"`
}

type surfaceLine struct {
	Editor  *bool `yaml:"editor"`
	Batch   *bool `yaml:"batch"`
	Catalog *bool `yaml:"catalog"`
}

type windowLine struct {
	Report   *time.Duration `yaml:"report"`
	Purchase *time.Duration `yaml:"purchase"`
	Appeal   *time.Duration `yaml:"appeal"`
}

type duplicateLine struct {
	Same time.Duration `yaml:"same"`
	Look time.Duration `yaml:"look"`
	Auto *bool         `yaml:"auto"`
}

type abuseLine struct {
	RequestsOver       *int `yaml:"requests_over"`
	RefundsOverPercent *int `yaml:"refunds_over_percent"`
	FromGenerations    *int `yaml:"from_generations"`
}

type responseLine struct {
	Calendar    string    `yaml:"calendar"`
	RespondDays *daysLine `yaml:"respond_days"`
	PayDays     *daysLine `yaml:"pay_days"`
}

// daysLine is a number of business days, or the two ends of one.
type daysLine struct {
	From *int `yaml:"from"`
	To   *int `yaml:"to"`
	Aim  bool `yaml:"aim"`
}

func (l *daysLine) days() Days {
	line := orZero(l)
	return Days{From: orZero(line.From), To: orZero(line.To), Aim: line.Aim}
}

type secondLine struct {
	Appeals    bool             `yaml:"appeals"`
	MoneyAbove map[string]int64 `yaml:"money_above"`
}

type contactLine struct {
	Name    string `yaml:"name"`
	Email   string `yaml:"email"`
	Phone   string `yaml:"phone"`
	Address string `yaml:"address"`
}

type evidenceLine struct {
	Decides      []evidence.Name  `yaml:"decides"`
	FailureCards []string         `yaml:"failure_cards"`
	Adjudicator  *adjudicatorLine `yaml:"adjudicator"`
	Stops        *stopLine        `yaml:"stops"`
}

type adjudicatorLine struct {
	Cap ledger.Credits `yaml:"cap"`
}

type stopLine struct {
	WronglyPaidPercent *int `yaml:"wrongly_paid_percent"`
	From               *int `yaml:"from"`
}

type ruleLine struct {
	Clause string      `yaml:"clause"`
	When   when        `yaml:"when"`
	Answer Outcome     `yaml:"answer"`
	Remedy *remedyLine `yaml:"remedy"`
	Reason words       `yaml:"reason"`
}

type remedyLine struct {
	Give  Gift        `yaml:"give"`
	Share *int64      `yaml:"share"`
	To    Destination `yaml:"to"`
}

type clauseLine struct {
	Heading string            `yaml:"heading"`
	Text    string            `yaml:"says"`
	Table   Table             `yaml:"table"`
	Ours    bool              `yaml:"ours"`
	Binds   Bound             `yaml:"binds"`
	Reasons map[Outcome]words `yaml:"reasons"`
	Ruled   map[Outcome]words `yaml:"ruled"`
}

type claimLine struct {
	Kind  Kind         `yaml:"kind"`
	Label words        `yaml:"label"`
	Needs []ClaimField `yaml:"needs"`
}

type noticeLine struct {
	Name  string          `yaml:"name"`
	Words words           `yaml:"words"`
	Money words           `yaml:"money"`
	For   map[Kind]words  `yaml:"for"`
	Names map[Kind]string `yaml:"names"`
}

// Parse reads a policy file strictly, by the syntax that it is written in. Every error is
// KindInvalid, names the field, and reads "file:line:column: message" with the lines around it and
// a caret; several of them are joined. The name of the file is only used in them.
func Parse(name string, source []byte, syntax Syntax) (Revision, error) {
	// An editor's line ends must not change the digest, by which recorded decisions find their
	// revision.
	source = bytes.ReplaceAll(source, []byte("\r\n"), []byte("\n"))
	rev, err := parse(name, source, syntax)
	return rev, inSource(err, source)
}

// parse is Parse but for the lines in the errors.
func parse(name string, source []byte, syntax Syntax) (Revision, error) {
	root, unreadable := syntax(source)
	if unreadable != nil {
		unreadable.File = name
		return Revision{}, unreadable
	}
	// Shape first: what does not fit the types cannot be checked for sense, and would report itself
	// twice.
	c := checker{file: name, root: root}
	var f file
	shapes{&c, map[reflect.Type][]string{}}.read(root, reflect.ValueOf(&f).Elem(), make(place, 0, 8))
	if err := c.err(); err != nil {
		return Revision{}, err
	}
	c.check(f)
	if err := c.err(); err != nil {
		return Revision{}, err
	}
	// Eight bytes tell the revisions of one policy apart; nobody gains by forging one of their own
	// files.
	sum := sha256.Sum256(source)
	rev := f.revision("sha256:" + hex.EncodeToString(sum[:8]))
	rev.order = root.at(place{"clauses"}).keys()
	rev.derive()
	return rev, nil
}

// terms converts the sections of a file that hold one value each. The file is checked, so nothing
// here can fail.
func (f file) terms(digest string) Revision {
	rev := Revision{
		Name:           f.Name,
		Revision:       f.Revision,
		Title:          f.Title,
		Digest:         digest,
		Unit:           *f.Unit,
		ReportWindow:   orZero(f.Windows.Report),
		ExpiredLot:     *f.ExpiredLot,
		GrantsUnpaid:   *f.Unpaid,
		Modes:          f.Modes,
		Surfaces:       Surfaces{Editor: *f.Surfaces.Editor, Batch: *f.Surfaces.Batch, Catalog: *f.Surfaces.Catalog},
		Duplicates:     Duplicates{Same: f.Duplicates.Same, Look: f.Duplicates.Look, Auto: *f.Duplicates.Auto},
		Abuse:          Abuse{*f.Abuse.RequestsOver, *f.Abuse.RefundsOverPercent, *f.Abuse.FromGenerations},
		PurchaseWindow: orZero(f.Windows.Purchase),
		AppealWindow:   orZero(f.Windows.Appeal),
		Response:       Response{f.Response.Calendar, f.Response.RespondDays.days(), f.Response.PayDays.days()},
		SecondPerson:   SecondPerson(orZero(f.Second)),
		Contact:        f.Contact.contact(),
		Evidence:       f.Evidence.evidence(),
		rules:          map[Kind][]rule{},
		clauses:        map[string]Clause{},
		notices:        map[Outcome]notice{},
		methods:        f.Methods,
		messages:       f.Messages,
		issues:         f.Issues,
	}
	// A file from before the modes were data means the two that there were.
	if rev.Modes == nil {
		rev.Modes = []Mode{ModePaid, ModeFree}
	}
	return rev
}

// revision converts a checked file, its lists included.
func (f file) revision(digest string) Revision {
	rev := f.terms(digest)
	// Lists keep the order of the file, which is the order of the page.
	for _, p := range f.Packages {
		rev.packages = append(rev.packages, payment.Package{
			Name: p.Name, Title: p.Title, Credits: p.Credits, Price: money.Amount(p.Price), ExpiresAfter: time.Duration(orZero(p.ExpiresAfterDays)) * day,
		})
	}
	for _, l := range f.Features {
		rev.features = append(rev.features, l.feature(rev.Modes))
	}
	for _, l := range f.Claims {
		rev.claims = append(rev.claims, l.claim())
	}
	for kind, lines := range f.Rules {
		for _, line := range lines {
			rev.rules[kind] = append(rev.rules[kind], line.rule())
		}
	}
	for id, l := range f.Clauses {
		rev.clauses[id] = l.clause(id)
	}
	for outcome, l := range f.Notices {
		rev.notices[outcome] = notice{name: l.Name, words: l.Words, money: l.Money, kinds: l.For, names: l.Names}
	}
	// These two are no outcomes, though the file lists them among the notices.
	rev.offerNotice, rev.appealNotice = rev.notices[noticeOffer], rev.notices[noticeAppeal]
	delete(rev.notices, noticeOffer)
	delete(rev.notices, noticeAppeal)
	return rev
}

// evidence converts the section; a file without it lets nothing decide.
func (l *evidenceLine) evidence() Evidence {
	if l == nil {
		return Evidence{}
	}
	return Evidence{
		Decides: l.Decides, FailureCards: l.FailureCards, AdjudicatorCap: orZero(l.Adjudicator).Cap,
		Stops: Stops{WronglyPaidPercent: *l.Stops.WronglyPaidPercent, From: *l.Stops.From},
	}
}

func (l clauseLine) clause(id string) Clause {
	return Clause{
		ID: id, Heading: l.Heading, Text: strings.TrimSpace(l.Text), Table: l.Table, Ours: l.Ours, Binds: l.Binds, reasons: l.Reasons, ruled: l.Ruled,
	}
}

func (l featureLine) feature(modes []Mode) Feature {
	feature := generation.Feature{Name: l.Name, Price: *l.Price, Modes: texts(modes), ResultWithin: l.ResultWithin}
	for _, row := range l.Prices {
		feature.Prices = append(feature.Prices, row.row())
	}
	return Feature{
		Feature: feature, Title: l.Title, MustChange: l.MustChange, Examples: l.Examples,
		Reportable: Platforms{IOS: *l.Reportable.IOS, Android: *l.Reportable.Android, Web: *l.Reportable.Web},
	}
}

func (l optionPriceLine) row() generation.PriceRow {
	return generation.PriceRow{
		Model: orZero(l.When.Model), Size: orZero(l.When.Size),
		Price: orZero(l.Price), PerSecond: orZero(l.PerSecond), MaxSeconds: orZero(l.MaxSeconds),
	}
}

func (l ruleLine) rule() rule {
	r := rule{clause: l.Clause, when: l.When, answer: l.Answer, reason: l.Reason}
	// A rule without a share gives all of it.
	if l.Remedy != nil {
		r.gives, r.to, r.share = l.Remedy.Give, l.Remedy.To, whole
		if l.Remedy.Share != nil {
			r.share = *l.Remedy.Share
		}
	}
	return r
}

func orZero[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

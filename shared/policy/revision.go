package policy

import (
	"cmp"
	"math/big"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/payment"
)

// Revision is one policy file, checked. It is read-only: its slices are shared. The zero Revision
// decides nothing but X3.
type Revision struct {
	// Name is the policy's.
	Name string
	// Revision is the day it takes effect, "2026-01-01" (00:00 UTC).
	Revision string
	// Title is that of the published page, "" when the file names none.
	Title string
	// Digest is "sha256:" and 16 hex digits of the source with line feeds only.
	Digest string
	// Unit is the wallet's.
	Unit Unit
	// ReportWindow is how long after a generation a bad result may be reported; 0: no limit.
	ReportWindow time.Duration
	// PurchaseWindow is how long after a purchase a request about it is in time; 0: no limit.
	PurchaseWindow time.Duration
	// AppealWindow is how long after a decline it may be appealed; 0: it may not.
	AppealWindow time.Duration
	// ExpiredLot says what becomes of credits that come back to an expired lot.
	ExpiredLot ledger.ExpiredLot
	// Modes are those in which generations may be made.
	Modes []Mode
	// GrantsUnpaid says whether a checkout that required no payment grants its credits.
	GrantsUnpaid bool
	// Surfaces says from where a bad result may be reported.
	Surfaces Surfaces
	// Duplicates says when a second equal purchase counts as a duplicate.
	Duplicates Duplicates
	// Abuse holds the limits past which a person looks.
	Abuse Abuse
	// Response holds the times that the policy promises.
	Response Response
	// SecondPerson says which rulings of staff a second person confirms.
	SecondPerson SecondPerson
	// Contact says whom a customer writes to.
	Contact Contact
	// Evidence says what becomes of what is seen when a bad result is looked at.
	Evidence Evidence

	effectiveAt  time.Time
	packages     []payment.Package
	features     []Feature
	rules        map[Kind][]rule
	clauses      map[string]Clause
	order        []string // of the clauses in the file
	notices      map[Outcome]notice
	appealNotice notice // that an appeal was received; the zero one where none may be made
	offerNotice  notice // what an outage entitles to; the zero one where no rule approves an outage
	methods      map[Destination]words
	messages     map[Message]words
	issues       map[Issue]words
	claims       []offeredClaim // none: the kinds that have rules
}

// Unit is the wallet's unit.
type Unit struct {
	// Name is what people call it: "USD", "credits".
	Name string `json:"name" yaml:"name"`
	// Scale is how many decimals its smallest unit has: with 4 of USD, one credit is 0.0001 USD.
	Scale int `json:"scale" yaml:"scale"`
}

// Format writes an amount of the smallest unit in the unit, without its name: -250 is -2.50 where
// Scale is 2. It divides as a fraction, since a float would round what a wallet may hold.
func (u Unit) Format(amount int64) string {
	smallest := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(u.Scale)), nil)
	return new(big.Rat).SetFrac(big.NewInt(amount), smallest).FloatString(u.Scale)
}

// Feature is what can be generated.
type Feature struct {
	// Feature is what starting a generation needs to know of it.
	generation.Feature
	// Title is what the page calls it, "" when the file has none.
	Title string
	// Reportable says where a bad result of it may be reported.
	Reportable Platforms
	// MustChange: a good result differs from its input everywhere.
	MustChange bool
	// Examples are links to pictures of what may be expected of it.
	Examples []string
}

// Platforms says where a bad result of a feature may be reported. It rules reports only.
type Platforms struct {
	// IOS is the iPhone and iPad app.
	IOS bool `json:"ios"`
	// Android is the Android app.
	Android bool `json:"android"`
	// Web is the browser.
	Web bool `json:"web"`
}

// On returns the table's word for a platform, false for an unknown one.
func (p Platforms) On(platform Platform) bool {
	switch platform {
	case PlatformIOS:
		return p.IOS
	case PlatformAndroid:
		return p.Android
	case PlatformWeb:
		return p.Web
	}
	return false
}

// Surfaces says from which part of the app a bad result may be reported.
type Surfaces struct {
	// Editor is where one picture is made.
	Editor bool `json:"editor"`
	// Batch is where many are made at once.
	Batch bool `json:"batch"`
	// Catalog is where pictures of a catalog are made.
	Catalog bool `json:"catalog"`
}

// On returns the table's word for a surface, false for an unknown one.
func (s Surfaces) On(surface Surface) bool {
	switch surface {
	case SurfaceEditor:
		return s.Editor
	case SurfaceBatch:
		return s.Batch
	case SurfaceCatalog:
		return s.Catalog
	}
	return false
}

// Duplicates says when a second equal purchase counts as a duplicate of the first.
// Why: infra/decisions/0025.
type Duplicates struct {
	// Same: ordered within it after the first, it is a duplicate.
	Same time.Duration
	// Look: within it, a person decides on a claim. Beyond, it is another purchase.
	Look time.Duration
	// Auto says whether a duplicate within Same is paid back without a claim.
	Auto bool
}

// Abuse holds the limits of the last 30 days past which a person looks. A count needs no more rows
// than its limit names.
type Abuse struct {
	// RequestsOver: a person looks from one request more than this.
	RequestsOver int
	// RefundsOverPercent: or from refunds for more than this part of the generations.
	RefundsOverPercent int
	// FromGenerations: the part counts from so many generations on.
	FromGenerations int
}

// Response holds the times that the policy names, in business days of its calendar; the zero Days
// names none.
type Response struct {
	// Calendar is CalendarWeekdays, CalendarEveryday, or the one whose public holidays are no
	// business days.
	Calendar string `json:"calendar"`
	// Respond is how long an answer takes.
	Respond Days `json:"respond_days,omitzero"`
	// Pay is how long approved money takes.
	Pay Days `json:"pay_days,omitzero"`
}

// Days are the business days that something takes.
type Days struct {
	// From is 0 where the page names no lower end, which binds nobody.
	From int `json:"from,omitzero"`
	// To is the most that it takes; 0 where the page names no time.
	To int `json:"to"`
	// Aim: the page aims at To and does not promise it.
	Aim bool `json:"aim,omitzero"`
}

// Bound says what a clause binds that never decides.
type Bound string

// What such clauses bind; the zero value stands on clauses that can decide.
const (
	BindsUpload  Bound = "upload"  // what the customer sends in to be worked on
	BindsRequest Bound = "request" // what a request must name: one that does not is refused, no case is opened
	BindsClock   Bound = "clock"   // until when is asked, answered or paid
	BindsRemedy  Bound = "remedy"  // where what is given back goes
	BindsNotice  Bound = "notice"  // what the customer is told
	BindsTerms   Bound = "terms"   // what the policy is, what it covers, and who has the last word
	BindsService Bound = "service" // what is sold and made, and what may be expected of it
	BindsSteps   Bound = "steps"   // what the customer does
	BindsContact Bound = "contact" // whom the customer writes to
)

// Table names what a page shows in a table, which the file holds as data.
type Table string

// The tables; the zero value stands on clauses that show none.
const (
	TablePackages Table = "packages"
	TableFeatures Table = "features" // with the platforms on which a bad result may be reported
)

// Clause is one clause of the policy. A clause decides, or it binds.
// Why: infra/decisions/0039.
type Clause struct {
	// ID is its number on the page, as P3.5, or X1 to X3.
	ID string
	// Heading is that of the page, right above this clause; "" for none.
	Heading string
	// Text is the published sentence, or our own words when Ours. It may have several lines, as on
	// the page.
	Text string
	// Table is what the page has right below this clause; "" for none.
	Table Table
	// Ours: the published page has no such clause.
	Ours bool
	// Binds is what it binds; "" for a clause that decides.
	Binds   Bound
	reasons map[Outcome]words
	ruled   map[Outcome]words // in place of reasons, for what a person decided
}

// Notice is what a customer reads.
type Notice struct {
	// Name is the word of the contract: "refunded".
	Name string
	// Words is the policy's sentence.
	Words string
}

type notice struct {
	name  string
	words words
	money words           // in place of words where money is given back
	kinds map[Kind]words  // in place of words, for these kinds
	names map[Kind]string // in place of name, for these kinds
}

// noticeAppealed is the key of the notice that an appeal was received.
const noticeAppeal = "appealed"

// called returns the notice's name for a kind.
func (n notice) called(kind Kind) string { return cmp.Or(n.names[kind], n.name) }

// noticeOffered is the key of the notice that tells what an outage entitles to: no decision yet.
const noticeOffer = "offered"

// Ref returns the name of the revision, as decisions carry it.
func (r Revision) Ref() Ref { return Ref{Name: r.Name, Revision: r.Revision, Digest: r.Digest} }

// derive sets what follows from the rest of the revision: the instant of its day, and of each rule
// the tests of the conditions that it sets, so that deciding does not look at the others.
func (r *Revision) derive() {
	r.effectiveAt, _ = time.Parse(time.DateOnly, r.Revision) // checked
	for _, rules := range r.rules {
		for i := range rules {
			for c := range conditions {
				if conditions[c].isSet(rules[i].when) {
					rules[i].tests = append(rules[i].tests, &conditions[c])
				}
			}
		}
	}
}

// EffectiveAt returns the instant from which the revision is in force: its day, 00:00 UTC.
func (r Revision) EffectiveAt() time.Time { return r.effectiveAt }

// Features returns the features in the order of the file. The slice is shared: do not change it.
func (r Revision) Features() []Feature { return r.features }

// Packages returns the packages in the order of the file. The slice is shared: do not change it.
func (r Revision) Packages() []payment.Package { return r.packages }

// Feature returns the feature of that name and whether the policy lists it.
func (r Revision) Feature(name string) (Feature, bool) {
	for _, f := range r.features {
		if f.Name == name {
			return f, true
		}
	}
	return Feature{}, false
}

// Package returns the package of that name and whether the policy lists it.
func (r Revision) Package(name string) (payment.Package, bool) {
	for _, p := range r.packages {
		if p.Name == name {
			return p, true
		}
	}
	return payment.Package{}, false
}

// Clause returns the clause of that id and whether the policy has it.
func (r Revision) Clause(id string) (Clause, bool) {
	clause, ok := r.clauses[id]
	return clause, ok
}

// Notice returns what the customer reads of an outcome, in English and with its placeholders. Where
// money is given back, NoticeOf may have another. The zero Notice for an unknown outcome.
func (r Revision) Notice(kind Kind, outcome Outcome) Notice {
	n := r.notices[outcome]
	sentence := n.words
	if own, ok := n.kinds[kind]; ok {
		sentence = own
	}
	return Notice{Name: n.called(kind), Words: sentence.english()}
}

// Package page owns how a policy is read by people: every clause with its words, every rule in
// plain sentences, an example for each.
//
// It refuses to know what a rule decides: each example is facts made for a rule and the answer that
// shared/policy gives to them.
//
// Invariants: the same revision gets the same bytes; every clause of the revision is named; an
// example is shown only under the rule that decided it.
//
// Words: page (a revision laid out to be read), request (the rules of one kind), scene (facts made
// for a rule).
package page

import (
	"makegood/shared/evidence"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
)

// Page is a revision laid out to be read; Text writes it, its JSON has the same parts. Windows are
// as a file writes them, "" for none.
type Page struct {
	Policy       policy.Ref          `json:"policy"`                  // its name, revision and digest
	Title        string              `json:"title,omitempty"`         // of the published page
	Unit         policy.Unit         `json:"unit"`                    // what balances are counted in
	Packages     []Package           `json:"packages"`                // in the order of the file
	Features     []Feature           `json:"features"`                // in the order of the file
	Modes        []policy.Mode       `json:"modes"`                   // in which a generation may be made
	Surfaces     policy.Surfaces     `json:"surfaces"`                // from which a bad result may be reported
	Windows      Windows             `json:"windows"`                 // until when is asked
	ExpiredLot   ledger.ExpiredLot   `json:"expired_lot"`             // what becomes of credits whose lot expired
	GrantsUnpaid bool                `json:"grants_unpaid"`           // whether a free checkout grants
	Duplicates   Duplicates          `json:"duplicates"`              // what counts as a double charge
	Abuse        Abuse               `json:"abuse"`                   // limits of 30 days
	Contact      policy.Contact      `json:"contact"`                 // empty where the page names nobody
	Response     policy.Response     `json:"response"`                // what is promised, and in which days
	Evidence     Evidence            `json:"evidence"`                // what a look decides
	SecondPerson *SecondPerson       `json:"second_person,omitempty"` // nil: everybody rules alone
	Requests     []Request           `json:"requests"`                // of every kind, in a fixed order
	Clauses      []Clause            `json:"clauses"`                 // all of them, in the order of the file
	Notices      []policy.NoticeView `json:"notices"`                 // what the customer reads

	revision policy.Revision
}

// Package is what is sold. ExpiresAfterDays is 0 when its credits do not expire.
type Package struct {
	Name             string         `json:"name"`                        // as a checkout names it
	Title            string         `json:"title,omitempty"`             // as the page calls it; "": by its name
	Credits          ledger.Credits `json:"credits"`                     // in the smallest unit
	Price            money.Amount   `json:"price"`                       // of one
	ExpiresAfterDays int            `json:"expires_after_days,omitzero"` // 0: never
}

// Feature is what can be generated; Price is of one output without options, in the smallest unit.
type Feature struct {
	Name       string           `json:"name"`             // as a start names it
	Title      string           `json:"title,omitempty"`  // as the page calls it; "": by its name
	Price      ledger.Credits   `json:"price"`            // of one output without options
	Prices     []OptionPrice    `json:"prices,omitempty"` // of one with options
	Reportable policy.Platforms `json:"reportable"`       // by platform
	MustChange bool             `json:"must_change"`      // whether a good result differs everywhere
	Examples   []string         `json:"examples"`         // links to what may be expected
}

// OptionPrice is the price of one output with exactly these options, or of each of its at most
// MaxSeconds seconds.
type OptionPrice struct {
	Model      string         `json:"model,omitempty"`      // "": the order names none
	Size       string         `json:"size,omitempty"`       // "": the order names none
	Price      ledger.Credits `json:"price,omitzero"`       // 0 where it is by the second
	PerSecond  ledger.Credits `json:"per_second,omitzero"`  // 0 where it is for the whole
	MaxSeconds int            `json:"max_seconds,omitzero"` // 0: no length is chosen
}

// Windows are how long may be asked, as durations in words.
type Windows struct {
	Report   string `json:"report,omitempty"`   // from the generation
	Purchase string `json:"purchase,omitempty"` // from the purchase
	Appeal   string `json:"appeal,omitempty"`   // from the decline; "": none is taken
}

// Duplicates says when a second equal purchase counts as a double charge.
type Duplicates struct {
	Same string `json:"same"` // within it a claim decides by itself
	Look string `json:"look"` // within it a person decides
	Auto bool   `json:"auto"` // whether it is paid back unasked
}

// Abuse holds the limits of the last 30 days.
type Abuse struct {
	RequestsOver       int `json:"requests_over"`        // more reports than this
	RefundsOverPercent int `json:"refunds_over_percent"` // or refunds for more of the generations
	FromGenerations    int `json:"from_generations"`     // from so many on
}

// SecondPerson says which rulings of staff a second person confirms.
type SecondPerson struct {
	Appeals    bool           `json:"appeals,omitzero"`      // every answer to an appeal
	MoneyAbove []money.Amount `json:"money_above,omitempty"` // money above it, of other currencies all
}

// Evidence says what a look at a bad result decides by itself.
type Evidence struct {
	Decides            []evidence.Name `json:"decides"`              // signals that make it unusable
	FailureCards       []string        `json:"failure_cards"`        // pictures that are shown for a failure
	AdjudicatorCap     ledger.Credits  `json:"adjudicator_cap"`      // 0: no model supports a refund
	WronglyPaidPercent int             `json:"wrongly_paid_percent"` // past it a signal stops
	From               int             `json:"from"`                 // from so many second looks on
}

// Clause is a clause with its words. Binds says what it binds when it never decides, "" when it can
// decide.
type Clause struct {
	ID      string       `json:"id"`                // a letter and numbers
	Heading string       `json:"heading,omitempty"` // right above it on the page
	Text    string       `json:"says"`              // the sentence, in lines
	Table   policy.Table `json:"table,omitempty"`   // right below it
	Ours    bool         `json:"ours,omitempty"`    // not published
	Binds   policy.Bound `json:"binds,omitempty"`   // what it binds; "": it can decide
}

// Request holds the rules of one kind in the order tried; none when the policy leaves the kind to
// X3.
type Request struct {
	Kind  policy.Kind `json:"kind"`  // of request
	Rules []Rule      `json:"rules"` // in the order tried
}

// Rule is a rule with its conditions as data and in words. Example is nil when no facts were found
// that reach it.
type Rule struct {
	policy.RuleView
	Words   string   `json:"words"`             // the rule in one sentence
	Example *Example `json:"example,omitempty"` // nil: none was found
}

// Example is facts that reach a rule, in words too, and the decision that the policy makes of them.
type Example struct {
	Words    string          `json:"words"`    // the facts in one line
	Facts    policy.Facts    `json:"facts"`    // as a file for decide has them
	Decision policy.Decision `json:"decision"` // the policy's
}

// kinds are all kinds of request, in the order of the page.
var kinds = []policy.Kind{
	policy.KindTechnicalFailure, policy.KindBadResult, policy.KindDuplicateCharge, policy.KindNotCredited,
	policy.KindOutage, policy.KindAbnormalCharge, policy.KindChangeOfMind,
}

// New lays a revision out. It decides a few hundred facts to find the examples.
func New(rev policy.Revision) Page {
	p := Page{
		Policy: rev.Ref(), Title: rev.Title, Unit: rev.Unit, Modes: rev.Modes, Surfaces: rev.Surfaces, ExpiredLot: rev.ExpiredLot, GrantsUnpaid: rev.GrantsUnpaid,
		Windows:    Windows{Report: span(rev.ReportWindow), Purchase: span(rev.PurchaseWindow), Appeal: span(rev.AppealWindow)},
		Duplicates: Duplicates{Same: span(rev.Duplicates.Same), Look: span(rev.Duplicates.Look), Auto: rev.Duplicates.Auto},
		Abuse:      Abuse(rev.Abuse),
		Response:   rev.Response,
		Contact:    rev.Contact,
		Notices:    rev.NoticeViews(),
		Evidence:   evidenceOf(rev.Evidence),
		revision:   rev,
	}
	if rule := rev.SecondPerson; rule.Appeals || len(rule.MoneyAbove) > 0 {
		p.SecondPerson = &SecondPerson{Appeals: rule.Appeals, MoneyAbove: rule.Limits()}
	}
	// Each part is copied into a type of this room: its JSON is a contract of the command, and a
	// renamed field of the policy must not change it.
	for _, s := range rev.Packages() {
		p.Packages = append(p.Packages, Package{s.Name, s.Title, s.Credits, s.Price, int(s.ExpiresAfter / day)})
	}
	for _, f := range rev.Features() {
		feature := Feature{Name: f.Name, Title: f.Title, Price: f.Price, Reportable: f.Reportable, MustChange: f.MustChange, Examples: f.Examples}
		for _, row := range f.Prices {
			feature.Prices = append(feature.Prices, OptionPrice(row))
		}
		p.Features = append(p.Features, feature)
	}
	for _, c := range rev.Clauses() {
		p.Clauses = append(p.Clauses, Clause{c.ID, c.Heading, c.Text, c.Table, c.Ours, c.Binds})
	}
	// Every kind has its place, also one without rules: X3 answers it, and the page says so.
	for _, kind := range kinds {
		request := Request{Kind: kind, Rules: []Rule{}}
		for i, view := range rev.Rules(kind) {
			request.Rules = append(request.Rules, Rule{view, sentence(rev, kind, i, view), exampleOf(rev, kind, i)})
		}
		p.Requests = append(p.Requests, request)
	}
	return p
}

func evidenceOf(e policy.Evidence) Evidence {
	return Evidence{
		Decides: e.Decides, FailureCards: e.FailureCards, AdjudicatorCap: e.AdjudicatorCap,
		WronglyPaidPercent: e.Stops.WronglyPaidPercent, From: e.Stops.From,
	}
}

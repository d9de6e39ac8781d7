// Package page owns how a policy is read by people: every clause with its words, every rule in plain sentences, an example for each.
//
// It refuses to know what a rule decides: each example is facts made for a rule and the answer that shared/policy gives to them.
//
// Invariants: the same revision gets the same bytes; every clause of the revision is named; an example is shown only under the rule
// that decided it.
//
// Words: page (a revision laid out to be read), request (the rules of one kind), scene (facts made for a rule).
package page

import (
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
)

// Page is a revision laid out to be read; Text writes it, its JSON has the same parts. Windows are as a file writes them, "" for none.
type Page struct {
	Policy       policy.Ref          `json:"policy"`
	Title        string              `json:"title,omitempty"` // of the published page
	Unit         policy.Unit         `json:"unit"`
	Packages     []Package           `json:"packages"`
	Features     []Feature           `json:"features"`
	Modes        []policy.Mode       `json:"modes"`
	Surfaces     policy.Surfaces     `json:"surfaces"`
	Windows      Windows             `json:"windows"`
	ExpiredLot   policy.ExpiredLot   `json:"expired_lot"`
	GrantsUnpaid bool                `json:"grants_unpaid"`
	Duplicates   Duplicates          `json:"duplicates"`
	Abuse        Abuse               `json:"abuse"`
	Contact      policy.Contact      `json:"contact"`
	Response     policy.Response     `json:"response"`
	Requests     []Request           `json:"requests"` // of every kind, in a fixed order
	Clauses      []Clause            `json:"clauses"`  // all of them, in the order of the file
	Notices      []policy.NoticeView `json:"notices"`

	revision policy.Revision
}

// Package is what is sold. ExpiresAfterDays is 0 when its credits do not expire.
type Package struct {
	Name             string         `json:"name"`
	Title            string         `json:"title,omitempty"`
	Credits          ledger.Credits `json:"credits"`
	Price            money.Amount   `json:"price"`
	ExpiresAfterDays int            `json:"expires_after_days,omitzero"`
}

// Feature is what can be generated; Price is of one output without options, in the smallest unit.
type Feature struct {
	Name       string           `json:"name"`
	Title      string           `json:"title,omitempty"`
	Price      ledger.Credits   `json:"price"`
	Prices     []OptionPrice    `json:"prices,omitempty"`
	Reportable policy.Platforms `json:"reportable"`
}

// OptionPrice is the price of one output with exactly these options, or of each of its at most MaxSeconds seconds.
type OptionPrice struct {
	Model      string         `json:"model,omitempty"`
	Size       string         `json:"size,omitempty"`
	Price      ledger.Credits `json:"price,omitzero"`
	PerSecond  ledger.Credits `json:"per_second,omitzero"`
	MaxSeconds int            `json:"max_seconds,omitzero"`
}

// Windows are how long may be asked, as durations in words.
type Windows struct {
	Report   string `json:"report,omitempty"`
	Purchase string `json:"purchase,omitempty"`
	Appeal   string `json:"appeal,omitempty"`
}

// Duplicates says when a second equal purchase counts as a double charge.
type Duplicates struct {
	Same string `json:"same"`
	Look string `json:"look"`
	Auto bool   `json:"auto"`
}

// Abuse holds the limits of the last 30 days.
type Abuse struct {
	RequestsOver       int `json:"requests_over"`
	RefundsOverPercent int `json:"refunds_over_percent"`
	FromGenerations    int `json:"from_generations"`
}

// Clause is a clause with its words. Binds says what it binds when it never decides, "" when it can decide.
type Clause struct {
	ID      string       `json:"id"`
	Heading string       `json:"heading,omitempty"`
	Says    string       `json:"says"`
	Table   policy.Table `json:"table,omitempty"`
	Ours    bool         `json:"ours,omitempty"`
	Binds   policy.Bound `json:"binds,omitempty"`
}

// Request holds the rules of one kind in the order tried; none when the policy leaves the kind to X3.
type Request struct {
	Kind  policy.Kind `json:"kind"`
	Rules []Rule      `json:"rules"`
}

// Rule is a rule with its conditions as data and in words. Example is nil when no facts were found that reach it.
type Rule struct {
	policy.RuleView
	Words   string   `json:"words"`
	Example *Example `json:"example,omitempty"`
}

// Example is facts that reach a rule, in words too, and the decision that the policy makes of them.
type Example struct {
	Words    string          `json:"words"`
	Facts    policy.Facts    `json:"facts"`
	Decision policy.Decision `json:"decision"`
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
		revision:   rev,
	}
	for _, s := range rev.Packages() {
		p.Packages = append(p.Packages, Package{s.Name, s.Title, s.Credits, s.Price, int(s.ExpiresAfter / day)})
	}
	for _, f := range rev.Features() {
		feature := Feature{Name: f.Name, Title: f.Title, Price: f.Price, Reportable: f.Reportable}
		for _, row := range f.Prices {
			feature.Prices = append(feature.Prices, OptionPrice(row))
		}
		p.Features = append(p.Features, feature)
	}
	for _, c := range rev.Clauses() {
		p.Clauses = append(p.Clauses, Clause{c.ID, c.Heading, c.Text, c.Table, c.Ours, c.Binds})
	}
	for _, kind := range kinds {
		request := Request{Kind: kind, Rules: []Rule{}}
		for i, view := range rev.Rules(kind) {
			request.Rules = append(request.Rules, Rule{view, sentence(rev, kind, i, view), exampleOf(rev, kind, i)})
		}
		p.Requests = append(p.Requests, request)
	}
	return p
}

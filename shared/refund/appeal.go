package refund

import (
	"context"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/text"
)

// MaxAppeals is how many appeals a customer may make in a day by their own token: see MaxClaims.
const MaxAppeals = 20

// The codes of an appeal that is not taken, and of a verdict on one by who gave the first.
const (
	CodeNotDeclined     = "not_declined"
	CodeAlreadyAppealed = "already_appealed"
	CodeAppealLate      = "appeal_late"
	CodeNoAppeal        = "no_appeal"
	CodeSameReviewer    = "same_reviewer"
)

// Finding is what became of an appeal.
type Finding string

// The findings; the zero value is an appeal that nobody has ruled on.
const (
	FindingUpheld     Finding = "upheld"     // the case is declined again
	FindingOverturned Finding = "overturned" // it is approved after all
)

// Appeal is an objection to a declined case: each case takes one. Its words stand with the rest of
// what was asked. Ruling is staff's of the answer that it is against (see Case.First), nil where
// none was; Reviewer is the name of who of staff gave that, "" where the policy did.
type Appeal struct {
	At       time.Time
	Origin   Origin
	Ruling   *Ruling
	Reviewer string
	Finding  Finding
}

// AppealOrder is an appeal as somebody makes it. Principal and Key are the caller and its
// idempotency key, Actor is what the caller is, By the name of the operator key. See, where set, is
// asked whether the caller may know of the case's customer.
type AppealOrder struct {
	Words     string
	Principal string
	Key       string
	Actor     string
	By        string
	See       func(customer ledger.CustomerID) error
}

// Appealer takes appeals.
// Why: infra/decisions/0029.
type Appealer struct {
	Store    Appeals
	Policy   func() (Policy, error)
	Requests Requests
}

// Appeals is what an appeal needs of a store.
type Appeals interface {
	// FindCase returns the case by a consistent read, nil when there is none.
	FindCase(ctx context.Context, id CaseID) (*Case, error)
	// RecordAppeal writes the case with its appeal, and what was asked with the appeal's words;
	// most > 0 counts it among its customer's appeals of that day (UTC) in the same commit.
	// KindStale when the case, or what was asked, is not as before any more; KindThrottled when the
	// customer has made so many that day.
	RecordAppeal(ctx context.Context, before, after Case, most int) error
}

// Appeal puts a declined case before staff once more, in one commit, and has its receipt told. A
// repeat gets its first answer.
//
// Errors: KindInvalid (words), KindNotFound, KindConflict (CodeNotDeclined; CodeAlreadyAppealed;
// CodeAppealLate; CodeNoAppeal where the policy takes none; idempotency_key_reused), KindThrottled
// (a customer's MaxAppeals that day), KindBusy.
func (a Appealer) Appeal(ctx context.Context, id CaseID, order AppealOrder, now time.Time) (Opened, error) {
	if err := text.Check("words", order.Words, MaxWords); err != nil {
		return Opened{}, err
	}
	var opening Opened
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		opening, err = a.attempt(ctx, id, order, now)
		return err
	})
	if err != nil {
		return Opened{}, err
	}
	return opening, a.Requests.Request(ctx, message.NewCaseRequested(string(id), "", "")) // the decider sends what the case owes
}

func (a Appealer) attempt(ctx context.Context, id CaseID, order AppealOrder, now time.Time) (Opened, error) {
	c, err := a.Store.FindCase(ctx, id)
	if err == nil && c == nil {
		err = fault.NotFound("case")
	}
	if err == nil && order.See != nil {
		err = order.See(c.Customer)
	}
	if err != nil {
		return Opened{}, err
	}
	opening := Opened{Case: id, State: StateInReview}
	origin := originOf(order.Principal, order.Key, string(id), order.Words)
	if current := c.Appeal; current != nil {
		if opening.Replayed, err = current.Origin.replays(origin); err == nil && !opening.Replayed {
			err = c.refusal(CodeAlreadyAppealed, "the case was appealed before: each can be once")
		}
		return opening, err
	}
	revisions, err := a.Policy()
	if err != nil {
		return Opened{}, err
	}
	if err := c.appealable(revisions, now); err != nil {
		return Opened{}, err
	}
	most := 0
	if order.Actor == ledger.ActorCustomer {
		most = MaxAppeals
	}
	return opening, a.Store.RecordAppeal(ctx, *c, c.appeal(order, origin, revisions, now), most)
}

// appealable returns nil where the case may be appealed now.
func (c Case) appealable(revisions Policy, now time.Time) error {
	if c.State != StateDeclined {
		return c.refusal(CodeNotDeclined, "the case is not declined")
	}
	until := AppealUntil(c, revisions)
	switch {
	case until.IsZero():
		return c.refusal(CodeNoAppeal, "the policy takes no appeals")
	case now.After(until):
		return c.refusal(CodeAppealLate, "the case could be appealed until "+text.Moment(until))
	}
	return nil
}

func (c Case) refusal(code, detail string) error {
	return &fault.Error{Kind: fault.KindConflict, Code: code, Detail: detail, Case: string(c.ID)}
}

// AppealUntil returns the last instant at which the case may be appealed; zero for one that is not
// declined, was appealed before, or whose policy takes no appeals.
func AppealUntil(c Case, revisions Policy) time.Time {
	if c.State != StateDeclined || c.Decision == nil || c.Appeal != nil {
		return time.Time{}
	}
	window := revisionOf(c, revisions).AppealWindow
	if window == 0 {
		return time.Time{}
	}
	return c.declined().At.Add(window)
}

// revisionOf returns the revision that gave the case's answer; the one in force at that time where
// its file is gone.
func revisionOf(c Case, revisions Policy) policy.Revision {
	if rev, there := revisions.Of(c.Decision.Policy); there {
		return rev
	}
	return revisions.At(c.OpenedAt)
}

// declined returns the line with which the case came to be declined: later ones only note what
// became of money.
func (c Case) declined() Event {
	var line Event
	for i, event := range c.History {
		if event.State == StateDeclined && (i == 0 || c.History[i-1].State != StateDeclined) {
			line = event
		}
	}
	return line
}

// appeal returns the case in review by the appeal. What was asked is copied: the case that was read
// keeps its own.
func (c Case) appeal(order AppealOrder, origin Origin, revisions Policy, now time.Time) Case {
	var statement Asked
	if c.Asked != nil {
		statement = *c.Asked
	}
	statement.Appeal = order.Words
	receipt := policy.Appeal(revisionOf(c, revisions), c.Kind, now)
	c.Appeal = &Appeal{At: now, Origin: origin, Ruling: c.Ruling, Reviewer: c.declined().By}
	c.Asked, c.Ruling = &statement, nil
	line := Event{Actor: order.Actor, Note: "appealed"}
	if order.Actor == ledger.ActorStaff {
		line.By = order.By
	}
	return c.decide(receipt, line, now)
}

// First returns the answer that the case's appeal is against; the zero Decision of a case that was
// not appealed.
func (c Case) First() policy.Decision {
	for _, verdict := range slices.Backward(c.Earlier) {
		if c.Appeal != nil && verdict.Outcome == policy.OutcomeDeclined {
			return verdict
		}
	}
	return policy.Decision{}
}

// Prior returns what the verdict goes by that is the nth of the case's, from 0: the one before it,
// of a ruling on an appeal the one that the appeal is against. nil for the first.
func (c Case) Prior(n int) *policy.Decision {
	for _, verdict := range slices.Backward(c.Verdicts()[:n]) {
		if !verdict.Receipt() {
			return &verdict
		}
	}
	return nil
}

// Appealing reports whether the case waits for the answer to an appeal.
func (c Case) Appealing() bool { return c.Appeal != nil && c.Appeal.Finding == "" }

// AppealTally counts what became of the appeals against declines by one clause.
type AppealTally struct {
	Policy     string
	Clause     string
	Upheld     int
	Overturned int
}

// AppealFinding is one appeal that was answered, to be counted with the clause that it was against.
type AppealFinding struct {
	Policy  string
	Clause  string
	Finding Finding
}

// withFinding returns the effect with what it makes of an open appeal: a case that leaves review
// answers it.
func (e Effect) withFinding() Effect {
	if !e.Case.Appealing() || e.Case.State == StateInReview {
		return e
	}
	appeal := *e.Case.Appeal
	appeal.Finding = FindingOverturned
	if e.Case.State == StateDeclined {
		appeal.Finding = FindingUpheld
	}
	e.Case.Appeal = &appeal
	first := e.Case.First()
	e.Finding = &AppealFinding{Policy: first.Policy.Name, Clause: first.Clause, Finding: appeal.Finding}
	return e
}

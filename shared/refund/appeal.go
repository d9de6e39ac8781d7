package refund

import (
	"context"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/origin"
	"makegood/shared/policy"
	"makegood/shared/text"
)

// MaxAppeals is how many appeals a customer may make in a day by their own token: see MaxClaims.
const MaxAppeals = 20

// The codes of an appeal that is not taken, and of a ruling on one that is not.
const (
	CodeNotDeclined     = "not_declined"     // there is no decline to appeal against
	CodeAlreadyAppealed = "already_appealed" // each case takes one appeal
	CodeAppealLate      = "appeal_late"      // the policy's window is over
	CodeNoAppeal        = "no_appeal"        // the policy takes none
	CodeSameReviewer    = "same_reviewer"    // who gave the first answer may not give the second
)

// Finding is the outcome of an appeal.
type Finding string

// The findings; the zero value is an appeal that nobody has ruled on.
const (
	FindingUpheld     Finding = "upheld"     // the case is declined again
	FindingOverturned Finding = "overturned" // it is approved after all
)

// Appeal is an objection to a declined case: each case takes one. Its words lie in Case.Statement,
// where they can be erased with the rest.
type Appeal struct {
	// At is when it was made.
	At time.Time
	// Origin is the request that made it.
	Origin origin.Origin
	// Ruling is staff's ruling that the appeal is against, nil where the policy declined.
	Ruling *Ruling
	// Reviewer is the operator key that declined, "" where the policy did: another must answer.
	Reviewer string
	// Finding is the outcome, "" while nobody has answered.
	Finding Finding
}

// AppealOrder is an appeal as somebody makes it.
type AppealOrder struct {
	// Words is what they object.
	Words string
	// Principal is the caller.
	Principal string
	// Key is the caller's idempotency key.
	Key string
	// Actor is what the caller is: one of the ledger's actors.
	Actor string
	// By is the name of the operator key, where staff appeal for the customer.
	By string
	// See returns an error where the caller may not know of the case's customer; nil: they may know
	// of all.
	See func(customer ledger.CustomerID) error
}

// Appealer takes appeals.
// Why: infra/decisions/0029.
type Appealer struct {
	// Store finds the case and records the appeal.
	Store Appeals
	// Policy is the stack's.
	Policy Policy
	// Requests is the queue of the decider.
	Requests Requests
}

// Appeals is what an appeal needs of a store.
type Appeals interface {
	// FindCase returns the case by a consistent read, nil when there is none.
	FindCase(ctx context.Context, id CaseID) (*Case, error)
	// RecordAppeal writes the case with its appeal, and the appeal's words to Asked. A most above 0
	// counts the appeal among its customer's of that day (UTC) in the same commit.
	//
	// KindStale when the case or its Asked has changed since before was read. KindThrottled when
	// the customer has made most appeals that day.
	RecordAppeal(ctx context.Context, before, after Case, most int) error
}

// Appeal puts a declined case before staff once more, in one commit, and requests the receipt for
// the customer. A replay gets its first answer.
//
// Errors:
//   - KindInvalid: words.
//   - KindNotFound, KindBusy.
//   - KindConflict: CodeNotDeclined, CodeAlreadyAppealed, CodeAppealLate, CodeNoAppeal,
//     idempotency_key_reused.
//   - KindThrottled: a customer's MaxAppeals that day.
func (a Appealer) Appeal(ctx context.Context, id CaseID, order AppealOrder, now time.Time) (Opened, error) {
	if err := text.Check("words", order.Words, MaxWords); err != nil {
		return Opened{}, err
	}
	answer, err := fault.RetryFor(ctx, func(ctx context.Context) (Opened, error) {
		return a.attempt(ctx, id, order, now)
	})
	if err != nil {
		return Opened{}, err
	}
	// Nothing is to be decided. But the decider sends what is due on a case, and now that is the
	// receipt. A replay requests it again: the first send may have failed.
	err = a.Requests.Request(ctx, message.NewCaseRequested(string(id), "", ""))
	return answer, fault.At("refund.Appeal: request receipt", string(id), err)
}

// attempt reads the case and writes the appeal on it, once.
func (a Appealer) attempt(ctx context.Context, id CaseID, order AppealOrder, now time.Time) (Opened, error) {
	c, err := a.Store.FindCase(ctx, id)
	if err != nil {
		return Opened{}, fault.At("refund.Appeal: find case", string(id), err)
	}
	if c == nil {
		return Opened{}, fault.NotFound("case")
	}
	// Before anything is said of the case: another's must look like none at all.
	if order.See != nil {
		if err := order.See(c.Customer); err != nil {
			return Opened{}, err
		}
	}
	answer := Opened{Case: id, State: StateInReview}
	request := origin.Of(order.Principal, order.Key, string(id), order.Words)
	// A replay gets its answer before the state is checked: the appeal may be answered by now.
	if current := c.Appeal; current != nil {
		if answer.Replayed, err = current.Origin.Replays(request); err == nil && !answer.Replayed {
			err = c.refusal(CodeAlreadyAppealed, "the case was appealed before: each can be once")
		}
		return answer, err
	}
	if err := c.appealable(a.Policy, now); err != nil {
		return Opened{}, err
	}
	// Only the customer's own token is bounded.
	most := 0
	if order.Actor == ledger.ActorCustomer {
		most = MaxAppeals
	}
	err = a.Store.RecordAppeal(ctx, *c, c.appeal(order, request, a.Policy, now), most)
	return answer, fault.At("refund.Appeal: record appeal", string(id), err)
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

// refusal returns the KindConflict error of an appeal, or of a ruling on one, that is not taken.
func (c Case) refusal(code, detail string) error {
	return &fault.Error{Kind: fault.KindConflict, Code: code, Detail: detail, Case: string(c.ID)}
}

// AppealUntil returns the last instant at which the case may be appealed. Zero where it may not be:
// it is not declined, was appealed before, or its policy takes no appeals.
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

// revisionOf returns the revision that gave the case's answer. Where its file is gone, it is the
// one in force when the case was opened.
func revisionOf(c Case, revisions Policy) policy.Revision {
	if rev, ok := revisions.Of(c.Decision.Policy); ok {
		return rev
	}
	return revisions.At(c.OpenedAt)
}

// declined returns the line with which the case came to be declined. Later lines of that state only
// note what became of money.
func (c Case) declined() Event {
	var line Event
	for i, event := range c.History {
		if event.State == StateDeclined && (i == 0 || c.History[i-1].State != StateDeclined) {
			line = event
		}
	}
	return line
}

// appeal returns the case in review by the appeal. Asked is copied: the case that was read keeps
// its own, as the condition of the commit.
func (c Case) appeal(order AppealOrder, request origin.Origin, revisions Policy, now time.Time) Case {
	var statement Statement
	if c.Statement != nil {
		statement = *c.Statement
	}
	statement.Appeal = order.Words
	receipt := policy.Appeal(revisionOf(c, revisions), c.Kind, now)
	c.Appeal = &Appeal{At: now, Origin: request, Ruling: c.Ruling, Reviewer: c.declined().By}
	// The ruling moves into the appeal: the case waits for a new one.
	c.Statement, c.Ruling = &statement, nil
	line := Event{Actor: order.Actor, Note: "appealed"}
	if order.Actor == ledger.ActorStaff {
		line.By = order.By
	}
	return c.decide(receipt, line, now)
}

// First returns the answer that the case's appeal is against, the zero Decision where there is no
// appeal.
func (c Case) First() policy.Decision {
	for _, verdict := range slices.Backward(c.Earlier) {
		if c.Appeal != nil && verdict.Outcome == policy.OutcomeDeclined {
			return verdict
		}
	}
	return policy.Decision{}
}

// Prior returns the verdict that the case's nth verdict, counted from 0, replaced; nil for the
// first. The receipt of an appeal answers nothing, so it is passed over: a ruling on an appeal
// replaced the decline before.
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

// AppealTally counts the outcomes of appeals against declines by one clause.
type AppealTally struct {
	// Policy is the policy's name.
	Policy string
	// Clause is the clause that declined.
	Clause string
	// Upheld is how many cases were declined again.
	Upheld int
	// Overturned is how many were approved after all: a clause with many of them is too strict.
	Overturned int
}

// AppealFinding is the outcome of one appeal, to be added to the tally of its clause.
type AppealFinding struct {
	// Policy is the name of the policy that declined.
	Policy string
	// Clause is the clause that declined.
	Clause string
	// Finding is the outcome.
	Finding Finding
}

// withFinding returns the effect with the outcome of an open appeal. A case that leaves review
// answers its appeal.
func (e Effect) withFinding() Effect {
	if !e.Case.Appealing() || e.Case.State == StateInReview {
		return e
	}
	// A copy: Before shares the appeal, and must stay as it was read.
	appeal := *e.Case.Appeal
	appeal.Finding = FindingOverturned
	if e.Case.State == StateDeclined {
		appeal.Finding = FindingUpheld
	}
	e.Case.Appeal = &appeal
	// The tally blames the clause that declined, not the one that staff answer with.
	first := e.Case.First()
	e.Finding = &AppealFinding{Policy: first.Policy.Name, Clause: first.Clause, Finding: appeal.Finding}
	return e
}

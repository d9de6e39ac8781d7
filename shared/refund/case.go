// Package refund owns the case: one refund matter from request to close, and the only room that
// decides to give credits back.
//
// It refuses to know the rules (policy decides, from facts) and how money or words travel
// (payment-refunds, notices).
//
// Invariants: a case's id derives from its kind and subject, so one matter has one case whatever
// asked for it and however often; verdict and effect are one transaction; a recorded verdict is
// what a replay gets, and changes only by staff's ruling on a case in review, where one is again
// whose money did not go back, or that was appealed; what the customer said is kept apart from what
// our records say, in one place that can be erased.
//
// Words: case, request (a question: "is this to be given back?"), report (a bad result), claim
// (about a purchase), facts (what is on record), ruling (what staff decided on a case in review),
// verdict (a policy.Decision that is recorded), appeal (an objection to a decline, once for a
// case), notice.
package refund

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

// CaseID names a case: "cas_", the customer's key, and a hash of kind and subject.
type CaseID string

const caseIDPrefix = "cas_"

// failedPayTerm is when staff should have looked at a case whose money did not go back.
const failedPayTerm = 24 * time.Hour

// NewCaseID returns the id of the case of that kind about the subject (a generation, an output of
// one, a payment).
func NewCaseID(customerKey string, kind policy.Kind, subject string) CaseID {
	return CaseID(ledger.NewOwnedID(caseIDPrefix, customerKey, string(kind), subject))
}

// FailureCaseID returns the id of the case about the generation's failure.
func FailureCaseID(id generation.ID) CaseID {
	return NewCaseID(id.CustomerKey(), policy.KindTechnicalFailure, string(id))
}

// ReportCaseID returns the id of the case about a bad result: one for each output of a generation,
// counted from 0.
func ReportCaseID(id generation.ID, output int) CaseID {
	return NewCaseID(id.CustomerKey(), policy.KindBadResult, string(id)+"/"+strconv.Itoa(output))
}

// DuplicateCaseID returns the id of the case of a double charge about the payment, claimed or not.
func DuplicateCaseID(p payment.Payment) CaseID {
	return NewCaseID(p.Customer().Key(), policy.KindDuplicateCharge, string(p.ID))
}

// outageCaseID returns the id of the case about a payment and a declared outage, which its run
// makes or a claim that names both: each outage its own.
func outageCaseID(customer ledger.CustomerID, outageID string, paymentID payment.ID) CaseID {
	return NewCaseID(customer.Key(), policy.KindOutage, string(paymentID)+"/"+outageID)
}

// CaseIDsOf returns the ids of all cases that can be about the generation, opened or not: that of
// its failure first, then those of its outputs.
func CaseIDsOf(g generation.Generation) []CaseID {
	ids := []CaseID{FailureCaseID(g.ID)}
	for output := range g.Outputs {
		ids = append(ids, ReportCaseID(g.ID, output))
	}
	return ids
}

// ParseCaseID returns the id, or KindNotFound for what can be no case's id.
func ParseCaseID(s string) (CaseID, error) {
	if !ledger.IsOwnedID(caseIDPrefix, s) {
		return "", fault.NotFound("case")
	}
	return CaseID(s), nil
}

// CustomerKey returns the key of the customer whose case it is. The id must be one of ours.
func (id CaseID) CustomerKey() string { return ledger.OwnerKey(string(id)) }

// State is where a case stands.
type State string

// The states; the zero value is invalid.
const (
	StateReceived State = "received" // asked, and not decided yet
	StateInReview State = "in_review"
	StateApproved State = "approved"
	StateDeclined State = "declined"
	StatePaying   State = "paying" // approved, and the money is on its way
	StateClosed   State = "closed" // the customer has the money
)

// Event is one line of a case's history: what happened and by whom. By is the name of the operator
// key, of staff's lines alone.
type Event struct {
	At    time.Time `json:"at"`
	State State     `json:"state"`
	Actor string    `json:"actor"`
	By    string    `json:"by,omitempty"`
	Note  string    `json:"note,omitempty"`
}

// Case is one refund matter. Decision and Notice appear in one commit; ToldAt is when the customer
// was told.
type Case struct {
	ID         CaseID
	Kind       policy.Kind
	Customer   ledger.CustomerID
	Generation string // of the kinds about a generation
	Output     int    // of a bad result: which output, from 0
	Payment    string // of a claim: the payment that it names, maybe none of ours, "" when it names none; the one that money goes back of
	Outage     string // of a case that a declared outage made, or a claim that names one: which
	Locale     string // the language that the customer reads, "" where it is not known
	State      State
	Origin     Origin
	Asked      *Asked // what was said; nil when nobody asked (a failure), or when it was erased
	// Candidates are the payments that a double charge may be among, the case's own first, or that
	// a claim may be about where none of them decided itself: staff may rule on any of them.
	Candidates []Candidate
	// Known is what was known of the customer at the verdict: standing and the counts of the last
	// 30 days. nil before it.
	Known     *policy.CustomerFacts
	Decision  *policy.Decision
	Earlier   []policy.Decision // the verdicts that stood before Decision, oldest first; each keeps what it rests on
	Appeal    *Appeal           // nil while nobody appealed
	Overruled []Ruling          // the rulings that did not come to stand, oldest first: each keeps its answer
	Ruling    *Ruling           // recorded, and carried out once State has left in_review
	Returned  *Returned         // what became of credits that were given back
	ReviewBy  time.Time         // while it waits for staff: when its answer is due, as promised or after reviewAfter; else zero
	Notice    string            // what the customer is told: the decision's notice, numbered after one of money that did not go back
	History   []Event
	OpenedAt  time.Time
	ToldAt    time.Time
	Todo      todo.List
	Attempts  int

	give outage.Give // of a case that an outage's run makes, until its verdict
}

// Candidate is a payment that a case may be about, as it was at the verdict. Customer is whose it
// is, "" where it names nobody.
type Candidate struct {
	Payment   payment.ID        `json:"payment"`
	Customer  ledger.CustomerID `json:"customer,omitempty"`
	Package   string            `json:"package"`
	Amount    money.Amount      `json:"amount"`
	OrderedAt time.Time         `json:"ordered_at"`
	PaidAt    time.Time         `json:"paid_at"`
}

// CandidateOf returns the payment, which must have a purchase, as a case may be about it.
func CandidateOf(p payment.Payment) Candidate {
	b := p.Purchase
	return Candidate{Payment: p.ID, Customer: b.Customer, Package: b.Package, Amount: b.Money(), OrderedAt: b.OrderedAt, PaidAt: b.PaidAt}
}

// Asked is what the person who asked said: all of it is their word, none of it is on record
// elsewhere. It may hold personal text, so it lies here and nowhere else.
type Asked struct {
	Description string            `json:"description,omitempty"`
	Issue       policy.Issue      `json:"issue,omitempty"`
	Usage       policy.UsageFacts `json:"usage,omitzero"`
	Claim       *Claim            `json:"claim,omitempty"`
	Appeal      string            `json:"appeal,omitempty"` // the words of the appeal
}

// Origin is the request that opened a case, as far as a repeat of it must be told from another:
// hashes of the caller's idempotency key and of the input. Zero for a case that nobody asked for.
type Origin struct {
	Key   string `json:"key"`
	Input string `json:"input"`
}

// Ruling is what staff decided on a case in review. By is the name of the operator key; Payment is
// the one that they ruled on, "" for the case's own. Why: infra/decisions/0026.
type Ruling struct {
	policy.Ruling
	Payment payment.ID `json:"payment,omitempty"`
	By      string     `json:"by,omitempty"`
	Note    string     `json:"note"`
	Origin  Origin     `json:"origin"`
	At      time.Time  `json:"at"`
}

// Returned says what became of the credits of an approved case: restored to live lots, come back
// with a new term, or expired with their lot.
type Returned struct {
	Restored ledger.Credits `json:"restored,omitempty"`
	Extended ledger.Credits `json:"extended,omitempty"`
	Expired  ledger.Credits `json:"expired,omitempty"`
}

// Waiting reports whether the case waits for staff: only then it stands in their list.
func (c Case) Waiting() bool { return c.State == StateInReview && c.Ruling == nil }

// Position returns the case's place in the list of those that wait for staff.
func (c Case) Position() ReviewPosition {
	return ReviewPosition{At: c.ReviewBy.UnixMilli(), Case: c.ID}
}

// stateOf returns the state that a verdict puts a case in.
func stateOf(verdict policy.Ruling) State {
	switch verdict.Outcome {
	case policy.OutcomeApproved:
		switch policy.ArmOf(verdict.Remedy) {
		case policy.ArmMoney:
			return StatePaying // closed once the customer has it
		case policy.ArmCredits:
		}
		return StateApproved // credits come in the same commit
	case policy.OutcomeDeclined:
		return StateDeclined
	default:
		return StateInReview
	}
}

// decide returns the case with the verdict, its line of history, and the notice it owes. The event
// says by whom, and why.
func (c Case) decide(verdict policy.Decision, event Event, now time.Time) Case {
	if c.Decision != nil {
		c.Earlier = append(slices.Clip(c.Earlier), *c.Decision)
	}
	c.State, c.Decision, c.Notice = stateOf(policy.Ruling{Outcome: verdict.Outcome, Remedy: verdict.Remedy}), &verdict, c.notice(verdict.Notice)
	event.At, event.State = now, c.State
	c.History = append(slices.Clip(c.History), event)
	c.ReviewBy = time.Time{}
	if c.State == StateInReview {
		c.ReviewBy = c.answerDue()
	}
	c.Todo, c.Attempts, c.ToldAt = todo.List{todo.StepNotice: c.noticeDue(now)}, 0, time.Time{}
	c.give = ""
	return c
}

// Verdicts returns every verdict that came to stand, oldest first: none for a case that is not
// decided.
func (c Case) Verdicts() []policy.Decision {
	if c.Decision == nil {
		return nil
	}
	return append(slices.Clip(c.Earlier), *c.Decision)
}

// notice returns the notice of a new verdict as the case tells it. Each is told once, so one that
// follows a promise of money, or an appeal, is another, though its name is the same.
func (c Case) notice(name string) string {
	turns := 1
	for _, event := range c.History {
		if event.State == StatePaying {
			turns++
		}
	}
	if c.Appeal != nil {
		turns++
	}
	if turns == 1 {
		return name
	}
	return fmt.Sprintf("%s.%d", name, turns)
}

// answerDue returns when a case in review is due: as the policy promised, or after a term of ours
// where it promised nothing.
func (c Case) answerDue() time.Time {
	if c.Decision.RespondBy != nil {
		return *c.Decision.RespondBy
	}
	if c.Appealing() {
		return c.Appeal.At.Add(reviewAfter)
	}
	return c.OpenedAt.Add(reviewAfter)
}

// follow returns the case as the money of it has it: closed once the customer has it, in review
// again once they will not have it.
func (c Case) follow(progress payment.Progress, now time.Time) Case {
	event, news := Event{At: now, State: StateClosed, Actor: ledger.ActorSystem}, MessagePaid
	switch progress {
	case payment.ProgressPaid:
		event.Note = "the money went back"
	case payment.ProgressExternal:
		event.Note = "the money had gone back already"
	default:
		event.State, event.Note = StateInReview, "the money did not go back: a person will look again"
		news = MessageFailed
	}
	switch {
	case c.State == StatePaying || c.State == StateClosed || c.State == StateInReview && event.State == StateClosed:
		if c.State != event.State {
			c.Todo, c.Attempts = c.owe(Message{Type: news}, now), 0
		}
		c.State, c.ReviewBy, c.Todo = event.State, time.Time{}, maps.Clone(c.Todo)
		delete(c.Todo, todo.StepRefund) // of a ruling that came too late
		if c.State == StateInReview {
			c = c.overrule()
			c.ReviewBy = now.Add(failedPayTerm)
		}
	default: // staff decided otherwise meanwhile, or have it before them: it is noted for them
		event.State = c.State
	}
	c.History = append(c.History[:len(c.History):len(c.History)], event)
	return c
}

// reopen returns the case in review again, without the ruling that could not be carried out but
// with its note. It owes the notice of the review still, where the ruling came before that was
// told, and that its money failed, where that was not told.
func (c Case) reopen(now time.Time) Case {
	c.History = append(c.History[:len(c.History):len(c.History)],
		Event{At: c.Ruling.At, State: StateInReview, Actor: ledger.ActorStaff, By: c.Ruling.By, Note: c.Ruling.Note},
		Event{At: now, State: StateInReview, Actor: ledger.ActorSystem, Note: "what is on record has changed: a person will look again"},
	)
	c = c.overrule()
	steps := maps.Clone(c.Todo)
	delete(steps, todo.StepRefund)
	if c.ToldAt.IsZero() {
		steps[todo.StepNotice] = now.Add(todo.Resend)
	}
	c.ReviewBy, c.Todo, c.Attempts = c.answerDue(), steps, 0
	return c.await(now.Add(todo.Resend))
}

// overrule returns the case without the ruling, which is kept among those that did not come to
// stand.
func (c Case) overrule() Case {
	if c.Ruling != nil {
		c.Overruled, c.Ruling = append(slices.Clip(c.Overruled), *c.Ruling), nil
	}
	return c
}

// noticeDue returns when an untold verdict is overdue: the instant that the case is due anyway,
// while that leaves the message half its time and no more than that, since an instant that stays
// costs no index write.
func (c Case) noticeDue(now time.Time) time.Time {
	if rest := c.Todo.Due().Sub(now); rest >= todo.Resend/2 && rest <= todo.Resend {
		return c.Todo.Due()
	}
	return now.Add(todo.Resend)
}

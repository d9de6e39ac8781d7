package refund

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/text"
	"makegood/shared/todo"
)

// MaxNote bounds the note of a ruling, in characters.
const MaxNote = 500

// MaxRulings bounds how many rulings of a case may fail to come to stand: each is kept with its
// answer, at most 2 KB. Past it only a refusal is taken, which always stands; an approval gets
// CodeTooManyRulings.
const MaxRulings = 20

// CodeTooManyRulings is the code of an approval past MaxRulings.
const CodeTooManyRulings = "too_many_rulings"

// Reviewer takes what staff rule on cases in review. It records the ruling, which is final, and
// leaves it to the decider to carry it out: verdict and effect are one transaction there. Livemode
// is the mode whose payments count, nil where either does. Why: infra/decisions/0011.
type Reviewer struct {
	Store    Reviews
	Policy   func() (Policy, error)
	Livemode *bool
	Requests Requests
}

// RulingOrder is a ruling as staff give it. Remedy nil: the kind's own default. Payment is the one
// that it is about: one of the case's candidates, or, of a claim, another that names its customer,
// or nobody; "" for the case's own payment, or its only candidate. By is the name of the operator
// key; Principal and Key are the caller and its idempotency key.
type RulingOrder struct {
	Ruling    policy.Ruling
	Payment   payment.ID
	Note      string
	By        string
	Principal string
	Key       string
}

// Rule records the ruling on a case in review, once: whoever comes second gets KindConflict
// already_decided with the case. A repeat gets its first answer and moves nothing, whatever came
// since. State is where the ruling takes the case; the case shows it once it is carried out. An
// open appeal is answered by another name than the one that gave the first answer:
// CodeSameReviewer.
//
// Other errors: KindInvalid (note, outcome, payment, remedy…: never more than was charged),
// KindNotFound, KindConflict idempotency_key_reused for another ruling under the key, not_possible
// with what waits where the record forbids it, CodeTooManyRulings; KindBusy (also for a case that
// the policy has not looked at yet).
func (r Reviewer) Rule(ctx context.Context, id CaseID, order RulingOrder, now time.Time) (Opened, error) {
	note := strings.TrimSpace(order.Note)
	if err := text.Check("note", note, MaxNote); err != nil {
		return Opened{}, err
	}
	if err := order.Ruling.Validate(); err != nil {
		return Opened{}, err
	}
	ruling := Ruling{
		Ruling: order.Ruling, Payment: order.Payment, Note: note, By: order.By, At: now,
		Origin: originOf(order.Principal, order.Key, string(id), note, inJSON(order.Ruling), string(order.Payment)),
	}
	var opening Opened
	var c Case
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		opening, c, err = r.attempt(ctx, id, ruling, now)
		return err
	})
	if err != nil || opening.Replayed && (c.State != StateInReview || c.Ruling == nil) {
		return opening, err
	}
	return opening, r.Requests.Request(ctx, message.NewCaseRequested(string(id), c.Generation, c.Payment))
}

// attempt returns the answer and the case as it was read.
func (r Reviewer) attempt(ctx context.Context, id CaseID, ruling Ruling, now time.Time) (Opened, Case, error) {
	snapshot, err := load(ctx, r.Store, Subject{Case: id})
	if err != nil {
		return Opened{}, Case{}, fault.At("refund.Rule: load", string(id), err)
	}
	if snapshot.Case == nil {
		return Opened{}, Case{}, fault.NotFound("case")
	}
	c := *snapshot.Case
	// A replay is answered before anything is checked: the case may be decided by it.
	if opening, err := c.replayRuling(ruling.Origin); opening.Replayed || err != nil {
		return opening, c, err
	}
	if err := c.open(ruling); err != nil {
		return Opened{}, c, err
	}
	revisions, err := r.Policy()
	if err != nil {
		return Opened{}, c, fault.At("refund.Rule: open policy", string(id), err)
	}
	// The ruling is tried as it will be carried out, so that what cannot be is refused here.
	v := decision{at: now, published: revisions, rules: payment.Rules{Catalog: revisions, Livemode: r.Livemode}, snapshot: snapshot, c: c}
	v.c.Ruling = &ruling
	outcome, err := v.rule(ctx, r.Store)
	if err != nil {
		return Opened{}, c, notPossible(err)
	}
	ruling.Remedy = outcome.verdict.Remedy
	opening := Opened{Case: id, State: stateOf(ruling.Ruling)}
	err = r.Store.RecordRuling(ctx, c, ruling, now.Add(todo.Resend))
	return opening, c, fault.At("refund.Rule: record ruling", string(id), err)
}

// notPossible returns the refusal of a ruling as staff see it: what the record forbids is
// not_possible, with what stands in the way.
func notPossible(err error) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Kind != fault.KindConflict || refusal.Code == fault.CodeNotPossible {
		return err
	}
	forbidden := fault.Errorf(fault.KindConflict, fault.CodeNotPossible, "%s", refusal.Detail)
	forbidden.Waits = refusal.Code
	return forbidden
}

// replayRuling returns the first answer where the request repeats a ruling of the case, whether
// that came to stand or not; one that is not Replayed where it repeats none.
func (c Case) replayRuling(request Origin) (Opened, error) {
	rulings := slices.Clone(c.Overruled)
	if c.Appeal != nil && c.Appeal.Ruling != nil {
		rulings = append(rulings, *c.Appeal.Ruling)
	}
	if c.Ruling != nil {
		rulings = append(rulings, *c.Ruling)
	}
	for _, prior := range rulings {
		if same, err := prior.Origin.replays(request); same || err != nil {
			return Opened{Case: c.ID, State: stateOf(prior.Ruling), Replayed: same}, err
		}
	}
	return Opened{}, nil
}

// mayBe reports whether the case may be about the payment, which is nil where it is not on record:
// one of the candidates, or, of a claim, any that names its customer, or nobody.
func (c Case) mayBe(id payment.ID, p *payment.Payment) bool {
	if slices.ContainsFunc(c.Candidates, func(candidate Candidate) bool { return candidate.Payment == id }) {
		return true
	}
	return c.Kind.AboutPurchase() && p != nil && (p.Customer() == c.Customer || p.Customer() == "")
}

// open returns an error where the case takes no such ruling any more, or not yet.
func (c Case) open(ruling Ruling) error {
	switch {
	case c.State == StateReceived:
		return fault.Busy(fmt.Errorf("refund: the policy has not decided %s yet", c.ID))
	case !c.Waiting():
		return c.alreadyDecided()
	case c.Appealing() && c.Appeal.Reviewer != "" && c.Appeal.Reviewer == ruling.By:
		return c.refusal(CodeSameReviewer, "the first answer was yours: another of staff answers the appeal")
	case len(c.Overruled) >= MaxRulings && ruling.Outcome == policy.OutcomeApproved:
		return fault.Errorf(fault.KindConflict, CodeTooManyRulings, "%d rulings of the case did not come to stand: it can only be declined", MaxRulings)
	}
	return nil
}

func (c Case) alreadyDecided() error {
	return &fault.Error{Kind: fault.KindConflict, Code: fault.CodeAlreadyDecided, Detail: "the case is decided", Case: string(c.ID)}
}

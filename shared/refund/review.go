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
	"makegood/shared/origin"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/text"
	"makegood/shared/todo"
)

// MaxNote bounds the note of a ruling, in characters.
const MaxNote = 500

// MaxRulings bounds how many rulings of a case may be overruled: each is kept with its answer, at
// most 2 KB. Past it only a decline is taken, which can always be carried out. An approval gets
// CodeTooManyRulings.
const MaxRulings = 20

// CodeTooManyRulings is the code of an approval past MaxRulings.
const CodeTooManyRulings = "too_many_rulings"

// Reviewer takes staff's rulings on cases in review. It only records the ruling, which is final.
// The decider carries it out: there verdict and effect are one transaction. Why:
// infra/decisions/0011.
type Reviewer struct {
	// Store reads the case and records the ruling.
	Store Reviews
	// Policy is the stack's.
	Policy Policy
	// Livemode is the mode whose payments count, nil where both do.
	Livemode *bool
	// Requests is the queue of the decider.
	Requests LaterRequests
}

// RulingOrder is a ruling as staff give it.
type RulingOrder struct {
	// Ruling is the outcome, with its remedy; a nil remedy is the kind's own default.
	Ruling policy.Ruling
	// Payment is the payment that the ruling is about: one of the case's candidates. A claim may
	// also be ruled on any payment that names its customer, or nobody. "" for the case's own
	// payment, or its only candidate.
	Payment payment.ID
	// Note is why, in staff's words.
	Note string
	// By is the name of the operator key, or of the person.
	By string
	// Principal is the caller.
	Principal string
	// Key is the caller's idempotency key.
	Key string
	// TakeBack lets the caller take the ruling back for TakeBackWindow: it is carried out only
	// then. Else it is carried out at once.
	TakeBack bool
	// NoMoney is what the caller is answered where the ruling gives money back, nil where they may.
	NoMoney error
}

// Rule records the ruling on a case in review, once. A replay gets its first answer and moves
// nothing, whatever came since. The answer's State is where the ruling takes the case; the case
// itself gets there once the ruling is carried out.
//
// Where the policy in force asks for a second person, the ruling is proposed: the answer names the
// proposal, and nothing moves until Answer confirms it.
//
// Errors:
//   - KindInvalid: note, outcome, payment, remedy (never more than was charged).
//   - KindNotFound.
//   - KindConflict: already_decided with the case, where another ruling came first; CodeProposed,
//     where one waits for a second person;
//     idempotency_key_reused; not_possible with what stands in the way, where the record forbids
//     it; CodeSameReviewer, where who declined would answer the appeal; CodeTooManyRulings.
//   - NoMoney of the order.
//   - KindBusy, also while the policy has not decided the case yet.
func (r Reviewer) Rule(ctx context.Context, id CaseID, order RulingOrder, now time.Time) (Opened, error) {
	note := strings.TrimSpace(order.Note)
	if err := text.Check("note", note, MaxNote); err != nil {
		return Opened{}, err
	}
	if err := order.Ruling.Validate(); err != nil {
		return Opened{}, err
	}
	// The origin holds all that the ruling says: the same key with another ruling is refused, not
	// taken for a replay.
	ruling := Ruling{
		Ruling: order.Ruling, Payment: order.Payment, Note: note, By: order.By, At: now,
		Origin: origin.Of(order.Principal, order.Key, string(id), note, inJSON(order.Ruling), string(order.Payment)),
	}
	if order.TakeBack {
		ruling.EffectiveAt = now.Add(TakeBackWindow)
	}
	var answer Opened
	var c Case
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		answer, c, err = r.attempt(ctx, id, ruling, order.NoMoney, now)
		return err
	})
	if err != nil || answer.Proposal != "" {
		return answer, err
	}
	return answer, fault.At("refund.Rule: request decision", string(id), r.request(ctx, c, now))
}

// request requests the decision while a ruling is still to be carried out. A replay does so again:
// the first send may have failed.
func (r Reviewer) request(ctx context.Context, c Case, now time.Time) error {
	if c.State != StateInReview || c.Ruling == nil {
		return nil
	}
	return r.Requests.RequestAfter(ctx, message.NewCaseRequested(string(c.ID), c.Generation, c.Payment), max(0, c.Ruling.EffectiveAt.Sub(now)))
}

// attempt records the ruling on the case as it is now. It returns the answer, and the case with
// its ruling.
func (r Reviewer) attempt(ctx context.Context, id CaseID, ruling Ruling, noMoney error, now time.Time) (Opened, Case, error) {
	snapshot, err := r.load(ctx, id)
	if err != nil {
		return Opened{}, Case{}, err
	}
	c := *snapshot.Case
	// A replay is answered before anything is checked: the case may be decided by it.
	if answer, err := c.replayRuling(ruling.Origin); answer.Replayed || err != nil {
		return answer, c, err
	}
	if c.Waiting() && c.Proposed != nil {
		return Opened{}, c, c.refusal(CodeProposed, "a ruling of "+c.Proposed.By+" waits for a second person: confirm it or send it back first")
	}
	outcome, err := r.try(ctx, snapshot, ruling, noMoney, now)
	if err != nil {
		return Opened{}, c, err
	}
	// A remedy left to the kind's default is recorded as it was tried: that is what staff approved.
	ruling.Remedy = outcome.verdict.Remedy
	if outcome.needsSecond() {
		answer, err := r.propose(ctx, c, ruling)
		return answer, c, err
	}
	answer := Opened{Case: id, State: stateOf(ruling.Ruling)}
	err = r.Store.RecordRuling(ctx, c, ruling, ruling.due(now, todo.Resend))
	c.Ruling = &ruling
	return answer, c, fault.At("refund.Rule: record ruling", string(id), err)
}

// load reads all that a ruling on the case rests on, KindNotFound where there is no such case.
func (r Reviewer) load(ctx context.Context, id CaseID) (Snapshot, error) {
	snapshot, err := load(ctx, r.Store, Subject{Case: id})
	if err == nil && snapshot.Case == nil {
		return Snapshot{}, fault.NotFound("case")
	}
	return snapshot, fault.At("refund.Rule: load", string(id), err)
}

// try returns the decision that the ruling comes to now, with its effect: it is tried as it will be
// carried out, so that what cannot be is refused here. One that gives money back is refused with
// noMoney, unless that is nil. It commits nothing.
func (r Reviewer) try(ctx context.Context, snapshot Snapshot, ruling Ruling, noMoney error, now time.Time) (decision, error) {
	c := *snapshot.Case
	if err := c.open(ruling.Outcome, ruling.By); err != nil {
		return decision{}, err
	}
	v := decision{at: now, published: r.Policy, rules: payment.Rules{Catalog: r.Policy, Livemode: r.Livemode}, snapshot: snapshot, c: c}
	v.c.Ruling = &ruling
	outcome, err := v.rule(ctx, r.Store)
	if err == nil && noMoney != nil && outcome.money() {
		return decision{}, noMoney
	}
	return outcome, notPossible(err)
}

// notPossible returns the refusal of a ruling as staff see it. A conflict becomes not_possible, and
// its own code says what stands in the way. Other errors stay as they are.
func notPossible(err error) error {
	var refusal *fault.Error
	if !errors.As(err, &refusal) || refusal.Kind != fault.KindConflict || refusal.Code == fault.CodeNotPossible {
		return err
	}
	forbidden := fault.Errorf(fault.KindConflict, fault.CodeNotPossible, "%s", refusal.Detail)
	forbidden.Waits = refusal.Code
	return forbidden
}

// replayRuling returns the first answer to a request that is a replay of any ruling of the case,
// the overruled ones included. An answer that is not Replayed: the request is a new one.
func (c Case) replayRuling(request origin.Origin) (Opened, error) {
	for _, prior := range c.rulings() {
		if same, err := prior.Origin.Replays(request); same || err != nil {
			answer := Opened{Case: c.ID, State: stateOf(prior.Ruling), Replayed: same}
			if prior.Second != nil {
				answer.State, answer.Proposal = StateInReview, prior.Proposal()
			}
			return answer, err
		}
	}
	return Opened{}, nil
}

// rulings returns every ruling of the case: the overruled ones, the one that was moved into the
// appeal against it, the proposed one, and the latest.
func (c Case) rulings() []Ruling {
	rulings := slices.Clone(c.Overruled)
	if c.Appeal != nil && c.Appeal.Ruling != nil {
		rulings = append(rulings, *c.Appeal.Ruling)
	}
	for _, current := range []*Ruling{c.Proposed, c.Ruling} {
		if current != nil {
			rulings = append(rulings, *current)
		}
	}
	return rulings
}

// mayBe reports whether staff may rule that the case is about the payment: one of the candidates,
// or, for a claim, any payment on record that names its customer, or nobody. p is nil where the
// payment is not on record.
func (c Case) mayBe(id payment.ID, p *payment.Payment) bool {
	if slices.ContainsFunc(c.Candidates, func(candidate Candidate) bool { return candidate.Payment == id }) {
		return true
	}
	return c.Kind.AboutPurchase() && p != nil && (p.Customer() == c.Customer || p.Customer() == "")
}

// open returns an error where the case takes no such ruling of that person any more, or not yet.
func (c Case) open(outcome policy.Outcome, by string) error {
	switch {
	// A ruling before the policy's verdict would have nothing to go by. It comes within seconds.
	case c.State == StateReceived:
		return fault.Busy(fmt.Errorf("refund: the policy has not decided %s yet", c.ID))
	case !c.Waiting():
		return c.alreadyDecided()
	// Nobody answers the objection to their own answer. Where the policy declined, anybody may.
	case c.Appealing() && SamePerson(c.Appeal.Reviewer, by):
		return c.refusal(CodeSameReviewer, "the first answer was yours: another of staff answers the appeal")
	case len(c.Overruled) >= MaxRulings && outcome == policy.OutcomeApproved:
		return fault.Errorf(fault.KindConflict, CodeTooManyRulings, "%d rulings of the case did not come to stand: it can only be declined", MaxRulings)
	}
	return nil
}

// alreadyDecided returns the error of a ruling on a case that does not wait for one.
func (c Case) alreadyDecided() error {
	return &fault.Error{Kind: fault.KindConflict, Code: fault.CodeAlreadyDecided, Detail: "the case is decided", Case: string(c.ID)}
}

package refund

import (
	"context"
	"slices"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/text"
	"makegood/shared/todo"
)

// The codes of a ruling, or of an answer to one, where two people decide.
const (
	CodeProposed     = "proposed"      // a ruling waits for a second person
	CodeProposalGone = "proposal_gone" // it does not wait any more
	CodeSamePerson   = "same_person"   // nobody confirms what they proposed
)

// SecondAnswer is what became of a proposed ruling.
type SecondAnswer string

// The answers. The zero value is a proposal that nobody answered: it waits, or the case was decided
// without it.
const (
	SecondConfirmed SecondAnswer = "confirmed" // another person says the same: it is carried out
	SecondSentBack  SecondAnswer = "sent_back" // another person does not, and says why
	SecondWithdrawn SecondAnswer = "withdrawn" // who proposed it thought better of it
)

// Second is the answer to a ruling that a second person has to confirm.
// Why: infra/decisions/0072.
type Second struct {
	// Answer is it, "" until it is given.
	Answer SecondAnswer `json:"answer,omitempty"`
	// By is whose it is.
	By string `json:"by,omitempty"`
	// At is when it was given.
	At time.Time `json:"at,omitzero"`
}

// SecondOrder is the answer to a proposal as staff give it.
type SecondOrder struct {
	// Proposal names the ruling that is answered: see Ruling.Proposal.
	Proposal string
	// Answer is it.
	Answer SecondAnswer
	// By is the name of who answers.
	By string
	// Note is why it is sent back. The other answers have none.
	Note string
	// TakeBack lets either person take a confirmed ruling back for TakeBackWindow.
	TakeBack bool
	// NoMoney is what they are answered where what they confirm gives money back, nil where they
	// may.
	NoMoney error
}

// SamePerson reports whether two names are one person's. Nobody without a name is anybody.
func SamePerson(one, other string) bool { return one != "" && strings.EqualFold(one, other) }

// Proposal returns the name by which a second person answers the ruling.
func (r Ruling) Proposal() string { return r.Origin.Key }

// ConfirmedBy reports whether the person confirmed the ruling.
func (r Ruling) ConfirmedBy(by string) bool {
	return r.Second != nil && r.Second.Answer == SecondConfirmed && SamePerson(r.Second.By, by)
}

// lines returns what the history says of a ruling beside what came of it.
func (r Ruling) lines() []Event {
	lines := []Event{{At: r.At, State: StateInReview, Actor: ledger.ActorStaff, By: r.By, Note: r.Note}}
	if r.Second != nil && r.Second.Answer == SecondConfirmed {
		lines = append(lines, Event{At: r.Second.At, State: StateInReview, Actor: ledger.ActorStaff, By: r.Second.By, Note: "confirmed it"})
	}
	return lines
}

// needsSecond reports whether a second person has to confirm the decision, which has an effect.
func (v decision) needsSecond() bool { return v.preview().Second }

// propose records the ruling as one that waits for a second person.
func (r Reviewer) propose(ctx context.Context, c Case, ruling Ruling) (Opened, error) {
	// Nobody takes back what moves nothing: it is withdrawn, whenever they like.
	ruling.EffectiveAt, ruling.Second = time.Time{}, new(Second)
	after := c
	after.Proposed = &ruling
	answer := Opened{Case: c.ID, State: StateInReview, Proposal: ruling.Proposal()}
	return answer, fault.At("refund.Rule: record proposal", string(c.ID), r.Store.RecordProposal(ctx, c, after))
}

// Answer records what becomes of a proposed ruling, once. Confirmed, it is a ruling as any other.
// Sent back or withdrawn, it is kept, and the case waits for a new one. A replay gets its first
// answer.
//
// Errors:
//   - KindInvalid: answer; note, where it is missing of what is sent back, or there of another.
//   - KindNotFound: no such case, or proposal.
//   - KindConflict: CodeProposalGone, where it was answered otherwise, or the case was decided;
//     CodeSamePerson, where who proposed would confirm it or send it back, or another would
//     withdraw it; CodeSameReviewer; not_possible, where the record forbids the ruling by now;
//     CodeTooManyRulings, where it can only be confirmed.
//   - NoMoney of the order.
//   - KindBusy.
func (r Reviewer) Answer(ctx context.Context, id CaseID, order SecondOrder, now time.Time) (Opened, error) {
	order.Note = strings.TrimSpace(order.Note)
	if err := order.validate(); err != nil {
		return Opened{}, err
	}
	var answer Opened
	var c Case
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		answer, c, err = r.second(ctx, id, order, now)
		return err
	})
	if err != nil || order.Answer != SecondConfirmed {
		return answer, err
	}
	return answer, fault.At("refund.Answer: request decision", string(id), r.request(ctx, c, now))
}

func (o SecondOrder) validate() error {
	switch o.Answer {
	case SecondSentBack:
		return text.Check("note", o.Note, MaxNote)
	case SecondConfirmed, SecondWithdrawn:
		if o.Note != "" {
			return fault.Invalid("note", "says why a ruling is sent back, and nothing else")
		}
		return nil
	}
	return fault.Invalid("answer", "must be confirmed, sent_back or withdrawn")
}

// second records the answer on the case as it is now. It returns the case with it.
func (r Reviewer) second(ctx context.Context, id CaseID, order SecondOrder, now time.Time) (Opened, Case, error) {
	snapshot, err := r.load(ctx, id)
	if err != nil {
		return Opened{}, Case{}, err
	}
	c := *snapshot.Case
	if !c.Waiting() || c.Proposed == nil || c.Proposed.Proposal() != order.Proposal {
		answer, err := c.replaySecond(order)
		return answer, c, err
	}
	if err := c.mayAnswer(order); err != nil {
		return Opened{}, c, err
	}
	ruling := *c.Proposed
	ruling.Second = &Second{Answer: order.Answer, By: order.By, At: now}
	if order.Answer != SecondConfirmed {
		after := c.sendBack(ruling, order.Note, now)
		return Opened{Case: id, State: StateInReview}, after, fault.At("refund.Answer: record", string(id), r.Store.RecordProposal(ctx, c, after))
	}
	// What was possible when it was proposed may not be any more.
	if _, err := r.try(ctx, snapshot, ruling, order.NoMoney, now); err != nil {
		return Opened{}, c, err
	}
	if order.TakeBack {
		ruling.EffectiveAt = now.Add(TakeBackWindow)
	}
	err = r.Store.RecordRuling(ctx, c, ruling, ruling.due(now, todo.Resend))
	c.Proposed, c.Ruling = nil, &ruling
	return Opened{Case: id, State: stateOf(ruling.Ruling)}, c, fault.At("refund.Answer: record ruling", string(id), err)
}

// mayAnswer returns nil where the person may give that answer to what is proposed.
func (c Case) mayAnswer(order SecondOrder) error {
	own := order.By == "" || SamePerson(c.Proposed.By, order.By)
	switch {
	case order.Answer == SecondWithdrawn && !own:
		return c.refusal(CodeSamePerson, "only "+c.Proposed.By+" withdraws it: send it back instead")
	case order.Answer != SecondWithdrawn && own:
		return c.refusal(CodeSamePerson, "you proposed it: somebody else confirms it or sends it back; you may withdraw it")
	case order.Answer == SecondConfirmed:
		return c.open(c.Proposed.Outcome, order.By)
	// Each that did not come to stand is kept, so that there has to be a last one.
	case len(c.Overruled) >= MaxRulings:
		return c.refusal(CodeTooManyRulings, "so many rulings of the case did not come to stand that this one can only be confirmed")
	}
	return nil
}

// sendBack returns the case without what was proposed, which is kept with its answer.
func (c Case) sendBack(ruling Ruling, note string, now time.Time) Case {
	why := Event{At: now, State: StateInReview, Actor: ledger.ActorStaff, By: ruling.Second.By, Note: "withdrew it"}
	if ruling.Second.Answer == SecondSentBack {
		why.Note = "sent it back: " + note
	}
	c.History = slices.Concat(c.History, ruling.lines(), []Event{why})
	c.Overruled, c.Proposed = append(slices.Clip(c.Overruled), ruling), nil
	return c
}

// overtake returns the case without what was proposed, where it was decided before anybody answered
// that.
func (c Case) overtake() Case {
	if c.Proposed != nil {
		c.History = slices.Concat(c.History, c.Proposed.lines())
		c.Overruled, c.Proposed = append(slices.Clip(c.Overruled), *c.Proposed), nil
	}
	return c
}

// replaySecond returns the first answer to a replay, or says what became of a proposal that does
// not wait.
func (c Case) replaySecond(order SecondOrder) (Opened, error) {
	i := slices.IndexFunc(c.rulings(), func(r Ruling) bool { return r.Second != nil && r.Proposal() == order.Proposal })
	if i < 0 {
		return Opened{}, fault.NotFound("proposal")
	}
	ruling := c.rulings()[i]
	second := *ruling.Second
	if second.Answer == order.Answer && SamePerson(second.By, order.By) {
		answer := Opened{Case: c.ID, State: StateInReview, Replayed: true}
		if order.Answer == SecondConfirmed {
			answer.State = stateOf(ruling.Ruling)
		}
		return answer, nil
	}
	switch second.Answer {
	case SecondConfirmed:
		return Opened{}, c.refusal(CodeProposalGone, second.By+" has confirmed it already")
	case SecondSentBack:
		return Opened{}, c.refusal(CodeProposalGone, second.By+" has sent it back already")
	case SecondWithdrawn:
		return Opened{}, c.refusal(CodeProposalGone, second.By+" has withdrawn it")
	}
	return Opened{}, c.refusal(CodeProposalGone, "the case was decided before anybody confirmed it")
}

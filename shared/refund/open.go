package refund

import (
	"context"
	"time"

	"makegood/shared/attachment"
	"makegood/shared/fault"
	"makegood/shared/todo"
)

// MaxWords bounds what a customer may say in a report or as a claim's reason, in characters.
const MaxWords = 2000

// Opened is the answer to a request, an appeal or a ruling.
type Opened struct {
	// Case is the case that it is about.
	Case CaseID
	// State is the case's after it.
	State State
	// Proposal names the ruling that waits for a second person, "" where none is needed.
	Proposal string
	// Replayed says that the same request got this answer before.
	Replayed bool
}

// submission is a case as somebody requests it, not yet in the store.
type submission struct {
	// put is the store's way to open the case: with a daily bound for customers, without one for
	// callers that are trusted.
	put func(context.Context, Case) (*Case, error)
	// lacks are the fields that the policy demands now and the request does not have.
	lacks []string
	// wanted are the attachments that it is to take; taker is asked only for them, store for lacks
	// too.
	wanted []attachment.Wanted
	store  Cases
	taker  attachment.Taker
	// step is what is due on the case first, and request asks for it.
	step    todo.Step
	request func(context.Context, Case) error
	// c is the case with all that the request says of it.
	c Case
	// actor is what the caller is.
	actor string
}

// open creates the case, once for its matter, and requests what is due on it first. A replay
// requests it again while no decision is recorded.
func (s submission) open(ctx context.Context, now time.Time) (Opened, error) {
	c := s.c
	c.State, c.OpenedAt = StateReceived, now
	c.History = []Event{{At: now, State: StateReceived, Actor: s.actor}}
	// The case is created with its step, so the sweep sends the request where we die before we do.
	c.Todo = todo.List{s.step: now.Add(todo.Resend)}
	current, err := fault.RetryFor(ctx, func(ctx context.Context) (*Case, error) { return s.create(ctx, c, now) })
	if err != nil {
		return Opened{}, fault.At("refund.File: open case", string(c.ID), err)
	}
	answer := Opened{Case: c.ID, State: StateReceived}
	// There is a case about this: either this request made it, or the matter was reported before.
	if current != nil {
		if answer.Replayed, err = current.Origin.Replays(c.Origin); err != nil {
			return Opened{}, err
		}
		if !answer.Replayed {
			return Opened{}, &fault.Error{
				Kind: fault.KindConflict, Code: fault.CodeAlreadyReported, Detail: "there is a case about this", Case: string(current.ID),
			}
		}
		// Decided since: the replay still gets its first answer, and nothing is left to request.
		if current.State != StateReceived {
			return answer, nil
		}
	}
	return answer, fault.At("refund.File: request "+string(s.step), string(c.ID), s.request(ctx, c))
}

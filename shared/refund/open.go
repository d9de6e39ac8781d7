package refund

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// MaxWords bounds what a customer may say in a report or as a claim's reason, in characters.
const MaxWords = 2000

// Opened is the answer to whoever asked or ruled. Replayed tells that the same request got it
// before.
type Opened struct {
	Case     CaseID
	State    State
	Replayed bool
}

// originOf returns the hashes that tell a repeat of a request from another.
func originOf(principal, key string, input ...string) Origin {
	return Origin{Key: ledger.HashID("", 20, principal, key), Input: ledger.HashID("", 20, input...)}
}

// replays returns whether a request is a repeat of the one that left this origin; KindConflict
// idempotency_key_reused when the key is the same and the input is not.
func (o Origin) replays(request Origin) (bool, error) {
	if o.Key != request.Key {
		return false, nil
	}
	if o.Input != request.Input {
		return false, fault.Errorf(fault.KindConflict, fault.CodeIdempotencyKeyReused, "the idempotency key was used for another request")
	}
	return true, nil
}

// open creates the case, once for its matter, and asks for a decision; a repeat asks again while
// none is recorded. Create is the store's.
func open(
	ctx context.Context, create func(context.Context, Case) (*Case, error), requests Requests, c Case, actor string, now time.Time,
) (Opened, error) {
	c.State, c.OpenedAt = StateReceived, now
	c.History = []Event{{At: now, State: StateReceived, Actor: actor}}
	c.Todo = todo.List{todo.StepRefund: now.Add(todo.Resend)}
	var current *Case
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		current, err = create(ctx, c)
		return err
	})
	if err != nil {
		return Opened{}, err
	}
	opening := Opened{Case: c.ID, State: StateReceived}
	if current != nil {
		if opening.Replayed, err = current.Origin.replays(c.Origin); err != nil {
			return Opened{}, err
		}
		if !opening.Replayed {
			return Opened{}, &fault.Error{
				Kind: fault.KindConflict, Code: fault.CodeAlreadyReported, Detail: "there is a case about this", Case: string(current.ID),
			}
		}
		if current.State != StateReceived {
			return opening, nil
		}
	}
	return opening, requests.Request(ctx, message.NewCaseRequested(string(c.ID), c.Generation, c.Payment))
}

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

// Opened is the answer to whoever asked or ruled. Replayed tells that the same request got it before.
type Opened struct {
	Case     CaseID
	State    State
	Replayed bool
}

// originOf returns the hashes that tell a repeat of a request from another.
func originOf(principal, key string, input ...string) Origin {
	return Origin{Key: ledger.HashID("", 20, principal, key), Input: ledger.HashID("", 20, input...)}
}

// replays returns whether a request is a repeat of the one that left this origin; KindConflict idempotency_key_reused when the key is the
// same and the input is not.
func (o Origin) replays(request Origin) (bool, error) {
	if o.Key != request.Key {
		return false, nil
	}
	if o.Input != request.Input {
		return false, fault.Errorf(fault.KindConflict, fault.CodeIdempotencyKeyReused, "the idempotency key was used for another request")
	}
	return true, nil
}

// open creates the case, once for its matter, and asks for a decision; a repeat asks again while none is recorded. Create is the store's.
func open(
	ctx context.Context, create func(context.Context, Case) (*Case, error), requests Requests, asked Case, actor string, now time.Time,
) (Opened, error) {
	asked.State, asked.OpenedAt = StateReceived, now
	asked.History = []Event{{At: now, State: StateReceived, Actor: actor}}
	asked.Todo = todo.List{todo.StepRefund: now.Add(todo.Resend)}
	var stands *Case
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		stands, err = create(ctx, asked)
		return err
	})
	if err != nil {
		return Opened{}, err
	}
	opened := Opened{Case: asked.ID, State: StateReceived}
	if stands != nil {
		if opened.Replayed, err = stands.Origin.replays(asked.Origin); err != nil {
			return Opened{}, err
		}
		if !opened.Replayed {
			return Opened{}, &fault.Error{
				Kind: fault.KindConflict, Code: fault.CodeAlreadyReported, Detail: "there is a case about this", Case: string(stands.ID),
			}
		}
		if stands.State != StateReceived {
			return opened, nil
		}
	}
	return opened, requests.Request(ctx, message.NewCaseRequested(string(asked.ID), asked.Generation, asked.Payment))
}

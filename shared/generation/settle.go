package generation

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// Results is what settling needs of a store.
type Results interface {
	// RecordResult writes the first result by one conditional write and returns the generation as it stands after it, whoever changed
	// it. It changes a held generation that started before record.At only, and on success only one whose asked outputs are at most
	// record.Came.
	// Nothing of that id: nil.
	RecordResult(ctx context.Context, id ID, record Record) (*Generation, error)
	// RecordLate notes a different later result, unless one is noted already.
	RecordLate(ctx context.Context, id ID, late Late) error
	// LoadGeneration returns the generation, nil when there is none, and its customer's wallet in one consistent read.
	LoadGeneration(ctx context.Context, id ID) (*Generation, ledger.Wallet, error)
	// CommitSettled writes the generation after and the posting, or neither: KindStale when the state of before or the wallet has changed.
	CommitSettled(ctx context.Context, before, after Generation, posting ledger.Posting) error
}

// Record is a first result as one conditional write.
type Record struct {
	Result Result
	Hash   string
	Came   int // MaxOutputs when all came
	At     time.Time
	Todo   todo.List // what a failure owes
}

// Requests is where refunds are asked for.
type Requests interface {
	Request(ctx context.Context, request message.RefundRequested) error
}

// Settler records results.
type Settler struct {
	Store    Results
	Requests Requests
	// Terms returns what the policy in force at an instant does with credits of an expired lot.
	Terms func(at time.Time) (ledger.ExpiredLot, error)
}

// Settle records the first result of a generation and asks for a refund when it failed; a repeat asks again if that is still open,
// a different later result is noted as late. KindNotFound when there is no such generation, KindInvalid for a bad result.
func (s Settler) Settle(ctx context.Context, id ID, result Result, now time.Time) error {
	if err := result.Validate(now); err != nil {
		return err
	}
	record := Record{Result: result, Hash: result.Hash(), Came: result.Came(MaxOutputs), At: now}
	if result.Status == StatusFailed {
		record.Todo = todo.List{todo.StepRefund: now.Add(todo.Resend)}
	}
	stands, err := s.record(ctx, id, &record)
	switch {
	case err != nil:
		return err
	case stands == nil:
		return fault.NotFound("generation")
	case stands.State == StateHeld:
		return s.settlePart(ctx, id, record)
	case stands.Hash != record.Hash:
		return s.noteLate(ctx, *stands, record)
	case stands.Todo.Has(todo.StepRefund):
		return s.Requests.Request(ctx, message.NewTechnicalFailure(string(id), message.ReasonFailed))
	}
	return nil
}

// record writes the first result and returns the generation as it stands then. A clock behind that of the start is set right by it: a
// capture lies after its hold.
func (s Settler) record(ctx context.Context, id ID, record *Record) (stands *Generation, err error) {
	for range 2 {
		err = fault.Retry(ctx, func(ctx context.Context) (err error) {
			stands, err = s.Store.RecordResult(ctx, id, *record)
			return err
		})
		if err != nil || stands == nil || stands.State != StateHeld || record.At.After(stands.StartedAt) {
			break
		}
		record.At = stands.Next(record.At)
	}
	return stands, err
}

// settlePart captures the outputs that came and gives back the rest: they were never made.
func (s Settler) settlePart(ctx context.Context, id ID, record Record) error {
	return fault.Retry(ctx, func(ctx context.Context) error {
		before, wallet, err := s.Store.LoadGeneration(ctx, id)
		if err != nil {
			return err
		}
		if before == nil {
			return fault.NotFound("generation")
		}
		if before.State != StateHeld { // another copy of the message was quicker, or another result
			return s.noteLate(ctx, *before, record)
		}
		missing := ledger.TakeLast(before.Draws, before.Outputs, record.Result.Came(before.Outputs))
		cause := ledger.Cause{Reason: "outputs_missing", Generation: string(id), Actor: "system"}
		terms, err := s.Terms(record.Result.FinishedAt)
		if err != nil {
			return err
		}
		posting, _, err := ledger.Release(wallet, missing, terms, cause, before.Next(record.At))
		if err != nil {
			return err
		}
		after := before.Release(ledger.Sum(missing), posting.At)
		if record.Result.Came(before.Outputs) > 0 {
			after.State, after.CapturedAt = StateCaptured, posting.At // in free mode too, where nothing was held
		}
		after.Result, after.Hash, after.RecordedAt = &record.Result, record.Hash, posting.At
		return s.Store.CommitSettled(ctx, *before, after, posting)
	})
}

// noteLate notes a result that is not the one that stands; a repeat of that one is nothing new.
func (s Settler) noteLate(ctx context.Context, stands Generation, record Record) error {
	if stands.Late != nil || stands.Hash == record.Hash {
		return nil
	}
	late := Late{Status: record.Result.Status, At: record.At}
	return fault.Retry(ctx, func(ctx context.Context) error { return s.Store.RecordLate(ctx, stands.ID, late) })
}

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
	// record.Came. A result with a cost changes only one that was made on the customer's own key, and adds the cost to those of the customer
	// in the same commit.
	// Nothing of that id: nil.
	RecordResult(ctx context.Context, id ID, record Record) (*Generation, error)
	// RecordLate notes a different later result, unless one is noted already.
	RecordLate(ctx context.Context, id ID, late Late) error
	// LoadGeneration returns the generation, nil when there is none, and its customer's wallet in one consistent read.
	LoadGeneration(ctx context.Context, id ID) (*Generation, ledger.Wallet, error)
	// CommitSettled writes the generation after, the posting, and the cost that its result brings, or none of them: KindStale when the state
	// of before or the wallet has changed.
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

// Notices is where telling of a generation is asked for.
type Notices interface {
	TellPart(ctx context.Context, partial message.GenerationPartial) error
}

// Settler records results.
type Settler struct {
	Store    Results
	Requests Requests
	Notices  Notices
	// Terms returns what the policy in force at an instant does with credits of an expired lot.
	Terms func(at time.Time) (ledger.ExpiredLot, error)
}

// Settle records the first result of a generation. It asks for a refund when the generation failed, and that the customer be told when not
// all of its outputs came. A repeat asks again if that is still open; a different later result is noted as late. KindNotFound when there is no such generation, KindInvalid for a bad result.
func (s Settler) Settle(ctx context.Context, id ID, result Result, now time.Time) error {
	if err := result.Validate(now); err != nil {
		return err
	}
	record := Record{Result: result, Hash: result.Hash(), Came: result.Came(MaxOutputs), At: now}
	if result.Status == StatusFailed {
		record.Todo = todo.List{todo.StepRefund: now.Add(todo.Resend)}
	}
	stands, err := s.record(ctx, id, &record)
	if err == nil && stands != nil && stands.State == StateHeld {
		stands, err = s.settlePart(ctx, id, record)
	}
	switch {
	case err != nil:
		return err
	case stands == nil:
		return fault.NotFound("generation")
	case stands.Hash != record.Hash:
		return s.noteLate(ctx, *stands, record)
	case stands.Todo.Has(todo.StepRefund):
		return s.Requests.Request(ctx, message.NewTechnicalFailure(string(id), message.ReasonFailed))
	case stands.Todo.Has(todo.StepNotice):
		return s.Notices.TellPart(ctx, message.NewGenerationPartial(string(id)))
	}
	return nil
}

// record writes the first result and returns the generation as it stands then. A clock behind that of the start is set right by it: a
// capture lies after its hold. The cost of a generation that we charge for is not the customer's to know: it is left out.
func (s Settler) record(ctx context.Context, id ID, record *Record) (stands *Generation, err error) {
	for range 3 {
		err = fault.Retry(ctx, func(ctx context.Context) (err error) {
			stands, err = s.Store.RecordResult(ctx, id, *record)
			return err
		})
		if err != nil || stands == nil || stands.State != StateHeld {
			break
		}
		early, charged := !record.At.After(stands.StartedAt), record.Result.Cost != nil && stands.Mode != ModeOwnKey
		if !early && !charged {
			break
		}
		if early {
			record.At = stands.Next(record.At)
		}
		if charged {
			record.Result.Cost = nil
		}
	}
	return stands, err
}

// settlePart captures the outputs that came and gives back the rest: they were never made. It returns the generation as it stands then: with
// this result, or with another one that was quicker; nil when there is none.
func (s Settler) settlePart(ctx context.Context, id ID, record Record) (stands *Generation, err error) {
	err = fault.Retry(ctx, func(ctx context.Context) error {
		before, wallet, err := s.Store.LoadGeneration(ctx, id)
		if err != nil {
			return err
		}
		if stands = before; before == nil || before.State != StateHeld {
			return nil
		}
		after, posting, err := s.part(*before, wallet, record)
		if err != nil {
			return err
		}
		stands = &after
		return s.Store.CommitSettled(ctx, *before, after, posting)
	})
	return stands, err
}

// part returns the generation with the outputs that came spent and the others released, and the posting of that.
func (s Settler) part(before Generation, wallet ledger.Wallet, record Record) (Generation, ledger.Posting, error) {
	came := record.Result.Came(before.Outputs)
	missing := ledger.UndeliveredDraws(before.Draws, before.Outputs, came)
	cause := ledger.Cause{Reason: "outputs_missing", Generation: string(before.ID), Actor: ledger.ActorSystem}
	terms, err := s.Terms(record.Result.FinishedAt)
	if err != nil {
		return Generation{}, ledger.Posting{}, err
	}
	posting, _, err := ledger.Release(wallet, missing, terms, cause, before.Next(record.At))
	if err != nil {
		return Generation{}, ledger.Posting{}, err
	}
	after := before.Release(ledger.Sum(missing), posting.At)
	if came > 0 {
		after.State, after.CapturedAt = StateCaptured, posting.At // in free mode too, where nothing was held
	}
	after.Result, after.Hash, after.RecordedAt = &record.Result, record.Hash, posting.At
	after.Todo = todo.List{todo.StepNotice: posting.At.Add(todo.Resend)}
	return after, posting, nil
}

// noteLate notes a result that is not the one that stands.
func (s Settler) noteLate(ctx context.Context, stands Generation, record Record) error {
	if stands.Late != nil {
		return nil
	}
	late := Late{Status: record.Result.Status, At: record.At}
	return fault.Retry(ctx, func(ctx context.Context) error { return s.Store.RecordLate(ctx, stands.ID, late) })
}

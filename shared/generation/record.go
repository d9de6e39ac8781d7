package generation

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// Results is what recording a result needs of a store.
type Results interface {
	// RecordResult writes the first result by one conditional write and returns the generation as
	// it is after it, whoever changed it; nil when there is none of that id. It changes a held
	// generation that started before record.At only, and on success only one whose ordered outputs
	// are at most record.Came. A result with a cost changes only one that was made on the
	// customer's own key, and adds the cost to those of the customer in the same commit.
	RecordResult(ctx context.Context, id ID, record Record) (*Generation, error)
	// RecordLate notes a different later result, unless one is noted already.
	RecordLate(ctx context.Context, id ID, late Late) error
	// LoadGeneration returns the generation, nil when there is none, and its customer's wallet in
	// one consistent read.
	LoadGeneration(ctx context.Context, id ID) (*Generation, ledger.Wallet, error)
	// CommitResult writes the generation after, the posting, and the cost that its result brings,
	// or none of them: KindStale when the state of before or the wallet has changed.
	CommitResult(ctx context.Context, before, after Generation, posting ledger.Posting) error
}

// Record is a first result as one conditional write.
type Record struct {
	// Result is the worker's, cut to what is kept.
	Result Result
	// Hash is the result's.
	Hash string
	// Came is how many outputs came; MaxOutputs when all did.
	Came int
	// At is when it is recorded.
	At time.Time
	// Todo is what is due then: the verdict on a failure.
	Todo todo.List
}

// Requests is the queue of requests for a decision.
type Requests interface {
	// Request puts a request on the queue.
	Request(ctx context.Context, request message.RefundRequested) error
}

// Notices is the queue of what customers are notified of.
type Notices interface {
	// NotifyPartial puts on the queue that not all outputs of a generation came.
	NotifyPartial(ctx context.Context, partial message.GenerationPartial) error
}

// ResultRecorder records results.
type ResultRecorder struct {
	// Store keeps the generations.
	Store Results
	// Requests takes the requests for a refund.
	Requests Requests
	// Notices takes what the customer is notified of.
	Notices Notices
	// Terms returns what the policy in force at an instant does with credits of an expired lot.
	Terms func(at time.Time) ledger.ExpiredLot
}

// Record records the first result of a generation. It requests a refund when the generation failed,
// and a notice to the customer when not all of its outputs came. A replay sends these again while
// they are due. A different later result is noted as late and moves nothing.
//
// Errors: KindNotFound when there is no such generation, KindInvalid for a bad result.
func (r ResultRecorder) Record(ctx context.Context, id ID, result Result, now time.Time) error {
	if err := result.Validate(now); err != nil {
		return fault.At("generation.Record: validate", string(id), err)
	}
	record := Record{Result: result, Hash: result.Hash(), Came: result.Came(MaxOutputs), At: now}
	if result.Status == StatusFailed {
		// Due from the start: where the message below is lost, the sweep sends it again.
		record.Todo = todo.List{todo.StepRefund: now.Add(todo.Resend)}
	}

	// One conditional write is enough for a failure, and for a success that brought everything. The
	// wallet is read and written only where a part has to be given back.
	current, err := r.recordWhole(ctx, id, &record)
	if err == nil && current != nil && current.State == StateHeld {
		current, err = r.recordPart(ctx, id, record)
	}

	// Whatever was committed is sent after it. A crash between the two is a lost message, no more.
	switch {
	case err != nil:
		return err
	case current == nil:
		return fault.NotFound("generation")
	case current.Hash != record.Hash:
		return r.noteLate(ctx, *current, record)
	case current.Todo.Has(todo.StepRefund):
		request := message.NewTechnicalFailure(string(id), message.ReasonFailed)
		return fault.At("generation.Record: request refund", string(id), r.Requests.Request(ctx, request))
	case current.Todo.Has(todo.StepNotice):
		partial := message.NewGenerationPartial(string(id))
		return fault.At("generation.Record: notify", string(id), r.Notices.NotifyPartial(ctx, partial))
	}
	return nil
}

// recordWhole writes the first result and returns the generation as it is then: still held where
// the condition of the write did not hold. It mends what can be mended and tries again, three times
// at most, since each round mends another of two things.
func (r ResultRecorder) recordWhole(ctx context.Context, id ID, record *Record) (current *Generation, err error) {
	for range 3 {
		current, err = fault.RetryFor(ctx, func(ctx context.Context) (*Generation, error) {
			return r.Store.RecordResult(ctx, id, *record)
		})
		if err != nil || current == nil || current.State != StateHeld {
			break
		}
		early := !record.At.After(current.StartedAt)
		misplacedCost := record.Result.Cost != nil && current.Mode != ModeOwnKey
		if !early && !misplacedCost {
			break
		}
		// This machine's clock is behind the one that started it. A capture lies after its hold.
		if early {
			record.At = current.Next(record.At)
		}
		// What we charge for costs the customer its price: what it cost us is not theirs to know.
		if misplacedCost {
			record.Result.Cost = nil
		}
	}
	return current, fault.At("generation.Record: write result", string(id), err)
}

// recordPart captures the outputs that came and gives back the rest, which were never made. It
// returns the generation as it is then: with this result, or with another one that was quicker; nil
// when there is none.
func (r ResultRecorder) recordPart(ctx context.Context, id ID, record Record) (*Generation, error) {
	return fault.RetryFor(ctx, func(ctx context.Context) (*Generation, error) {
		before, wallet, err := r.Store.LoadGeneration(ctx, id)
		if err != nil {
			return nil, fault.At("generation.Record: load", string(id), err)
		}
		if before == nil || before.State != StateHeld {
			return before, nil
		}
		after, posting, err := r.part(*before, wallet, record)
		if err != nil {
			return nil, err
		}
		// Stale where the wallet or the state has moved since the read: the next attempt reads
		// again.
		err = r.Store.CommitResult(ctx, *before, after, posting)
		return &after, fault.At("generation.Record: commit part", string(id), err)
	})
}

// part returns the generation with the outputs that came spent and the others released, and the
// posting of that.
func (r ResultRecorder) part(before Generation, wallet ledger.Wallet, record Record) (Generation, ledger.Posting, error) {
	arrivals := record.Result.Came(before.Outputs)
	rest := ledger.UndeliveredDraws(before.Draws, before.Outputs, arrivals)
	cause := ledger.Cause{Reason: "outputs_missing", Generation: string(before.ID), Actor: ledger.ActorSystem}
	terms := r.Terms(record.Result.FinishedAt)
	posting, _, err := ledger.Release(wallet, rest, terms, cause, before.Next(record.At))
	if err != nil {
		return Generation{}, ledger.Posting{}, fault.At("generation.Record: release", string(before.ID), err)
	}

	// The generation carries its own lines, so its instants are the posting's.
	after := before.Release(ledger.Sum(rest), posting.At)
	if arrivals > 0 {
		after.State, after.CapturedAt = StateCaptured, posting.At // in free mode too, where nothing was held
	}
	after.Result, after.Hash, after.RecordedAt = &record.Result, record.Hash, posting.At
	after.Todo = todo.List{todo.StepNotice: posting.At.Add(todo.Resend)}
	return after, posting, nil
}

// noteLate notes a result that is not the recorded one. The first note stays: staff need to see
// that there was one, not how many.
func (r ResultRecorder) noteLate(ctx context.Context, current Generation, record Record) error {
	if current.Late != nil {
		return nil
	}
	late := Late{Status: record.Result.Status, At: record.At}
	err := fault.Retry(ctx, func(ctx context.Context) error { return r.Store.RecordLate(ctx, current.ID, late) })
	return fault.At("generation.Record: note late result", string(current.ID), err)
}

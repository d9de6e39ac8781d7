package generation

import (
	"context"
	"slices"
	"strconv"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// CodeResultPending is the code of what is told of an output before its generation's result is recorded: it is taken once that is.
const CodeResultPending = "result_pending"

// resultSoon is when a result that was handed in is recorded, unless its queue has a backlog.
const resultSoon = time.Second

// Use is what the app told of one output in one call. What was told is never taken back, so a generation keeps the calls that told something
// new: at most three for each output.
// Why: infra/decisions/0038.
type Use struct {
	Output     int // from 0
	Downloaded bool
	Bulk       bool // downloaded among many at once
	Commercial bool
	At         time.Time // the app's word
	// Key and Input are hashes of the call's idempotency key and of what it told: its repeat is told from another by them.
	Key   string
	Input string
}

// UseOrder is a call of the app's, Use without its hashes. Key is the caller's idempotency key, Principal the caller it belongs to.
type UseOrder struct {
	Use       Use
	Principal string
	Key       string
}

// Uses is what recording use needs of a store.
type Uses interface {
	// FindGeneration returns the generation by a consistent read, nil when there is none.
	FindGeneration(ctx context.Context, id ID) (*Generation, error)
	// RecordUse writes the uses of after in place of those of before: KindStale when they are not as they were read, or there is no such generation.
	RecordUse(ctx context.Context, before, after Generation) error
}

// Recorder records what was done with outputs.
type Recorder struct{ Store Uses }

// Record takes down what was done with one output. Replayed tells that the same call came before. A call that tells nothing new is answered and not kept.
//
// Errors: KindInvalid (output, where no such one came; generation, where nothing was delivered; at, before the start or more than MaxSkew ahead;
// downloaded, where nothing is told), KindNotFound, KindConflict (idempotency_key_reused; result_pending, where no result is recorded yet), KindBusy.
func (r Recorder) Record(ctx context.Context, id ID, order UseOrder, now time.Time) (replayed bool, err error) {
	use := order.kept()
	if err := use.validate(now); err != nil {
		return false, err
	}
	err = fault.Retry(ctx, func(ctx context.Context) error {
		found, err := r.Store.FindGeneration(ctx, id)
		if err != nil {
			return err
		}
		if found == nil {
			return fault.NotFound("generation")
		}
		if replayed, err = found.replaysUse(use); err != nil || replayed {
			return err
		}
		if err := found.mayBeUsed(use); err != nil {
			return err
		}
		after, fresh := found.withUse(use)
		if !fresh {
			return nil
		}
		return r.Store.RecordUse(ctx, *found, after)
	})
	return replayed, err
}

// kept returns the use as it is kept, in whole milliseconds UTC.
func (o UseOrder) kept() Use {
	use := o.Use
	use.At = use.At.UTC().Truncate(time.Millisecond)
	use.Key = ledger.HashID("", 20, o.Principal, o.Key)
	use.Input = ledger.HashID("", 20, strconv.Itoa(use.Output), strconv.FormatBool(use.Downloaded), strconv.FormatBool(use.Bulk),
		strconv.FormatBool(use.Commercial), strconv.FormatInt(use.At.UnixMilli(), 10))
	return use
}

// validate returns a KindInvalid error naming the field, as far as the call alone tells.
func (u Use) validate(now time.Time) error {
	switch {
	case u.Output < 0 || u.Output >= MaxOutputs:
		return fault.Invalid("output", "must be 0 to %d", MaxOutputs-1)
	case !u.Downloaded && !u.Bulk && !u.Commercial:
		return fault.Invalid("downloaded", "one of downloaded, bulk and commercial must be true")
	case u.At.After(now.Add(MaxSkew)):
		return fault.Invalid("at", "lies more than %d s ahead", int(MaxSkew.Seconds()))
	}
	return nil
}

// replaysUse reports whether the call is a repeat; KindConflict idempotency_key_reused when its key came with something else.
func (g Generation) replaysUse(use Use) (bool, error) {
	for _, known := range g.Uses {
		if known.Key != use.Key {
			continue
		}
		if known.Input != use.Input {
			return false, fault.Errorf(fault.KindConflict, fault.CodeIdempotencyKeyReused, "the idempotency key was used for another request")
		}
		return true, nil
	}
	return false, nil
}

// mayBeUsed returns nil when the output came, and not before the generation started.
func (g Generation) mayBeUsed(use Use) error {
	switch {
	case g.Failure() != nil:
		return fault.Invalid("generation", "failed: there is nothing of it to use")
	case g.Result == nil && use.Output < g.Outputs:
		return ResultPending()
	case use.Output >= g.Came():
		return fault.Invalid("output", "no such output came: they are counted from 0")
	case use.At.Before(g.StartedAt):
		return fault.Invalid("at", "lies before the generation's start")
	}
	return nil
}

// ResultPending returns the KindConflict error of what comes before its generation's result is recorded.
func ResultPending() error {
	pending := fault.Errorf(fault.KindConflict, CodeResultPending, "the generation has no result yet")
	pending.RetryAfter = resultSoon
	return pending
}

// UseOf returns what is on record of an output: all that was told of it, at the latest of those instants. The zero Use but for its output: nothing.
func (g Generation) UseOf(output int) Use {
	sum := Use{Output: output}
	for _, use := range g.Uses {
		if use.Output == output {
			sum = sum.and(use)
		}
	}
	return sum
}

// Used reports whether anything is on record.
func (u Use) Used() bool { return u.Downloaded || u.Bulk || u.Commercial }

// and returns the sum of both, without keys.
func (u Use) and(other Use) Use {
	sum := Use{
		Output: u.Output, Downloaded: u.Downloaded || other.Downloaded, Bulk: u.Bulk || other.Bulk, Commercial: u.Commercial || other.Commercial,
		At: u.At,
	}
	if other.At.After(sum.At) {
		sum.At = other.At
	}
	return sum
}

// withUse returns the generation with the use, and whether it tells anything new.
func (g Generation) withUse(use Use) (Generation, bool) {
	known := g.UseOf(use.Output)
	sum := known.and(use)
	sum.At = known.At
	if sum == known {
		return g, false
	}
	g.Uses = append(slices.Clip(g.Uses), use)
	return g, true
}

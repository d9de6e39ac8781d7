package generation

import (
	"context"
	"slices"
	"strconv"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/origin"
	"makegood/shared/text"
)

// CodeResultPending is the code for a request about an output whose generation has no recorded
// result yet: it will be taken once there is one.
const CodeResultPending = "result_pending"

// resultSoon is how long it takes to record a result that was handed in, unless its queue has a
// backlog.
const resultSoon = time.Second

// Use is what the app said in one call about one output. Nothing of it is ever taken back, so a
// generation keeps only the calls that brought something new: at most three for each output.
// Why: infra/decisions/0038.
type Use struct {
	// Output is the output's place, from 0.
	Output int
	// Downloaded: the customer downloaded it.
	Downloaded bool
	// Bulk: it was downloaded among many at once.
	Bulk bool
	// Commercial: it was used commercially.
	Commercial bool
	// At is when, by the app's word.
	At time.Time
	// Key is a hash of the call's idempotency key and its caller.
	Key string
	// Input is a hash of what the call said: it tells a replay from another call under the same
	// key.
	Input string
}

// UseOrder is a call of the app.
type UseOrder struct {
	// Use is what it says, without hashes.
	Use Use
	// Principal is the caller that Key belongs to.
	Principal string
	// Key is the caller's idempotency key.
	Key string
}

// Uses is what recording use needs of a store.
type Uses interface {
	// FindGeneration returns the generation by a consistent read, nil when there is none.
	FindGeneration(ctx context.Context, id ID) (*Generation, error)
	// RecordUse writes the uses of after in place of those of before: KindStale when they are not
	// as they were read, or there is no such generation.
	RecordUse(ctx context.Context, before, after Generation) error
}

// Recorder records what was done with outputs.
type Recorder struct{ Store Uses }

// Record records what was done with one output. Replay reports that the same call came before. A
// call that brings nothing new is answered and not kept.
//
// Errors: KindInvalid (output, where no such one came; generation, where nothing was delivered; at,
// before the start or more than MaxSkew ahead; downloaded, where nothing is said), KindNotFound,
// KindConflict (idempotency_key_reused; result_pending, where no result is recorded yet), KindBusy.
func (r Recorder) Record(ctx context.Context, id ID, order UseOrder, now time.Time) (replay bool, err error) {
	use := order.use()
	if err := use.validate(now); err != nil {
		return false, err
	}
	return fault.RetryFor(ctx, func(ctx context.Context) (bool, error) {
		g, err := r.Store.FindGeneration(ctx, id)
		if err != nil {
			return false, fault.At("generation.RecordUse: load", string(id), err)
		}
		if g == nil {
			return false, fault.NotFound("generation")
		}
		// A replay is answered first: what made the call right may have changed since.
		if replay, err := g.replaysUse(use); err != nil || replay {
			return replay, err
		}
		if err := g.mayBeUsed(use); err != nil {
			return false, err
		}
		// Only calls that bring something new are kept: the row would grow with every download.
		after, fresh := g.withUse(use)
		if !fresh {
			return false, nil
		}
		return false, fault.At("generation.RecordUse: write", string(id), r.Store.RecordUse(ctx, *g, after))
	})
}

// use returns the use as it is kept, in whole milliseconds UTC, with its hashes.
func (o UseOrder) use() Use {
	use := o.Use
	use.At = text.Millisecond(use.At)
	use.Key = ledger.HashID("", 20, o.Principal, o.Key)
	use.Input = ledger.HashID("", 20, strconv.Itoa(use.Output), strconv.FormatBool(use.Downloaded), strconv.FormatBool(use.Bulk),
		strconv.FormatBool(use.Commercial), strconv.FormatInt(use.At.UnixMilli(), 10))
	return use
}

// validate returns a KindInvalid error naming the field, as far as the call alone shows it.
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

// replaysUse reports whether the call is a replay; KindConflict idempotency_key_reused when its key
// came with something else.
func (g Generation) replaysUse(use Use) (bool, error) {
	request := origin.Origin{Key: use.Key, Input: use.Input}
	for _, prior := range g.Uses {
		if same, err := (origin.Origin{Key: prior.Key, Input: prior.Input}).Replays(request); same || err != nil {
			return same, err
		}
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

// ResultPending returns the KindConflict error for a request about a generation whose result is not
// recorded yet. It says when to try again.
func ResultPending() error {
	err := fault.Errorf(fault.KindConflict, CodeResultPending, "the generation has no result yet")
	err.RetryAfter = resultSoon
	return err
}

// UseOf returns what is on record of an output: all that calls said of it, at the latest of their
// instants. Where there is none, it is the zero Use of that output.
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

// withUse returns the generation with the use, and whether that brings anything new. A later
// instant alone is nothing new.
func (g Generation) withUse(use Use) (Generation, bool) {
	prior := g.UseOf(use.Output)
	sum := prior.and(use)
	sum.At = prior.At
	if sum == prior {
		return g, false
	}
	g.Uses = append(slices.Clip(g.Uses), use)
	return g, true
}

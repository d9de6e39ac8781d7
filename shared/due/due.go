// Package due owns what must happen by an instant: it finds what is overdue, claims it, and puts it
// back on its queue.
//
// It refuses to know how a step is done. It sends the same message that was sent first, and only
// posts expiries itself.
//
// Invariants: the state is the outbox, so a crash between commit and send, a lost message and a
// worker that never reports are one mechanism. A claim is one conditional write, so two sweeps
// never both send. Delays grow. After MaxAttempts an item leaves the index and is listed as stuck
// until a person deals with it.
//
// Words: due, claim, stuck.
package due

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/shared/correlation"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// The bounds of a sweep. What is left waits for the next minute.
const (
	MaxAttempts = 12
	MaxItems    = 1000 // of each kind, of one sweep
	inParallel  = 8
	firstDelay  = time.Minute
	lastDelay   = time.Hour
	reviewDelay = 30 * 24 * time.Hour
)

// Key is an item as an index shows it. An index may lag.
type Key struct {
	Kind      todo.Kind // which noun it is
	Partition string    // the customer's key; of a payment or an outage, its id
	Sort      string    // the item's id; of a wallet, always the same; of a payment or an outage, ""
	At        time.Time // its due instant, or when it got stuck
}

// Item is an item as its table has it.
type Item struct {
	Key
	Todo     todo.List         // its open steps; of a wallet: StepExpiry
	Attempts int               // how often a sweep has claimed it
	Wallet   ledger.Wallet     // of a wallet
	Customer ledger.CustomerID // whose item it is
}

// Store is what sweeping needs of a store.
type Store interface {
	// Overdue returns at most limit items of each kind whose due instant is at or before now, by an
	// index that may lag, and how many kinds have more of them than it looked at.
	Overdue(ctx context.Context, now time.Time, limit int) (keys []Key, cuts int, err error)
	// Stuck returns at most limit of the items that were given up, At being when, in the order of
	// their positions behind after (nil: from the first), and where to go on, nil at the end. It
	// finds them by an index that may lag, so that a page may hold fewer.
	Stuck(ctx context.Context, after *Position, limit int) ([]Item, *Position, error)
	// LoadItem reads the item consistently, nil when it owes nothing any more.
	LoadItem(ctx context.Context, key Key) (*Item, error)
	// Claim writes the next steps' instants and the attempts so far, if the item's due instant is
	// still item.At: else KindStale.
	Claim(ctx context.Context, item Item, next todo.List, attempts int) error
	// Strand lists the item as stuck and lets it be due at next, or takes it out of the index when
	// next is zero, if its due instant is still item.At: else KindStale.
	Strand(ctx context.Context, item Item, now, next time.Time) error
	// OverdueReviews returns how many cases wait for staff whose answer was due before now, at most
	// limit, by an index that may lag.
	OverdueReviews(ctx context.Context, now time.Time, limit int) (int, error)
	// CommitExpiry writes the posting and the wallet's next due instant: KindStale when the wallet
	// has changed.
	CommitExpiry(ctx context.Context, posting ledger.Posting) error
	Retries
}

// Queues is where overdue work goes back to.
type Queues interface {
	// Send puts the message on the queue of its type, as message.Routes has it.
	Send(ctx context.Context, m message.Message) error
}

// Sweeper puts overdue work back on its queues.
// Why: infra/decisions/0001.
type Sweeper struct {
	Store  Store  // finds and claims the items
	Queues Queues // takes their messages
}

// Report counts what a sweep did, and what waits for a person.
type Report struct {
	Claimed        int // items put back on their queue
	Stranded       int // items given up in this sweep
	Failed         int // items that could not be claimed or sent
	Stuck          int // items listed as stuck after it
	OverdueReviews int // cases past the instant by which the policy promises an answer
	Cuts           int // kinds of which more is overdue than the sweep looked at
}

// Sweep deals with at most MaxItems overdue items of each kind. One item's failure does not stop
// the others: it is counted, logged and tried again when its claim runs out. An error means that
// the index itself could not be read.
func (s Sweeper) Sweep(ctx context.Context, now time.Time) (Report, error) {
	// Count what is stuck first: the alarm lives on this number, which must not depend on how far
	// this sweep gets.
	stuck, _, err := s.Store.Stuck(ctx, nil, MaxItems)
	if err != nil {
		return Report{}, fault.At("due.Sweep: list stuck items", "", err)
	}
	overdueReviews, err := s.Store.OverdueReviews(ctx, now, MaxItems)
	if err != nil {
		return Report{}, fault.At("due.Sweep: count overdue reviews", "", err)
	}
	overdue, cuts, err := s.Store.Overdue(ctx, now, MaxItems)
	if err != nil {
		return Report{}, fault.At("due.Sweep: list overdue items", "", err)
	}
	// Eight at a time: a minute is enough for a thousand items, and one slow item holds up only its
	// own slot.
	outcomes := make([]outcome, len(overdue))
	var group errgroup.Group
	group.SetLimit(inParallel)
	for i, key := range overdue {
		group.Go(func() error {
			if ctx.Err() == nil { // out of time: the rest is due in the next minute too
				outcomes[i] = s.process(within(ctx, key), key, now)
			}
			return nil
		})
	}
	_ = group.Wait() // no member returns an error
	// Each goroutine wrote its own slot, so the counts need no lock.
	report := Report{Cuts: cuts}
	for _, outcome := range outcomes {
		outcome.count(&report)
	}
	report.Stuck, report.OverdueReviews = len(stuck)+report.Stranded, overdueReviews
	return report, nil
}

type outcome int

const (
	outcomeSkipped outcome = iota // done, or claimed by another, since the index was read
	outcomeClaimed
	outcomeStranded
	outcomeFailed
)

func (o outcome) count(report *Report) {
	switch o {
	case outcomeClaimed:
		report.Claimed++
	case outcomeStranded:
		report.Stranded++
	case outcomeFailed:
		report.Failed++
	case outcomeSkipped:
	}
}

func (s Sweeper) process(ctx context.Context, key Key, now time.Time) outcome {
	result, err := s.claim(ctx, key, now)
	if err == nil {
		return result
	}
	slog.ErrorContext(ctx, "an overdue item could not be dealt with: the next sweep tries again", "error", err.Error())
	return outcomeFailed
}

// within returns ctx for the work on one item: what comes of it is found by an id of its own, and
// its lines name what is overdue. The id of the work that left it overdue is on no row. Whoever
// follows that one finds the new one by the subject, which the lines of both have.
// Why: infra/decisions/0054.
func within(ctx context.Context, key Key) context.Context {
	return correlation.Note(correlation.Branch(ctx), slog.String("step", "sweep"), key.subject())
}

func (s Sweeper) claim(ctx context.Context, key Key, now time.Time) (outcome, error) {
	// The index may lag. The table decides whether the item is still due.
	item, err := s.load(ctx, key)
	if err != nil || item == nil || item.At.After(now) {
		return outcomeSkipped, fault.At("due.Sweep: load", "", err)
	}
	// Twelve claims over seven hours did not help. More would only hide from staff that somebody
	// must look.
	if item.Attempts >= MaxAttempts {
		return s.strand(ctx, *item, now)
	}
	overdue, next := split(*item, now)
	// Each claim counts as an attempt, whatever comes of it: a step that never ends must come to an
	// end here.
	attempts := item.Attempts + 1
	if len(overdue) == 1 && overdue[0] == todo.StepReview {
		attempts = item.Attempts // waiting for a person is no failed attempt
	}
	if item.Todo[todo.StepDowntime].After(now) {
		attempts = min(attempts, MaxAttempts/2) // a notice that cannot be sent must not keep a claim from being decided
	}
	// Claim before sending. The condition on the due instant lets one of two sweeps through.
	mine, err := won(ctx, func(ctx context.Context) error { return s.Store.Claim(ctx, *item, next, attempts) })
	if !mine {
		return outcomeSkipped, fault.At("due.Sweep: claim", "", err)
	}
	ctx = correlation.Note(ctx, slog.Int("attempt", attempts))
	for _, step := range overdue {
		if err := s.resend(ctx, *item, step, now); err != nil {
			return outcomeFailed, fault.At("due.Sweep: resend "+string(step), "", err)
		}
	}
	return outcomeClaimed, nil
}

// strand gives an item up. A generation or a case leaves the index: whoever looks into it asks
// again. Nobody can ask about a wallet, and what it holds must not count as spendable longer than
// need be. So a wallet stays due, and is tried each hour.
func (s Sweeper) strand(ctx context.Context, item Item, now time.Time) (outcome, error) {
	var next time.Time
	if item.Kind == todo.KindWallet {
		next = now.Add(lastDelay)
	}
	// The same condition as a claim's: whoever moved the item since our read has made progress with
	// it.
	mine, err := won(ctx, func(ctx context.Context) error { return s.Store.Strand(ctx, item, now, next) })
	if !mine {
		return outcomeSkipped, fault.At("due.Sweep: strand", "", err)
	}
	slog.ErrorContext(ctx, "an item is stuck: it is not tried again before a person has looked", "attempt", item.Attempts,
		"error", "every attempt was taken, and it is still due")
	if item.Kind == todo.KindWallet {
		return outcomeStranded, s.expire(ctx, item.Key, now)
	}
	return outcomeStranded, nil
}

func (s Sweeper) load(ctx context.Context, key Key) (*Item, error) {
	return fault.RetryFor(ctx, func(ctx context.Context) (*Item, error) { return s.Store.LoadItem(ctx, key) })
}

// won runs a conditional write and reports whether it was ours. Losing it to another sweep, or to
// the step itself, is no error. A write whose answer was lost also counts as lost: the item comes
// round again when the claim runs out.
func won(ctx context.Context, write func(ctx context.Context) error) (bool, error) {
	mine := true
	err := fault.Retry(ctx, func(ctx context.Context) error {
		err := write(ctx)
		if err != nil && fault.KindOf(err) == fault.KindStale {
			mine, err = false, nil
		}
		return err
	})
	return mine && err == nil, err
}

// split returns the item's overdue steps, and all its steps with the overdue ones put off by a
// delay that doubles with each attempt.
func split(item Item, now time.Time) (overdue []todo.Step, next todo.List) {
	// The shift is bounded at ten, so that many attempts cannot overflow it; an hour is the longest
	// delay.
	delay := min(firstDelay<<min(item.Attempts, 10), lastDelay)
	next = todo.List{}
	for step, at := range item.Todo {
		if !at.After(now) {
			overdue, at = append(overdue, step), now.Add(delay)
			if step == todo.StepReview {
				// A review waits for a person, whom a new message each hour would not make faster.
				at = now.Add(reviewDelay)
			}
		}
		next[step] = at
	}
	return overdue, next
}

// resend takes an overdue step again: by the message that was sent first, or by itself where nobody
// else can.
func (s Sweeper) resend(ctx context.Context, item Item, step todo.Step, now time.Time) error {
	switch step {
	case todo.StepExpiry:
		return s.expire(ctx, item.Key, now)
	case todo.StepReview:
		slog.WarnContext(ctx, "a case is still in review: staff have not ruled")
		return nil
	default:
	}
	request := message.Ask(step, item.Kind, item.Partition, item.Sort)
	if request == nil {
		return fault.Errorf(fault.KindInternal, fault.CodeInternal, "no message asks again for the step %s of a %s", step, item.Kind)
	}
	// One line ties the subject, which the lines before have, to the id under which it goes on.
	route, _ := message.RouteOf(request.Head().Type)
	slog.InfoContext(ctx, "an overdue step is asked for again", "step", route.Step)
	return s.Queues.Send(ctx, request)
}

// expire posts the lots that have run out. Each attempt reads the wallet again, for the customer
// may spend meanwhile.
func (s Sweeper) expire(ctx context.Context, key Key, now time.Time) error {
	return fault.Retry(ctx, func(ctx context.Context) error {
		item, err := s.Store.LoadItem(ctx, key)
		if err != nil || item == nil {
			return err
		}
		return s.Store.CommitExpiry(ctx, ledger.Expire(item.Wallet, now))
	})
}

// Package due owns what must happen by an instant: it finds what is overdue, claims it, and puts it back on its queue.
//
// It refuses to know how a step is done: it asks again with the same message that was sent first, and only posts expiries itself.
//
// Invariants: the state is the outbox, so a crash between commit and send, a lost message and a worker that never reports are one
// mechanism; a claim is one conditional write, so two sweeps never both send; delays grow, and after MaxAttempts an item leaves the
// index and is listed as stuck until a person deals with it.
//
// Words: due, claim, stuck.
package due

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/todo"
)

// Kind says which noun an item is.
type Kind string

// The kinds; the zero value is invalid.
const (
	KindWallet     Kind = "wallet"
	KindGeneration Kind = "generation"
	KindCase       Kind = "case"
	KindOffer      Kind = "offer"    // of an outage; it lies among its customer's cases
	KindStanding   Kind = "standing" // a change of one; it lies beside its customer's wallet
	KindPayment    Kind = "payment"
	KindOutage     Kind = "outage"
)

// The bounds of a sweep: what is left waits for the next minute.
const (
	MaxAttempts = 12
	MaxItems    = 1000 // of each kind, of one sweep
	inParallel  = 8
	firstDelay  = time.Minute
	lastDelay   = time.Hour
	reviewDelay = 30 * 24 * time.Hour
)

// Key is an item as an index shows it: At is its due instant (or when it got stuck). An index may lag.
type Key struct {
	Kind      Kind
	Partition string // the customer's key; of a payment or an outage, its id
	Sort      string // the item's id; of a wallet, always the same; of a payment or an outage, ""
	At        time.Time
}

// Item is an item as its table has it.
type Item struct {
	Key
	Todo     todo.List // of a wallet: StepExpiry
	Attempts int
	Wallet   ledger.Wallet // of a wallet
	Customer ledger.CustomerID
}

// Store is what sweeping needs of a store.
type Store interface {
	// Overdue returns at most limit items of each kind whose due instant is at or before now, by an index that may lag.
	Overdue(ctx context.Context, now time.Time, limit int) ([]Key, error)
	// Stuck returns at most limit of the items that were given up, At being when, in the order of their positions behind after (nil: from
	// the first), and where to go on, nil at the end. It finds them by an index that may lag, so that a page may hold fewer.
	Stuck(ctx context.Context, after *Position, limit int) ([]Item, *Position, error)
	// LoadItem reads the item consistently, nil when it owes nothing any more.
	LoadItem(ctx context.Context, key Key) (*Item, error)
	// Claim writes the next steps' instants and the attempts so far, if the item's due instant is still item.At: else KindStale.
	Claim(ctx context.Context, item Item, next todo.List, attempts int) error
	// Strand lists the item as stuck and lets it be due at next, or takes it out of the index when next is zero, if its due instant is
	// still item.At: else KindStale.
	Strand(ctx context.Context, item Item, now, next time.Time) error
	// OverdueReviews returns how many cases wait for staff whose answer was due before now, at most limit, by an index that may lag.
	OverdueReviews(ctx context.Context, now time.Time, limit int) (int, error)
	// CommitExpiry writes the posting and the wallet's next due instant: KindStale when the wallet has changed.
	CommitExpiry(ctx context.Context, posting ledger.Posting) error
}

// Queues is where overdue work goes back to.
type Queues interface {
	Request(ctx context.Context, request message.RefundRequested) error
	Tell(ctx context.Context, decided message.RefundDecided) error
	TellPart(ctx context.Context, partial message.GenerationPartial) error
	TellOffer(ctx context.Context, offered message.OutageOffered) error
	TellStanding(ctx context.Context, changed message.StandingChanged) error
	Settle(ctx context.Context, unsettled message.PaymentUnsettled) error
	Run(ctx context.Context, started message.OutageStarted) error
	LookAgain(ctx context.Context, changed message.OutageChanged) error
}

// Sweeper puts overdue work back.
type Sweeper struct {
	Store  Store
	Queues Queues
}

// Report counts what a sweep did; Stuck is how many items are listed as stuck after it, OverdueReviews how many cases wait for staff past the
// instant by which the policy promises an answer.
type Report struct {
	Claimed, Stranded, Failed, Stuck, OverdueReviews int
}

// Sweep deals with at most MaxItems overdue items of each kind. One item's failure does not stop the others: it is counted, logged and tried
// again when its claim runs out. An error means that the index itself could not be read.
func (s Sweeper) Sweep(ctx context.Context, now time.Time) (Report, error) {
	stuck, _, err := s.Store.Stuck(ctx, nil, MaxItems) // first: the count that the alarm lives on must not depend on how far this sweep gets
	if err != nil {
		return Report{}, err
	}
	overdueReviews, err := s.Store.OverdueReviews(ctx, now, MaxItems)
	if err != nil {
		return Report{}, err
	}
	overdue, err := s.Store.Overdue(ctx, now, MaxItems)
	if err != nil {
		return Report{}, err
	}
	outcomes := make([]outcome, len(overdue))
	var group errgroup.Group
	group.SetLimit(inParallel)
	for i, key := range overdue {
		group.Go(func() error {
			if ctx.Err() == nil { // out of time: the rest is due in the next minute too
				outcomes[i] = s.deal(ctx, key, now)
			}
			return nil
		})
	}
	_ = group.Wait() // no member returns an error
	var report Report
	for _, outcome := range outcomes {
		outcome.count(&report)
	}
	report.Stuck, report.OverdueReviews = len(stuck)+report.Stranded, overdueReviews
	return report, nil
}

type outcome int

const (
	outcomeSkipped outcome = iota // settled, or claimed by another, since the index was read
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

func (s Sweeper) deal(ctx context.Context, key Key, now time.Time) outcome {
	result, err := s.claim(ctx, key, now)
	if err == nil {
		return result
	}
	slog.ErrorContext(ctx, "sweep failed", "kind", key.Kind, "partition", key.Partition, "id", key.Sort, "error", err)
	return outcomeFailed
}

func (s Sweeper) claim(ctx context.Context, key Key, now time.Time) (outcome, error) {
	item, err := s.load(ctx, key)
	if err != nil || item == nil || item.At.After(now) {
		return outcomeSkipped, err
	}
	if item.Attempts >= MaxAttempts {
		return s.strand(ctx, *item, now)
	}
	overdue, next := split(*item, now)
	attempts := item.Attempts + 1
	if len(overdue) == 1 && overdue[0] == todo.StepReview {
		attempts = item.Attempts // waiting for a person is no failed attempt
	}
	if item.Todo[todo.StepDowntime].After(now) {
		attempts = min(attempts, MaxAttempts/2) // what cannot be told meanwhile must not keep a claim from being decided
	}
	mine, err := won(ctx, func(ctx context.Context) error { return s.Store.Claim(ctx, *item, next, attempts) })
	if !mine {
		return outcomeSkipped, err
	}
	for _, step := range overdue {
		if err := s.redo(ctx, *item, step, now); err != nil {
			return outcomeFailed, err
		}
	}
	return outcomeClaimed, nil
}

// strand gives an item up. A generation or a case leaves the index: whoever looks into it asks again. Nobody can ask about a wallet, and
// what it holds must not count as spendable longer than need be: it stays due, and is tried each hour.
func (s Sweeper) strand(ctx context.Context, item Item, now time.Time) (outcome, error) {
	var next time.Time
	if item.Kind == KindWallet {
		next = now.Add(lastDelay)
	}
	mine, err := won(ctx, func(ctx context.Context) error { return s.Store.Strand(ctx, item, now, next) })
	if !mine {
		return outcomeSkipped, err
	}
	slog.ErrorContext(ctx, "stuck", "kind", item.Kind, "partition", item.Partition, "id", item.Sort, "attempts", item.Attempts)
	if item.Kind == KindWallet {
		return outcomeStranded, s.expire(ctx, item.Key, now)
	}
	return outcomeStranded, nil
}

func (s Sweeper) load(ctx context.Context, key Key) (*Item, error) {
	var item *Item
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		item, err = s.Store.LoadItem(ctx, key)
		return err
	})
	return item, err
}

// won runs a conditional write and reports whether it was ours. Losing it to another sweep, or to the step itself, is no error. An
// answer that was lost reads as lost too: the item comes round again when the claim runs out.
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

// split returns the item's overdue steps, and all its steps with those put off by a delay that doubles with each attempt.
func split(item Item, now time.Time) (overdue []todo.Step, next todo.List) {
	delay := min(firstDelay<<min(item.Attempts, 10), lastDelay)
	next = todo.List{}
	for step, at := range item.Todo {
		if !at.After(now) {
			overdue, at = append(overdue, step), now.Add(delay)
			if step == todo.StepReview {
				at = now.Add(reviewDelay)
			}
		}
		next[step] = at
	}
	return overdue, next
}

func (s Sweeper) redo(ctx context.Context, item Item, step todo.Step, now time.Time) error {
	switch step {
	case todo.StepSettle:
		return s.Queues.Request(ctx, message.NewTechnicalFailure(item.Sort, message.ReasonOverdue))
	case todo.StepRefund, todo.StepDowntime:
		return s.Queues.Request(ctx, refundRequest(item))
	case todo.StepPay, todo.StepLook, todo.StepRoom:
		return s.Queues.Settle(ctx, message.NewPaymentUnsettled(item.Partition))
	case todo.StepRun:
		return s.Queues.Run(ctx, message.NewOutageStarted(item.Partition, 0))
	case todo.StepClaims:
		return s.Queues.LookAgain(ctx, message.NewOutageChanged(item.Partition))
	case todo.StepNotice, todo.StepPaid, todo.StepFailed:
		if item.Kind == KindGeneration {
			return s.Queues.TellPart(ctx, message.NewGenerationPartial(item.Sort))
		}
		return s.Queues.Tell(ctx, message.NewRefundDecided(item.Sort))
	case todo.StepOffer:
		return s.Queues.TellOffer(ctx, message.NewOutageOffered(item.Sort))
	case todo.StepStand:
		return s.Queues.TellStanding(ctx, message.NewStandingChanged(item.Sort))
	case todo.StepExpiry:
		return s.expire(ctx, item.Key, now)
	case todo.StepReview:
		slog.WarnContext(ctx, "still in review", "id", item.Sort)
		return nil
	}
	return fault.Errorf(fault.KindInternal, fault.CodeInternal, "no such step: %s", step)
}

// refundRequest returns the question that an item's refund step asks: about a case, a payment whose cases are to follow, or a generation that
// failed.
func refundRequest(item Item) message.RefundRequested {
	if item.Kind == KindCase {
		return message.NewCaseRequested(item.Sort, "", "")
	}
	if item.Kind == KindPayment {
		return message.NewPaymentRequested(item.Partition)
	}
	return message.NewTechnicalFailure(item.Sort, message.ReasonFailed)
}

// expire posts what has run out. The wallet is read again for each attempt: customers do not wait for us.
func (s Sweeper) expire(ctx context.Context, key Key, now time.Time) error {
	return fault.Retry(ctx, func(ctx context.Context) error {
		item, err := s.Store.LoadItem(ctx, key)
		if err != nil || item == nil {
			return err
		}
		return s.Store.CommitExpiry(ctx, ledger.Expire(item.Wallet, now))
	})
}

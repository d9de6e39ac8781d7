// Package generation owns one AI image generation and the credits held for it: start, the first
// result, what it cost.
//
// It refuses to know when a failure deserves its credits back: it records the failure and requests
// a decision (see refund). It knows no policy beyond the price and the time limit of a feature, nor
// what a use of an output means for a refund.
//
// Invariants: the first recorded result counts, a different later one is noted as late and moves
// nothing. States only go forward (see transitions). Customer, price and draws are written once.
// The generation is itself the ledger line of its hold, its capture and its release: each has its
// own instant, and Captured + Released = Price once its hold has ended.
//
// Words: held (credits reserved), failed (a failure is recorded, the verdict is open, the credits
// are still held), captured (spent), released (given back unspent), refunded (all of it given back
// after it was spent; one output of several leaves it captured), deadline (when an absent result is
// overdue), use (what was done with an output that came, by the app's word).
package generation

import (
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/todo"
)

// ID names a generation: "gen_", the customer's key, and a hash of the route, the caller and the
// idempotency key.
type ID string

const idPrefix = "gen_"

// NewID returns the id of the generation that principal starts for customer under an idempotency
// key: the same three, the same generation.
func NewID(customer ledger.CustomerID, principal, key string) ID {
	return ID(ledger.NewOwnedID(idPrefix, customer.Key(), "POST /v1/generations", principal, key))
}

// ParseID returns the id, or KindNotFound for what can be no generation's id.
func ParseID(s string) (ID, error) {
	if !ledger.IsOwnedID(idPrefix, s) {
		return "", fault.NotFound("generation")
	}
	return ID(s), nil
}

// CustomerKey returns the key of the customer whose generation it is. The id must be one of ours.
func (id ID) CustomerKey() string { return ledger.OwnerKey(string(id)) }

// State is where a generation has got to.
type State string

// The states; the zero value is invalid.
const (
	StateHeld     State = "held"
	StateFailed   State = "failed"
	StateCaptured State = "captured"
	StateReleased State = "released"
	StateRefunded State = "refunded"
)

// transitions lists where each state may go. A declined failure is captured; a released or refunded
// generation stays so.
var transitions = map[State][]State{
	StateHeld:     {StateFailed, StateCaptured, StateReleased},
	StateFailed:   {StateCaptured, StateReleased},
	StateCaptured: {StateRefunded},
	StateReleased: {},
	StateRefunded: {},
}

// May reports whether a generation in this state may go to next.
func (s State) May(next State) bool { return slices.Contains(transitions[s], next) }

// The wire words of where and how a picture was made.
const (
	SurfaceEditor  = "editor"
	SurfaceBatch   = "batch"
	SurfaceCatalog = "catalog"
	ModePaid       = "paid"
	ModeFree       = "free"
	ModeOwnKey     = "own_key" // the customer's own key at the provider: nothing is charged here
)

// MaxOutputs is how many pictures one generation may have: its draws and links stay within one item
// of 1 KB.
const MaxOutputs = 8

// Generation is one generation. Credits are in the wallet's smallest unit. Instants are UTC, whole
// milliseconds; a zero instant has not come.
// Why: infra/decisions/0003.
type Generation struct {
	// ID names it, and tells whose it is.
	ID ID
	// Customer is who pays.
	Customer ledger.CustomerID
	// Feature is the name of what was made, as the policy lists it.
	Feature string
	// Platform is ios, android or web.
	Platform string
	// Surface is the part of the app: one of the Surface words.
	Surface string
	// Mode says whether it is charged: one of the Mode words.
	Mode string
	// Options are what the order chose of the feature.
	Options
	// Reference is the app's own word for the generation, at most MaxReference characters.
	Reference string
	// Words are what the order said of its picture, zero once they are erased.
	Words Words
	// Dimensions are those that the picture was to have, zero for any.
	Dimensions Dimensions
	// Locale is the language that the customer reads, "" where it is not known.
	Locale string
	// Outputs is how many pictures were ordered.
	Outputs int

	// Price is what all outputs cost; 0 unless the mode is paid.
	Price ledger.Credits
	// Draws is what the hold took, split over the outputs in order.
	Draws []ledger.Draw

	// State is where it has got to.
	State State
	// StartedAt is when the credits were held.
	StartedAt time.Time
	// Deadline is when an absent result is overdue.
	Deadline time.Time
	// RecordedAt is when the first result was recorded.
	RecordedAt time.Time
	// CapturedAt is when credits were spent.
	CapturedAt time.Time
	// ReleasedAt is when credits were given back unspent.
	ReleasedAt time.Time
	// Captured is how many credits were spent, those refunded since included.
	Captured ledger.Credits
	// Released is how many were given back unspent.
	Released ledger.Credits
	// Refunded is how many were given back after they were spent.
	Refunded ledger.Credits

	// Result is the first result; nil while none came, or when the deadline passed first.
	Result *Result
	// Hash is that result's.
	Hash string
	// Late is a different later result, nil when none came.
	Late *Late
	// Uses is what the app recorded of the outputs, oldest first.
	Uses []Use

	// InputHash is the hash of the order that started it.
	InputHash string
	// AvailableAfter is the balance in the first answer.
	AvailableAfter ledger.Credits

	// Todo is what is due: a result, a verdict on a failure, or the notice that not all outputs
	// came.
	Todo todo.List
	// Attempts is how often the sweep has tried what is due.
	Attempts int
}

// Failure returns why the generation failed, or nil.
func (g Generation) Failure() *Failure {
	if g.Result == nil {
		return nil
	}
	return g.Result.Failure
}

// Held returns the credits that are still reserved.
func (g Generation) Held() ledger.Credits {
	if g.State == StateHeld || g.State == StateFailed {
		return g.Price
	}
	return 0
}

// Came returns how many of the ordered outputs came: none before a success is recorded.
func (g Generation) Came() int {
	if g.Result == nil || g.Result.Status != StatusSucceeded {
		return 0
	}
	return g.Result.Came(g.Outputs)
}

// OutputDraws returns what the output (from 0) was charged, and from which lots: its even share of
// the hold, the last one taking the rest. Nothing for an output that did not come.
func (g Generation) OutputDraws(output int) []ledger.Draw {
	if output < 0 || output >= g.Came() {
		return nil
	}
	return ledger.SplitDraws(g.Draws, g.Outputs)[output]
}

// Next returns the instant of what happens to the generation at now. It lies after all that has
// happened to it, even where another machine's clock was ahead.
func (g Generation) Next(now time.Time) time.Time {
	return ledger.Later(now, g.StartedAt, g.RecordedAt, g.CapturedAt, g.ReleasedAt)
}

// Late is a different later result: it charged nothing and moved nothing.
type Late struct {
	// Status is how that result said the generation ended.
	Status Status
	// At is when it was noted.
	At time.Time
}

// Capture returns the generation with all its credits spent at now and nothing left to do.
func (g Generation) Capture(now time.Time) Generation {
	g.State, g.CapturedAt, g.Captured = StateCaptured, now, g.Price
	g.Todo, g.Attempts = nil, 0
	return g
}

// Release returns the generation with credits given back unspent at now, the rest spent, and
// nothing left to do.
func (g Generation) Release(credits ledger.Credits, now time.Time) Generation {
	g.State, g.ReleasedAt, g.Released = StateReleased, now, credits
	// Where a part is kept, the generation counts as captured: that part can still be refunded.
	if rest := g.Price - credits; rest > 0 {
		g.State, g.CapturedAt, g.Captured = StateCaptured, now, rest
	}
	g.Todo, g.Attempts = nil, 0
	return g
}

// Refund returns the generation with credits of it given back after they were spent. Each output
// has a case of its own, which makes sure that none is refunded twice.
func (g Generation) Refund(credits ledger.Credits) Generation {
	g.Refunded += credits
	if g.Refunded == g.Captured {
		g.State = StateRefunded
	}
	return g
}

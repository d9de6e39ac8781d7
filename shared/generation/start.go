package generation

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/text"
	"makegood/shared/todo"
)

// Backlog is what our own queues may add to a feature's time limit before a missing result is overdue.
const Backlog = 15 * time.Minute

// MaxReference bounds the app's own word for a generation, in characters.
const MaxReference = 128

// Feature is what a generation may ask for: its price per output and how long a worker may take.
type Feature struct {
	Name         string
	Price        ledger.Credits // without options
	Prices       []PriceRow     // with options
	Modes        []string       // in which it may be made
	ResultWithin time.Duration
}

// Catalog knows the features on sale at an instant.
type Catalog interface {
	// Feature returns the feature and whether it is on sale at that instant; an error when nobody can tell.
	Feature(name string, at time.Time) (Feature, bool, error)
}

// Starts is what starting needs of a store.
type Starts interface {
	// LoadStart returns the customer's wallet and the generation of that id, nil when there is none, in one consistent read.
	LoadStart(ctx context.Context, customer ledger.CustomerID, id ID) (ledger.Wallet, *Generation, error)
	// CommitStart creates the generation and takes its draws, or does neither: KindStale when the wallet is not as it was read, be it
	// that nothing is drawn from it, or the generation exists by now.
	CommitStart(ctx context.Context, started Generation, hold ledger.Posting) error
}

// Starter starts generations.
type Starter struct {
	Store   Starts
	Catalog Catalog
}

// Order asks for a generation. Key is the caller's idempotency key, Principal the caller it belongs to.
type Order struct {
	Customer ledger.CustomerID
	Feature  string
	Platform string
	Surface  string // empty: editor
	Mode     string // empty: paid
	Outputs  int    // 0: one
	Options
	Reference string // the app's own word for it
	Locale    string // what the customer reads, as locale.Parse has it; a repeat in another is a repeat all the same
	Principal string
	Key       string
}

// Started is the answer to an order. Replayed tells that an earlier order under the same key got it first.
type Started struct {
	ID ID
	Options
	Price     ledger.Credits
	Available ledger.Credits
	Replayed  bool
}

// Start prices the order and holds its credits, once for a key.
//
// Errors: KindInvalid (a field; unknown_feature), KindInsufficient, KindForbidden (access_restricted),
// KindConflict (the key was used for another order), KindBusy.
func (s Starter) Start(ctx context.Context, order Order, now time.Time) (Started, error) {
	order = order.withDefaults()
	if err := order.validate(); err != nil {
		return Started{}, err
	}
	id := NewID(order.Customer, order.Principal, order.Key)
	var started Started
	err := fault.Contend(ctx, func(ctx context.Context) (err error) {
		started, err = s.attempt(ctx, id, order, now)
		return err
	})
	return started, err
}

// attempt looks for the first answer before anything else: what was started stays started, whatever is on sale by now.
func (s Starter) attempt(ctx context.Context, id ID, order Order, now time.Time) (Started, error) {
	wallet, prior, err := s.Store.LoadStart(ctx, order.Customer, id)
	if err != nil {
		return Started{}, err
	}
	if prior != nil {
		return prior.replay(order.hash())
	}
	fresh, err := s.price(id, order, now)
	if err != nil {
		return Started{}, err
	}
	draws, hold, err := ledger.Hold(wallet, fresh.Price, now)
	if err != nil {
		return s.refuse(ctx, id, order, err)
	}
	fresh.Draws, fresh.StartedAt, fresh.AvailableAfter = draws, hold.At, hold.After.Available(hold.At)
	if err := s.Store.CommitStart(ctx, fresh, hold); err != nil {
		return Started{}, err
	}
	return fresh.started(), nil
}

// refuse returns the refusal, unless this very order was held between the read of the generation and the read of the wallet: one read
// of two items is no snapshot.
func (s Starter) refuse(ctx context.Context, id ID, order Order, refusal error) (Started, error) {
	_, prior, err := s.Store.LoadStart(ctx, order.Customer, id)
	if err != nil {
		return Started{}, err
	}
	if prior != nil {
		return prior.replay(order.hash())
	}
	return Started{}, refusal
}

func (s Starter) price(id ID, order Order, now time.Time) (Generation, error) {
	feature, ok, err := s.Catalog.Feature(order.Feature, now)
	if err != nil {
		return Generation{}, err
	}
	if !ok {
		return Generation{}, &fault.Error{
			Kind: fault.KindInvalid, Code: fault.CodeUnknownFeature, Field: "feature", Detail: "the policy lists no such feature",
		}
	}
	if !slices.Contains(feature.Modes, order.Mode) {
		return Generation{}, fault.Invalid("mode", "must be %s", strings.Join(feature.Modes, " or "))
	}
	var price ledger.Credits // of what is not charged nobody asks for one
	if order.Mode == ModePaid {
		if price, err = feature.PriceOf(order.Options); err != nil {
			return Generation{}, err
		}
	}
	return order.generation(id, price, feature.ResultWithin, now), nil
}

func (g Generation) started() Started {
	return Started{ID: g.ID, Options: g.Options, Price: g.Price, Available: g.AvailableAfter}
}

func (g Generation) replay(inputHash string) (Started, error) {
	if g.InputHash != inputHash {
		return Started{}, fault.Errorf(fault.KindConflict, fault.CodeIdempotencyKeyReused, "the idempotency key was used for another generation")
	}
	first := g.started()
	first.Replayed = true
	return first, nil
}

func (o Order) withDefaults() Order {
	if o.Surface == "" {
		o.Surface = SurfaceEditor
	}
	if o.Mode == "" {
		o.Mode = ModePaid
	}
	if o.Outputs == 0 {
		o.Outputs = 1
	}
	return o
}

func (o Order) validate() error {
	switch {
	case o.Platform != "ios" && o.Platform != "android" && o.Platform != "web":
		return fault.Invalid("platform", "must be ios, android or web")
	case o.Surface != SurfaceEditor && o.Surface != SurfaceBatch && o.Surface != SurfaceCatalog:
		return fault.Invalid("surface", "must be editor, batch or catalog")
	case o.Mode != ModePaid && o.Mode != ModeFree && o.Mode != ModeOwnKey:
		return fault.Invalid("mode", "must be paid, free or own_key")
	case o.Outputs < 1 || o.Outputs > MaxOutputs:
		return fault.Invalid("outputs", "must be 1 to %d", MaxOutputs)
	}
	if err := o.Options.validate(); err != nil {
		return err
	}
	return text.CheckLength("reference", o.Reference, MaxReference)
}

// hash tells one order from another under the same key; the customer is in the id.
func (o Order) hash() string {
	return ledger.HashID("", 20, o.Feature, o.Platform, o.Surface, o.Mode, strconv.Itoa(o.Outputs), o.Model, o.Reference,
		o.Size, strconv.Itoa(o.Seconds))
}

// generation returns the order as a held generation at a price for each output, its draws still to be found.
func (o Order) generation(id ID, output ledger.Credits, within time.Duration, now time.Time) Generation {
	deadline := now.Add(within + Backlog)
	return Generation{
		ID: id, Customer: o.Customer,
		Feature: o.Feature, Platform: o.Platform, Surface: o.Surface, Mode: o.Mode, Options: o.Options, Reference: o.Reference, Locale: o.Locale, Outputs: o.Outputs,
		Price: output * ledger.Credits(o.Outputs), State: StateHeld, StartedAt: now, Deadline: deadline,
		InputHash: o.hash(),
		Todo:      todo.List{todo.StepSettle: deadline},
	}
}

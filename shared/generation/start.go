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

// Backlog is what our own queues may add to a feature's time limit before a missing result is
// overdue.
const Backlog = 15 * time.Minute

// MaxReference bounds the app's own word for a generation, in characters.
const MaxReference = 128

// Feature is what can be generated: its price per output and how long a worker may take.
type Feature struct {
	// Name is the policy's word for it.
	Name string
	// Price is what one output costs without options.
	Price ledger.Credits
	// Prices holds the prices with options.
	Prices []PriceRow
	// Modes are those in which it may be made.
	Modes []string
	// ResultWithin is how long the worker may take.
	ResultWithin time.Duration
}

// Catalog knows the features on sale at an instant.
type Catalog interface {
	// Feature returns the feature and whether it is on sale at that instant.
	Feature(name string, at time.Time) (Feature, bool)
}

// Starts is what starting needs of a store.
type Starts interface {
	// LoadStart returns the customer's wallet and the generation of that id, nil when there is
	// none, in one consistent read.
	LoadStart(ctx context.Context, customer ledger.CustomerID, id ID) (ledger.Wallet, *Generation, error)
	// CommitStart creates the generation and takes its draws, or does neither: KindStale when the
	// wallet is not as it was read, even where nothing is drawn from it, or when the generation
	// exists by now.
	CommitStart(ctx context.Context, generation Generation, hold ledger.Posting) error
}

// Starter starts generations.
type Starter struct {
	// Store keeps wallets and generations.
	Store Starts
	// Catalog knows what is on sale.
	Catalog Catalog
}

// Order is an order of a generation.
type Order struct {
	// Customer is who pays.
	Customer ledger.CustomerID
	// Feature is the name of what is to be made.
	Feature string
	// Platform is ios, android or web.
	Platform string
	// Surface is one of the Surface words; empty reads as editor.
	Surface string
	// Mode is one of the Mode words; empty reads as paid.
	Mode string
	// Outputs is how many pictures, at most MaxOutputs; 0 reads as one.
	Outputs int
	// Options are what the order chooses of the feature.
	Options
	// Reference is the app's own word for it, "" for none.
	Reference string
	// Words are what it says of its picture.
	Words Words
	// Dimensions are those that the picture is to have, zero for any.
	Dimensions Dimensions
	// Locale is what the customer reads, as locale.Parse has it. It is no part of the input hash: a
	// replay in another language is a replay all the same.
	Locale string
	// Principal is the caller that Key belongs to.
	Principal string
	// Key is the caller's idempotency key.
	Key string
}

// Started is the answer to an order.
type Started struct {
	// ID is the generation's.
	ID ID
	// Options are what the order chose.
	Options
	// Price is how many credits are held.
	Price ledger.Credits
	// Available is the balance after the hold, as the first answer had it.
	Available ledger.Credits
	// Replayed reports that an earlier order under the same key started the generation.
	Replayed bool
}

// Start prices the order and holds its credits, once for a key.
//
// Errors: KindInvalid (a field; unknown_feature), KindInsufficient, KindForbidden
// (access_restricted), KindConflict (the key was used for another order), KindBusy.
func (s Starter) Start(ctx context.Context, order Order, now time.Time) (Started, error) {
	order = order.withDefaults()
	if err := order.validate(); err != nil {
		return Started{}, err
	}
	id := NewID(order.Customer, order.Principal, order.Key)
	// A customer may start many generations at once, each of which makes the other holds stale.
	return fault.ContendFor(ctx, func(ctx context.Context) (Started, error) {
		return s.attempt(ctx, id, order, now)
	})
}

// attempt starts the generation by one read and one commit, or returns the first answer.
func (s Starter) attempt(ctx context.Context, id ID, order Order, now time.Time) (Started, error) {
	wallet, prior, err := s.Store.LoadStart(ctx, order.Customer, id)
	if err != nil {
		return Started{}, fault.At("generation.Start: load", string(id), err)
	}
	// The first answer comes before anything else: a replay is answered, whatever is on sale by
	// now.
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
	// The generation is the line of its hold, so it starts at the instant of the posting.
	fresh.Draws, fresh.StartedAt, fresh.AvailableAfter = draws, hold.At, hold.After.Available(hold.At)
	if err := s.Store.CommitStart(ctx, fresh, hold); err != nil {
		return Started{}, fault.At("generation.Start: commit hold", string(id), err)
	}
	return fresh.answer(), nil
}

// refuse returns the refusal, unless this very order was held between the read of the generation
// and the read of the wallet: one read of two items is no snapshot. Without this second look, the
// replay of an order that took the last credits would be refused for want of them.
func (s Starter) refuse(ctx context.Context, id ID, order Order, refusal error) (Started, error) {
	_, prior, err := s.Store.LoadStart(ctx, order.Customer, id)
	if err != nil {
		return Started{}, fault.At("generation.Start: look for replay", string(id), err)
	}
	if prior != nil {
		return prior.replay(order.hash())
	}
	return Started{}, refusal
}

// price returns the order as a held generation, priced by the catalog of now.
func (s Starter) price(id ID, order Order, now time.Time) (Generation, error) {
	feature, ok := s.Catalog.Feature(order.Feature, now)
	if !ok {
		return Generation{}, &fault.Error{
			Kind: fault.KindInvalid, Code: fault.CodeUnknownFeature, Field: "feature", Detail: "the policy lists no such feature",
		}
	}
	if !slices.Contains(feature.Modes, order.Mode) {
		return Generation{}, fault.Invalid("mode", "must be %s", strings.Join(feature.Modes, " or "))
	}
	// Only paid generations need a price: options without one are no fault where nothing is
	// charged.
	var price ledger.Credits
	if order.Mode == ModePaid {
		var err error
		if price, err = feature.PriceOf(order.Options); err != nil {
			return Generation{}, err
		}
	}
	return order.generation(id, price, feature.ResultWithin, now), nil
}

func (g Generation) answer() Started {
	return Started{ID: g.ID, Options: g.Options, Price: g.Price, Available: g.AvailableAfter}
}

// replay returns the first answer again; KindConflict where the key came with another order.
func (g Generation) replay(inputHash string) (Started, error) {
	if g.InputHash != inputHash {
		return Started{}, fault.Errorf(fault.KindConflict, fault.CodeIdempotencyKeyReused, "the idempotency key was used for another generation")
	}
	first := g.answer()
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
	if err := o.Words.validate(); err != nil {
		return err
	}
	if err := o.Dimensions.validate(); err != nil {
		return err
	}
	return text.CheckLength("reference", o.Reference, MaxReference)
}

// hash tells one order from another under the same key; the customer is in the id. It is stored, so
// an order that says nothing of its picture has the hash that it had before orders could.
func (o Order) hash() string {
	parts := [...]string{
		o.Feature, o.Platform, o.Surface, o.Mode, strconv.Itoa(o.Outputs), o.Model, o.Reference, o.Size, strconv.Itoa(o.Seconds),
		o.Words.Prompt, o.Words.Template, strconv.Itoa(o.Dimensions.Width), strconv.Itoa(o.Dimensions.Height),
	}
	const plain = len(parts) - 4
	if o.Words == (Words{}) && o.Dimensions == (Dimensions{}) {
		return ledger.HashID("", 20, parts[:plain]...)
	}
	return ledger.HashID("", 20, parts[:]...)
}

// generation returns the order as a held generation at a price for each output, without its draws.
func (o Order) generation(id ID, output ledger.Credits, within time.Duration, now time.Time) Generation {
	// The worker's time limit counts from now; our own queues may delay its result by Backlog.
	deadline := now.Add(within + Backlog)
	return Generation{
		ID: id, Customer: o.Customer,
		Feature: o.Feature, Platform: o.Platform, Surface: o.Surface, Mode: o.Mode, Options: o.Options,
		Reference: o.Reference, Words: o.Words, Dimensions: o.Dimensions, Locale: o.Locale, Outputs: o.Outputs,
		Price: output * ledger.Credits(o.Outputs), State: StateHeld, StartedAt: now, Deadline: deadline,
		InputHash: o.hash(),
		Todo:      todo.List{todo.StepSettle: deadline},
	}
}

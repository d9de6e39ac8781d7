package outage

import (
	"context"
	"slices"
	"strconv"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/text"
)

// The bounds of a declaration. A clock ahead of ours is forgiven as much as elsewhere.
const (
	maxFeatures = 20
	maxAhead    = 300 * time.Second
	firstYear   = 2000 // before which nobody bought anything
	lastYear    = 9999 // after which no instant can be written
)

// Past these a declaration is more likely a slip than an outage: it has to be confirmed.
const (
	longAgo = 90 * 24 * time.Hour
	longFor = 30 * 24 * time.Hour
)

// The codes of refusals: of a declaration that is to be confirmed, and of an order about an outage
// that was withdrawn.
const (
	CodeConfirm   = "confirm"
	CodeWithdrawn = "withdrawn"
)

// Declaration is what staff say of an outage.
type Declaration struct {
	// StartedAt is when it began.
	StartedAt time.Time
	// EndedAt is when it ended, nil while it goes on.
	EndedAt *time.Time
	// Features are those it hit, empty for all. Order and repeats do not matter.
	Features []string
	// PreventedUse is true where the app could not be used at all.
	PreventedUse bool
	// Confirm says that it did begin long ago, or does last long: it is no slip.
	Confirm bool
	// By is the name of the operator key.
	By string
	// Principal is the caller whose idempotency keys Key is one of.
	Principal string
	// Key is the idempotency key.
	Key string
}

// Declarer declares, corrects and withdraws outages.
type Declarer struct {
	// Store keeps the outages.
	Store Store
	// Estimator is the stack's policy, as outages ask it.
	Estimator Estimator
	// Looks takes outages whose change the waiting claims are looked at by.
	Looks Looks
}

// Declare records the outage with an estimate of what a run would give, once for a key; a replay
// gets the first answer. It gives nothing, but the claims that wait for downtime are looked at
// again.
//
// Errors: KindInvalid (a field; unknown_feature), KindConflict (idempotency_key_reused;
// CodeConfirm), KindBusy.
func (d Declarer) Declare(ctx context.Context, declaration Declaration, now time.Time) (o Outage, replay bool, err error) {
	if err := declaration.validate(); err != nil {
		return Outage{}, false, err
	}
	o = declaration.outage(now)
	err = fault.Retry(ctx, func(ctx context.Context) error {
		// A replay is answered before policy and clock are asked: either may have moved since, and
		// would refuse what was declared.
		prior, err := d.Store.FindOutage(ctx, o.ID)
		if err == nil && prior == nil {
			prior, err = d.create(ctx, &o, declaration.Confirm, now)
		}
		if err != nil || prior == nil {
			return fault.At("outage.Declare: find or create", string(o.ID), err)
		}

		// The id derives from the key. Without this check, another outage under the same key would
		// be answered as if it had been declared.
		if prior.Input != o.Input {
			return fault.Errorf(fault.KindConflict, fault.CodeIdempotencyKeyReused, "the idempotency key was used for another outage")
		}
		o, replay = prior.firstAnswer(), true
		return nil
	})
	if err != nil {
		return Outage{}, false, err
	}
	// The look is asked for after the commit, on a replay too: the first answer may have been lost
	// before its message was sent.
	return o, replay, d.requestLook(ctx, o)
}

// create evaluates the outage, estimates what it would give and stores it. Where another request
// with the key was faster, it returns the outage of that one.
func (d Declarer) create(ctx context.Context, o *Outage, sure bool, now time.Time) (*Outage, error) {
	if err := d.evaluate(ctx, o, sure, now); err != nil {
		return nil, err
	}
	// Declared with its step: a process that dies before the message leaves the look to the sweep.
	*o = o.withLookDue()
	return d.Store.DeclareOutage(ctx, *o)
}

// evaluate checks the outage by policy and clock, and estimates what it would give.
func (d Declarer) evaluate(ctx context.Context, o *Outage, sure bool, now time.Time) error {
	// A future outage would make promises about hours in which the app may well work.
	if o.StartedAt.After(now.Add(maxAhead)) {
		return fault.Invalid("started_at", "must not be in the future")
	}

	// A feature with a typing error would match no purchase, and nobody would be made good.
	for _, feature := range o.Features {
		if !d.Estimator.Lists(feature, o.StartedAt) {
			return &fault.Error{
				Kind: fault.KindInvalid, Code: fault.CodeUnknownFeature, Field: "features",
				Detail: "the policy lists no feature " + strconv.Quote(feature),
			}
		}
	}

	// A wrong year or a swapped day and month is cheaper to confirm than to take back.
	if slip := o.slip(now); slip != "" && !sure {
		return fault.Errorf(fault.KindConflict, CodeConfirm, "the outage %s: send it with \"confirm\": true if that is so", slip)
	}

	// The estimate comes last: it reads up to 1,000 payments, which a refusal need not cost.
	estimate, err := preview(ctx, d.Store, d.Estimator, *o, now)
	o.Preview = estimate
	return err
}

// slip returns what of the outage is to be confirmed, "" where nothing is.
func (o Outage) slip(now time.Time) string {
	// An outage that goes on lasts until now at the least.
	end := o.EndedAt
	if end.IsZero() {
		end = now
	}
	switch {
	case now.Sub(o.StartedAt) > longAgo:
		return "began more than 90 days ago"
	case end.Sub(o.StartedAt) > longFor:
		return "lasts longer than 30 days"
	}
	return ""
}

// outage returns what is declared: instants in whole milliseconds, each feature once, in order, so
// that equal ones compare.
func (d Declaration) outage(now time.Time) Outage {
	o := Outage{
		ID: NewID(d.Principal, d.Key), StartedAt: text.Millisecond(d.StartedAt), PreventedUse: d.PreventedUse, DeclaredAt: now, By: d.By,
		Features: slices.Compact(slices.Sorted(slices.Values(d.Features))),
	}
	if d.EndedAt != nil {
		o.EndedAt = text.Millisecond(*d.EndedAt)
	}
	o.Input = o.hash()
	return o
}

// hash returns what tells one input from another under the same key. Who declares it, and whether
// they confirm it, is no part of it: a confirmed retry of a refused declaration is the same one.
func (o Outage) hash() string {
	end := ""
	if !o.EndedAt.IsZero() {
		end = strconv.FormatInt(o.EndedAt.UnixMilli(), 10)
	}
	// The features come last: their number varies, and the parts before them keep their places.
	parts := []string{strconv.FormatInt(o.StartedAt.UnixMilli(), 10), end, strconv.FormatBool(o.PreventedUse)}
	return ledger.HashID("", 32, append(parts, o.Features...)...)
}

// validate judges what does not depend on the clock or the policy, so that a replay is not refused
// because either has moved.
func (d Declaration) validate() error {
	switch {
	case d.StartedAt.IsZero():
		return fault.Missing("started_at")
	case d.StartedAt.UTC().Year() < firstYear:
		return fault.Invalid("started_at", "must not lie before the year %d", firstYear)
	case d.EndedAt != nil && !text.Millisecond(*d.EndedAt).After(text.Millisecond(d.StartedAt)):
		return fault.Invalid("ended_at", "must be after started_at")
	case d.EndedAt != nil && d.EndedAt.UTC().Year() > lastYear:
		return fault.Invalid("ended_at", "must not lie after the year %d", lastYear)
	case len(d.Features) > maxFeatures:
		return fault.Invalid("features", "must be at most %d", maxFeatures)
	}
	return nil
}

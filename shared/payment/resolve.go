package payment

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// errReplayed ends a change that has its answer already.
var errReplay = errors.New("payment: the resolution is a replay")

// Resolve carries out what staff decided about a payment that waits for them, once. A replay of the
// order gets its first answer, whatever came since, and changes nothing.
//
// KindNotFound where there is no such payment. KindInvalid for the resolution's own fields; for
// action, where it does not fit what the payment waits for; for customer and package, where a grant
// needs one that is not known or not sold. KindBusy when the store stays contended.
//
// KindConflict, by code:
//   - idempotency_key_reused: another order came under the key.
//   - already_decided: the payment waits for nobody.
//   - CodeReasonChanged: it waits for another reason than the order names.
//   - CodeTooManyResolutions: staff decided too often.
//   - wallet_full: the credits have no room.
//   - disputed: a bank holds the money.
func (r Receiver) Resolve(ctx context.Context, id ID, order Order, now time.Time) (Resolved, error) {
	if err := order.Validate(); err != nil {
		return Resolved{}, err
	}
	resolution := order.resolution(id, now)
	// The statement names staff as the actor, whatever the provider does with the order later.
	cause := ledger.Cause{Reason: ReasonRefund, Actor: ledger.ActorStaff}
	if resolution.Action == ActionTakeBack {
		cause.Reason = ReasonTakeBack
	}
	var current Payment
	var first *Payment
	result, err := r.change(ctx, id, resolution.Customer, cause, now, func(p Payment) (_ Payment, err error) {
		// The replay comes first: by now the payment may wait for another reason, or for nobody.
		if current = p; order.Key != "" {
			if first, err = p.firstAnswer(resolution); err != nil {
				return p, err
			}
			if first != nil {
				return p, errReplay
			}
		}
		// Staff decide about what they saw. A payment that changed since is shown to them again.
		if err := p.resolvable(resolution.Reason); err != nil {
			return p, err
		}
		// The caller's check sees the version that is committed, not an earlier read.
		if order.Check != nil {
			if err := order.Check(ctx, p); err != nil {
				return p, err
			}
		}
		return r.Rules.carryOut(p, resolution)
	})
	// A replay leaves change by an error, so that nothing is committed.
	if errors.Is(err, errReplay) {
		return Resolved{Result: Result{Payment: current}, Answer: *first, Replayed: true}, nil
	}
	return Resolved{Result: result, Answer: result.Payment.short()}, err
}

// firstAnswer returns the payment as the resolution of that key was first answered, nil where there
// is none. KindConflict idempotency_key_reused where the key belongs to another order.
func (p Payment) firstAnswer(resolution Resolution) (*Payment, error) {
	for i, r := range p.Resolutions {
		switch {
		case r.Key != resolution.Key:
		case r.Input != resolution.Input:
			return nil, fault.Errorf(fault.KindConflict, fault.CodeIdempotencyKeyReused, "the idempotency key was used for another request")
		default:
			// The answer showed the resolutions up to its own, as they were then.
			answer := *r.After
			answer.Resolutions = slices.Clone(p.Resolutions[:i+1])
			for j, earlier := range answer.Resolutions {
				// It was undone only after this answer.
				if earlier.UndoneAmong > i {
					answer.Resolutions[j].Undone, answer.Resolutions[j].UndoneAmong = false, 0
				}
			}
			return &answer, nil
		}
	}
	return nil, nil
}

// short returns the payment as an answer keeps it. Of KnownAt only the instants stay that decide
// whether an unknown status is open: the rest grows with every refund.
func (p Payment) short() Payment {
	instants := map[string]time.Time{}
	for key := range p.Unclear {
		if at, there := p.KnownAt[key]; there {
			instants[key] = at
		}
	}
	p.KnownAt = nil
	if len(instants) > 0 {
		p.KnownAt = instants
	}
	return p
}

// withAnswer returns the payment with the first answer noted on its last resolution, where that has
// none yet.
func (p Payment) withAnswer() Payment {
	last := len(p.Resolutions) - 1
	if last < 0 || p.Resolutions[last].After != nil {
		return p
	}
	// An answer without its own resolutions does not nest, so the row grows by one answer each
	// time.
	answer := p
	answer.Resolutions, answer.Todo, answer.Attempts, answer.Version = nil, nil, 0, 0
	answer = answer.short()
	p.Resolutions = slices.Clone(p.Resolutions)
	p.Resolutions[last].After = &answer
	return p
}

// resolvable returns an error where there is nothing for staff to decide, or something else than
// they saw.
func (p Payment) resolvable(reason Reason) error {
	switch current := p.Waits(); {
	case current == "":
		return fault.Errorf(fault.KindConflict, fault.CodeAlreadyDecided, "the payment waits for nobody")
	case current != reason:
		err := fault.Errorf(fault.KindConflict, CodeReasonChanged, "the payment waits for another reason by now")
		err.Waits = string(current)
		return err
	case len(p.Resolutions) >= MaxResolutions || p.answers() > maxAnswers:
		return fault.Errorf(fault.KindConflict, CodeTooManyResolutions, "staff decided %d times about this payment: the rest is the provider's", len(p.Resolutions))
	}
	return nil
}

// answers returns how many bytes the first answers of the resolutions take as JSON.
func (p Payment) answers() (size int) {
	for _, r := range p.Resolutions {
		if answer, err := json.Marshal(r.After); err == nil {
			size += len(answer)
		}
	}
	return size
}

// carryOut returns the payment with the resolution carried out and noted on it. It must wait for
// the reason that the resolution names.
func (r Rules) carryOut(p Payment, resolution Resolution) (Payment, error) {
	reason, open := resolution.Reason, p.State == StateParked
	switch {
	case resolution.Action == ActionIgnore:
	case resolution.Action == ActionTakeBack && reason == ReasonPaymentFailed:
	case resolution.Action == ActionRefund && reason == ReasonDuplicate:
		// A duplicate has granted credits: a case refunds it, and takes them back with its verdict.
		p.Repay = true
	case resolution.Action == ActionRefund && open:
		// Nothing was granted, so no credits go with the money.
		minor, err := p.refundable()
		if err != nil {
			return p, err
		}
		p = p.Promise(p.ID.resolution(), Promise{Minor: minor, Money: true}, resolution.At)
	case resolution.Action == ActionGrant && open:
		return r.grantByStaff(p, resolution)
	default:
		return p, fault.Invalid("action", "%s does not fit a payment that waits because of %s", resolution.Action, reason)
	}
	return p.with(resolution), nil
}

// with returns the payment with the resolution noted as its last.
func (p Payment) with(resolution Resolution) Payment {
	p.Resolutions = append(slices.Clip(p.Resolutions), resolution)
	return p
}

// refundable returns how much money of a parked purchase can go back, in minor units. Money of
// refunds that failed can.
func (p Payment) refundable() (int64, error) {
	switch minor := p.Refundable().Minor; {
	case p.Disputed():
		return 0, fault.Errorf(fault.KindConflict, CodeDisputed, "the bank holds the money: it is not ours to give back")
	case p.Purchase.Status == StatusUnpaid:
		return 0, fault.Invalid("action", "nothing was paid")
	case minor <= 0:
		return 0, fault.Invalid("action", "nothing of the money is left to give back")
	default:
		return minor, nil
	}
}

// grantByStaff returns the parked payment as staff grant it: with the customer and package that
// they supply, where the purchase names none. Whether the wallet has room is decided later.
func (r Rules) grantByStaff(p Payment, resolution Resolution) (Payment, error) {
	purchase := *p.Purchase
	// Staff fill gaps. They must not move credits that a customer paid for to another.
	if resolution.Customer != "" && purchase.Customer != "" && resolution.Customer != purchase.Customer {
		return p, fault.Invalid("customer", "the payment names another")
	}
	_, exists := r.Catalog.Package(purchase.Package, purchase.OrderedAt)
	// Likewise a package that is sold was chosen by the customer, and stays.
	if resolution.Package != "" {
		if exists {
			return p, fault.Invalid("package", "the payment names one that is sold")
		}
		if _, ok := r.Catalog.Package(resolution.Package, purchase.OrderedAt); !ok {
			return p, fault.Invalid("package", "was not sold when it was ordered")
		}
		purchase.Package, exists = resolution.Package, true
	}
	switch {
	case purchase.Customer == "" && resolution.Customer == "":
		return p, fault.Missing("customer")
	case !exists:
		return p, fault.Missing("package")
	case p.hasLivePromise():
		return p, fault.Invalid("action", "the money of it goes back")
	}
	if purchase.Customer == "" {
		purchase.Customer = resolution.Customer
	}
	// An earlier refund of staff has failed. Should its money turn up after all, it is external,
	// and takes its share of this grant.
	p.Promised = maps.Clone(p.Promised)
	delete(p.Promised, p.ID.resolution())
	p.Purchase = &purchase
	return p.with(resolution), nil
}

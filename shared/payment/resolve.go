package payment

import (
	"context"
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// MaxNote bounds the note of a resolution, in characters.
const MaxNote = 500

// Action is what staff do about a payment that waits for them.
type Action string

// The actions; the zero value is invalid.
const (
	ActionGrant  Action = "grant"  // a parked purchase gets the credits of its package after all
	ActionRefund Action = "refund" // the money goes back: of a parked purchase at once, of a repeat by a case of a double charge
	ActionIgnore Action = "ignore" // nothing is done
)

// Resolution is what staff decided. Reason is why the payment waited; Customer and Package stand in for what the purchase did not name, ""
// otherwise.
type Resolution struct {
	Action   Action            `json:"action"`
	Reason   Reason            `json:"reason"`
	Note     string            `json:"note"`
	Customer ledger.CustomerID `json:"customer,omitempty"`
	Package  string            `json:"package,omitempty"`
	At       time.Time         `json:"at"`
}

// resolution is the case under which the money of a payment goes back that has none: staff wanted it so.
func (id ID) resolution() string { return ledger.HashID("res_", 20, string(id)) }

// Validate returns a KindInvalid error naming the field at fault: action, note, customer or package.
func (r Resolution) Validate() error {
	note := strings.TrimSpace(r.Note)
	switch {
	case r.Action != ActionGrant && r.Action != ActionRefund && r.Action != ActionIgnore:
		return fault.Invalid("action", "must be grant, refund or ignore")
	case note == "":
		return fault.Missing("note")
	case utf8.RuneCountInString(note) > MaxNote:
		return fault.Invalid("note", "must have at most %d characters", MaxNote)
	case r.Action != ActionGrant && r.Customer != "":
		return fault.Invalid("customer", "stands only with grant")
	case r.Action != ActionGrant && r.Package != "":
		return fault.Invalid("package", "stands only with grant")
	case len(r.Package) > maxPackage:
		return fault.Invalid("package", "must have at most %d bytes", maxPackage)
	}
	if r.Customer != "" {
		_, err := ledger.ParseCustomer(string(r.Customer))
		return err
	}
	return nil
}

// Resolve does what staff decided about a payment that waits for them, once; a repeat of the same decision changes nothing.
//
// Errors: KindNotFound; KindInvalid (the resolution's own fields; action, where it does not fit what the payment waits for; customer and
// package, where a grant needs one that is not known or not sold); KindConflict already_decided where it waits for nobody, wallet_full
// where the credits have no room, disputed where a bank holds the money; KindBusy.
func (r Receiver) Resolve(ctx context.Context, id ID, resolution Resolution, now time.Time) (Result, error) {
	if err := resolution.Validate(); err != nil {
		return Result{}, err
	}
	resolution.Note = strings.TrimSpace(resolution.Note)
	return r.change(ctx, id, resolution.Customer, ledger.Cause{Reason: ReasonRefund, Actor: "staff"}, now, func(p Payment) (Payment, error) {
		resolution.Reason, resolution.At = p.reason(), now
		after, err := r.resolved(p, resolution)
		if err != nil && p.Resolution != nil && p.Resolution.says(resolution) {
			return p, nil
		}
		return after, err
	})
}

// says reports whether both decide the same, whenever and about whatever they do.
func (r Resolution) says(other Resolution) bool {
	r.Reason, r.At = other.Reason, other.At
	return r == other
}

// resolved returns the payment with the resolution on it.
func (r Receiver) resolved(p Payment, resolution Resolution) (Payment, error) {
	waits, parked := p.Waits(), p.State == StateParked
	switch {
	case waits == "":
		return p, fault.Errorf(fault.KindConflict, fault.CodeAlreadyDecided, "the payment waits for nobody")
	case resolution.Action == ActionIgnore:
	case resolution.Action == ActionRefund && waits == ReasonRepeated:
		p.Repay = true
	case resolution.Action == ActionRefund && parked:
		if p.Disputed() {
			return p, fault.Errorf(fault.KindConflict, CodeDisputed, "the bank holds the money: it is not ours to give back")
		}
		if p.Purchase.Status == StatusUnpaid {
			return p, fault.Invalid("action", "nothing was paid")
		}
		left := p.Left().Minor // what failed counts as left
		if left <= 0 {
			return p, fault.Invalid("action", "nothing of the money is left to give back")
		}
		p = p.Promise(p.ID.resolution(), Promise{Minor: left, Money: true}, resolution.At)
	case resolution.Action == ActionGrant && parked:
		return r.regranted(p, resolution)
	default:
		return p, fault.Invalid("action", "%s does not fit a payment that waits because of %s", resolution.Action, waits)
	}
	p.Resolution = &resolution
	return p, nil
}

// regranted returns the parked payment as one that is granted, should its wallet take it.
func (r Receiver) regranted(p Payment, resolution Resolution) (Payment, error) {
	bought := *p.Purchase
	if resolution.Customer != "" && bought.Customer != "" && resolution.Customer != bought.Customer {
		return p, fault.Invalid("customer", "the payment names another")
	}
	_, known := r.Catalog.Package(bought.Package, bought.PaidAt)
	if resolution.Package != "" {
		if known {
			return p, fault.Invalid("package", "the payment names one that is sold")
		}
		if _, sold := r.Catalog.Package(resolution.Package, bought.PaidAt); !sold {
			return p, fault.Invalid("package", "was not sold when it was paid")
		}
		bought.Package, known = resolution.Package, true
	}
	switch {
	case bought.Customer == "" && resolution.Customer == "":
		return p, fault.Missing("customer")
	case !known:
		return p, fault.Missing("package")
	case p.goingBack():
		return p, fault.Invalid("action", "the money of it goes back")
	}
	if bought.Customer == "" {
		bought.Customer = resolution.Customer
	}
	p.Promised = maps.Clone(p.Promised)
	delete(p.Promised, p.ID.resolution()) // it failed: should its money turn up after all, it is foreign, and takes its share of the grant
	p.Purchase, p.Resolution = &bought, &resolution
	return p, nil
}

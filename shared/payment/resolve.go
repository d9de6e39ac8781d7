package payment

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/text"
)

// MaxNote bounds the note of a resolution, in characters.
const MaxNote = 500

// MaxResolutions bounds how often staff decide about one payment: each resolution is kept with its
// first answer, about 1 KB, beside the payment. Past it a resolution is refused with
// CodeTooManyResolutions; what the provider says still moves the payment.
const MaxResolutions = 20

// maxAnswers bounds the bytes of those first answers together, past which a resolution is refused
// likewise: each shows every refund of the payment, and an item of the store holds 400 KB.
const maxAnswers = 200_000

// The codes of resolutions that are refused.
const (
	CodeReasonChanged      = "reason_changed" // another reason waits than the one that staff saw
	CodeTooManyResolutions = "too_many_resolutions"
)

// Action is what staff do about a payment that waits for them.
type Action string

// The actions; the zero value is invalid.
const (
	ActionGrant    Action = "grant"     // a parked purchase gets the credits of its package after all
	ActionRefund   Action = "refund"    // the money goes back: of a parked purchase at once, of a repeat by a case of a double charge
	ActionIgnore   Action = "ignore"    // nothing is done
	ActionTakeBack Action = "take_back" // the credits of a purchase whose money never came are taken back; what is spent of them is owed
)

// Resolution is what staff decided. Reason is why the payment waited, as staff saw it; Customer and
// Package stand in for what the purchase did not name, "" otherwise; By names who decided. After is
// the payment as the first answer showed it, without its resolutions. Undone: the case that it
// asked for was declined, and it settles nothing; UndoneAmong is how many resolutions there were
// then. Why: infra/decisions/0023.
type Resolution struct {
	Action   Action            `json:"action"`
	Reason   Reason            `json:"reason"`
	Note     string            `json:"note"`
	By       string            `json:"by,omitempty"`
	Customer ledger.CustomerID `json:"customer,omitempty"`
	Package  string            `json:"package,omitempty"`
	At       time.Time         `json:"at"`
	Key      string            `json:"key,omitempty"`   // a hash of the caller and the idempotency key
	Input    string            `json:"input,omitempty"` // a hash of what was ordered
	Undone   bool              `json:"undone,omitempty"`
	After    *Payment          `json:"after,omitempty"`

	UndoneAmong int `json:"undone_among,omitempty"`
}

// Order is a resolution as staff give it. Principal and Key are the caller and its idempotency key;
// Check has the last word on the payment as it was read, nil where there is none.
type Order struct {
	Resolution

	Principal string
	Key       string
	Check     func(ctx context.Context, p Payment) error
}

// Resolved is the answer to an order: Payment as it stands now, Answer as the first answer showed
// it, which are the same unless Replayed.
type Resolved struct {
	Result

	Answer   Payment
	Replayed bool
}

// resolution is the case under which the money of a payment goes back that has none: staff wanted
// it so.
func (id ID) resolution() string { return ledger.HashID("res_", 20, string(id)) }

// Validate returns a KindInvalid error naming the field at fault: action, waits, note, customer or
// package.
func (r Resolution) Validate() error {
	note := strings.TrimSpace(r.Note)
	switch {
	case !slices.Contains([]Action{ActionGrant, ActionRefund, ActionIgnore, ActionTakeBack}, r.Action):
		return fault.Invalid("action", "must be grant, refund, ignore or take_back")
	case r.Reason == "":
		return fault.Missing("waits")
	case text.Blank(note):
		return fault.Missing("note")
	case utf8.RuneCountInString(note) > MaxNote:
		return fault.Invalid("note", "must have at most %d characters", MaxNote)
	case r.Action != ActionGrant && r.Customer != "":
		return fault.Invalid("customer", "stands only with grant")
	case r.Action != ActionGrant && r.Package != "":
		return fault.Invalid("package", "stands only with grant")
	case utf8.RuneCountInString(r.Package) > maxPackage:
		return fault.Invalid("package", "must have at most %d characters", maxPackage)
	}
	if r.Customer != "" {
		_, err := ledger.ParseCustomer(string(r.Customer))
		return err
	}
	return nil
}

// resolution returns the order as it is recorded.
func (o Order) resolution(id ID, now time.Time) Resolution {
	r := o.Resolution
	r.Note, r.At, r.After, r.Undone = strings.TrimSpace(r.Note), now, nil, false
	r.Key = ledger.HashID("", 20, o.Principal, o.Key)
	r.Input = ledger.HashID("", 20, string(id), string(r.Action), string(r.Reason), string(r.Customer), r.Package, r.Note)
	return r
}

// errReplayed ends a change that has its answer already.
var errReplay = errors.New("payment: the resolution is a replay")

// Resolve does what staff decided about a payment that waits for them, once. A replay of the order
// gets its first answer, whatever came since, and changes nothing.
//
// Errors: KindNotFound; KindInvalid (the resolution's own fields; action, where it does not fit
// what the payment waits for; customer and package, where a grant needs one that is not known or
// not sold); KindConflict idempotency_key_reused for another order under the key, already_decided
// where the payment waits for nobody, CodeReasonChanged where it waits for another reason than the
// order says, CodeTooManyResolutions, wallet_full where the credits have no room, disputed where a
// bank holds the money; KindBusy.
func (r Receiver) Resolve(ctx context.Context, id ID, order Order, now time.Time) (Resolved, error) {
	if err := order.Validate(); err != nil {
		return Resolved{}, err
	}
	resolution := order.resolution(id, now)
	cause := ledger.Cause{Reason: ReasonRefund, Actor: ledger.ActorStaff}
	if resolution.Action == ActionTakeBack {
		cause.Reason = ReasonTakeBack
	}
	var current Payment
	var first *Payment
	result, err := r.change(ctx, id, resolution.Customer, cause, now, func(p Payment) (_ Payment, err error) {
		if current = p; order.Key != "" {
			if first, err = p.firstAnswer(resolution); err != nil {
				return p, err
			}
			if first != nil {
				return p, errReplay
			}
		}
		if err := p.resolvable(resolution.Reason); err != nil {
			return p, err
		}
		if order.Check != nil {
			if err := order.Check(ctx, p); err != nil {
				return p, err
			}
		}
		return r.Rules.carryOut(p, resolution)
	})
	if errors.Is(err, errReplay) {
		return Resolved{Result: Result{Payment: current}, Answer: *first, Replayed: true}, nil
	}
	return Resolved{Result: result, Answer: result.Payment.short()}, err
}

// firstAnswer returns the payment as the resolution of that key was answered, nil where there is
// none; KindConflict idempotency_key_reused where it was another.
func (p Payment) firstAnswer(resolution Resolution) (*Payment, error) {
	for i, r := range p.Resolutions {
		switch {
		case r.Key != resolution.Key:
		case r.Input != resolution.Input:
			return nil, fault.Errorf(fault.KindConflict, fault.CodeIdempotencyKeyReused, "the idempotency key was used for another request")
		default:
			answer := *r.After
			answer.Resolutions = slices.Clone(p.Resolutions[:i+1])
			for j, earlier := range answer.Resolutions {
				if earlier.UndoneAmong > i { // since
					answer.Resolutions[j].Undone, answer.Resolutions[j].UndoneAmong = false, 0
				}
			}
			return &answer, nil
		}
	}
	return nil, nil
}

// short returns the payment as an answer keeps it: of when a status was last said, only what a word
// that we do not know is judged by.
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

// withAnswer returns the payment with the first answer of its last resolution on it, where that has
// none yet.
func (p Payment) withAnswer() Payment {
	last := len(p.Resolutions) - 1
	if last < 0 || p.Resolutions[last].After != nil {
		return p
	}
	answer := p
	answer.Resolutions, answer.Todo, answer.Attempts, answer.Version = nil, nil, 0, 0
	answer = answer.short()
	p.Resolutions = slices.Clone(p.Resolutions)
	p.Resolutions[last].After = &answer
	return p
}

// resolvable returns an error where there is nothing for staff to decide, or another thing than
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

// answers returns how many bytes the first answers of its resolutions take.
func (p Payment) answers() (size int) {
	for _, r := range p.Resolutions {
		if answer, err := json.Marshal(r.After); err == nil {
			size += len(answer)
		}
	}
	return size
}

// carryOut returns the payment with the resolution on it. It must wait for the reason that the
// resolution names.
func (r Rules) carryOut(p Payment, resolution Resolution) (Payment, error) {
	reason, open := resolution.Reason, p.State == StateParked
	switch {
	case resolution.Action == ActionIgnore:
	case resolution.Action == ActionTakeBack && reason == ReasonPaymentFailed:
	case resolution.Action == ActionRefund && reason == ReasonDuplicate:
		p.Repay = true
	case resolution.Action == ActionRefund && open:
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

func (p Payment) with(resolution Resolution) Payment {
	p.Resolutions = append(slices.Clip(p.Resolutions), resolution)
	return p
}

// refundable returns the money of a parked purchase that can go back, in minor units.
func (p Payment) refundable() (int64, error) {
	switch minor := p.Refundable().Minor; { // what failed counts as left
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

// grantByStaff returns the parked payment as one that is granted, should its wallet take it.
func (r Rules) grantByStaff(p Payment, resolution Resolution) (Payment, error) {
	purchase := *p.Purchase
	if resolution.Customer != "" && purchase.Customer != "" && resolution.Customer != purchase.Customer {
		return p, fault.Invalid("customer", "the payment names another")
	}
	_, exists := r.Catalog.Package(purchase.Package, purchase.OrderedAt)
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
	p.Promised = maps.Clone(p.Promised)
	delete(p.Promised, p.ID.resolution()) // it failed: should its money turn up after all, it is foreign, and takes its share of the grant
	p.Purchase = &purchase
	return p.with(resolution), nil
}

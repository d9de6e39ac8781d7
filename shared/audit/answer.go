package audit

import (
	"context"
	"slices"
	"strings"
	"time"

	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/origin"
	"makegood/shared/policy"
	"makegood/shared/text"
)

// MaxNote bounds the note of an answer and of a lift, in characters.
const MaxNote = 500

// Auditor takes the answers of second looks, and lets signals decide again.
type Auditor struct {
	// Store keeps looks, counts and signals.
	Store Looks
	// Stops returns when a signal stops, by the policy in force at an instant.
	Stops func(at time.Time) policy.Stops
}

// Order is an answer, or a lift, as staff give it.
type Order struct {
	// Finding is that of an answer.
	Finding evidence.Verdict
	// Note is why, in their words.
	Note string
	// By is the name of the operator key.
	By string
	// Principal is the caller.
	Principal string
	// Key is the caller's idempotency key.
	Key string
}

// origin returns the hashes that tell a replay of the order from another one.
func (o Order) origin(subject string) origin.Origin {
	return origin.Of(o.Principal, o.Key, subject, string(o.Finding), o.Note)
}

// Answer records what a person found at the second look of a case, once. A replay gets the first
// answer. Nothing is moved by it: what the customer was told stands.
//
// Errors:
//   - KindInvalid: finding, note.
//   - KindNotFound: the case has no second look.
//   - KindConflict: already_decided with the case, where somebody has answered;
//     idempotency_key_reused.
//   - KindBusy.
func (a Auditor) Answer(ctx context.Context, caseID string, order Order, now time.Time) (look Look, replayed bool, err error) {
	order.Note = strings.TrimSpace(order.Note)
	if err := order.validate(); err != nil {
		return Look{}, false, err
	}
	err = fault.Retry(ctx, func(ctx context.Context) (err error) {
		look, replayed, err = a.attempt(ctx, caseID, order, now)
		return err
	})
	return look, replayed, err
}

// validate returns a KindInvalid error that names finding or note.
func (o Order) validate() error {
	switch o.Finding {
	case evidence.VerdictUnusable, evidence.VerdictUsable, evidence.VerdictUnsure:
	default:
		return fault.Invalid("finding", "must be unusable, usable or unsure")
	}
	return text.Check("note", o.Note, MaxNote)
}

// attempt answers the look as it is now.
func (a Auditor) attempt(ctx context.Context, caseID string, order Order, now time.Time) (Look, bool, error) {
	look, err := a.Store.FindLook(ctx, caseID)
	if err != nil {
		return Look{}, false, fault.At("audit.Answer: find look", caseID, err)
	}
	if look == nil {
		return Look{}, false, fault.NotFound("second look")
	}
	request := order.origin(caseID)
	// The first answer stands: a second opinion of the second look would be chosen by its outcome.
	if look.Answer != nil {
		same, err := look.Answer.Origin.Replays(request)
		if err == nil && !same {
			err = &fault.Error{Kind: fault.KindConflict, Code: fault.CodeAlreadyDecided, Detail: "the second look is answered", Case: caseID}
		}
		return *look, same, err
	}
	look.Answer = &Answer{Finding: order.Finding, Note: order.Note, By: order.By, At: now, Origin: request}
	signals, err := a.judge(ctx, *look, now)
	if err != nil {
		return Look{}, false, err
	}
	return *look, false, fault.At("audit.Answer: commit", caseID, a.Store.CommitAnswer(ctx, *look, signals))
}

// judge returns what the answer makes of the signals that decided the approval. Those of a decline
// decided nothing, so nothing of it is held against them here.
func (a Auditor) judge(ctx context.Context, look Look, now time.Time) ([]Change, error) {
	if look.Outcome != policy.OutcomeApproved || len(look.Signals) == 0 {
		return nil, nil
	}
	current, err := a.Store.ListSignals(ctx)
	if err != nil {
		return nil, fault.At("audit.Answer: list signals", look.Case, err)
	}
	var changes []Change
	for _, name := range slices.Compact(slices.Sorted(slices.Values(look.Signals))) {
		before := signalOf(current, name)
		after := before.with(look, a.Stops(now))
		if after.Version != before.Version {
			changes = append(changes, Change{Before: before, After: after})
		}
	}
	return changes, nil
}

// signalOf returns the signal of that name, as one that nobody has counted where there is none.
func signalOf(signals []Signal, name evidence.Name) Signal {
	if at := slices.IndexFunc(signals, func(s Signal) bool { return s.Name == name }); at >= 0 {
		return signals[at]
	}
	return Signal{Name: name}
}

// Lift lets a signal that has stopped decide again, and has it counted anew. A replay gets the
// signal as it is, and moves nothing.
//
// Errors:
//   - KindInvalid: note.
//   - KindNotFound: no look has ever counted a signal of that name.
//   - KindConflict: not_possible, where it has not stopped; idempotency_key_reused.
//   - KindBusy.
func (a Auditor) Lift(ctx context.Context, name evidence.Name, order Order, now time.Time) (signal Signal, replayed bool, err error) {
	order.Note = strings.TrimSpace(order.Note)
	if err := text.Check("note", order.Note, MaxNote); err != nil {
		return Signal{}, false, err
	}
	err = fault.Retry(ctx, func(ctx context.Context) (err error) {
		signal, replayed, err = a.tryLift(ctx, name, order, now)
		return err
	})
	return signal, replayed, err
}

// tryLift lifts the signal as it is now.
func (a Auditor) tryLift(ctx context.Context, name evidence.Name, order Order, now time.Time) (Signal, bool, error) {
	signals, err := a.Store.ListSignals(ctx)
	if err != nil {
		return Signal{}, false, fault.At("audit.Lift: list signals", string(name), err)
	}
	before := signalOf(signals, name)
	if before.Version == 0 {
		return Signal{}, false, fault.NotFound("signal")
	}
	// A replay comes before the state: the signal may have stopped again since, and must stay so.
	request := order.origin(string(name))
	for _, lift := range before.Lifts {
		if same, err := lift.Origin.Replays(request); same || err != nil {
			return before, same, err
		}
	}
	if before.Stop == nil {
		return before, false, fault.Errorf(fault.KindConflict, fault.CodeNotPossible, "the signal has not stopped: it decides")
	}
	after := before.lift(Lift{At: now, By: order.By, Note: order.Note, Origin: request})
	return after, false, fault.At("audit.Lift: commit", string(name), a.Store.CommitLift(ctx, Change{Before: before, After: after}))
}

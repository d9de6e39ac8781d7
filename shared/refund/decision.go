package refund

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// decision is one case on its way from the request to the commit. Each step returns it with what
// the step adds; none changes what an earlier one found, but for the purchase that a claim proves
// to be about.
type decision struct {
	// at is the instant at which it is decided.
	at time.Time
	// actor is who decides: ledger.ActorSystem for the policy, ledger.ActorStaff for a ruling.
	actor string
	// published is the stack's policy; payments judges payments by it, and writes nothing.
	published Policy
	rules     payment.Rules
	// snapshot is what was read at once (load).
	snapshot Snapshot
	// c is the case before its verdict: as it was read, or as it is made here.
	c Case
	// candidates are the payments that a claim may be about, where none of them decided itself
	// (facts).
	candidates []Candidate
	// facts is what is on record of the case (facts).
	facts facts
	// verdict is what policy or staff answer (verdict).
	verdict policy.Decision
	// effect is what is committed, nil where nothing is (effect).
	effect *Effect
	// after is what stands once it is committed: what that owes is sent (commit).
	after aftermath
}

// aftermath is the case and the payment as they stand after a decision, nil where there is none.
type aftermath struct {
	c       *Case
	payment *payment.Payment
}

// unchanged returns the decision as one that moves nothing: what case and payment owe is sent
// again.
func (v decision) unchanged() decision {
	v.effect, v.after = nil, aftermath{c: v.snapshot.Case, payment: v.snapshot.Payment}
	return v
}

// with returns the decision with the effect.
func (v decision) with(effect Effect) decision {
	v.effect = &effect
	return v
}

// begin returns a decision by the stack's policy on what was loaded.
func (d Decider) begin(snapshot Snapshot, now time.Time) decision {
	return decision{
		at: now, actor: ledger.ActorSystem, published: d.Policy, rules: payment.Rules{Catalog: d.Policy, Livemode: d.Livemode}, snapshot: snapshot,
	}
}

// cause is what the entries of the verdict say of it.
func (v decision) cause() ledger.Cause {
	reason := string(v.c.Kind)
	if v.c.Kind == policy.KindTechnicalFailure {
		reason = "generation_failed" // the word of the statement
	}
	return ledger.Cause{Reason: reason, Generation: v.c.Generation, Payment: v.c.Payment, Case: string(v.c.ID), Actor: v.actor}
}

// terms is what becomes of credits that come back to an expired lot.
func (v decision) terms() ledger.ExpiredLot { return v.facts.revision.ExpiredLot }

// ownsPayment reports whether the payment that was read is the customer's of the case.
func (v decision) ownsPayment() bool {
	return v.snapshot.Payment != nil && v.snapshot.Payment.Customer() == v.c.Customer
}

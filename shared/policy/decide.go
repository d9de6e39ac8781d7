package policy

import (
	"time"

	"makegood/shared/ledger"
	"makegood/shared/money"
)

// rule answers a kind of request when its conditions hold.
type rule struct {
	clause string       // that it applies
	when   when         // its conditions, as the file has them
	tests  []*condition // those that when sets
	answer Outcome
	gives  Gift        // "" unless it approves
	to     Destination // "" unless it approves
	share  int64       // percent of what it gives; whole unless the file has less
	reason words       // its own sentence; nil: its clause's
}

// Gift says how much a remedy gives back.
type Gift string

// The gifts; the zero value stands on rules that do not approve.
const (
	GivePrice           Gift = "price"            // credits: what the output was charged
	GivePurchaseCredits Gift = "purchase_credits" // credits: what the purchase should have granted
	GiveAmount          Gift = "amount"           // money: what was paid, in full
	GiveUnspentShare    Gift = "unspent_share"    // money: amount × unspent credits ÷ credits, rounded down
)

// Decide answers the facts by the revision. It is pure and total: the answer is a Decision, or a
// KindInvalid error whose Field names what cannot be decided. That is a section that the kind needs
// and the facts lack, a word or number out of range, or the name of another policy.
//
// The sections that a kind needs: technical_failure a generation with status failed and a failure;
// bad_result a generation with status succeeded, and a report; outage a purchase and an outage; the
// others a purchase.
//
// A purchase that waits for a person (parked) is in review under the clause of the rule that
// matched. Only X1 still declines it.
func Decide(rev Revision, f Facts) (Decision, error) {
	// Defaults come before the checks, so that a decision never depends on who left a field out.
	f = f.withDefaults()
	if err := f.validate(); err != nil {
		return Decision{}, err
	}
	if err := f.belongTo(rev); err != nil {
		return Decision{}, err
	}
	d := decide(rev, f)
	// What it rests on goes with it: the decision can be made again when the policy has changed.
	d.Basis = basisOf(rev, f)
	return d, nil
}

// decide answers facts that are valid, with their defaults: by the first rule whose conditions
// hold, by X3 where none does.
func decide(rev Revision, f Facts) Decision {
	trace := []Step{}
	// Every rule that is tried goes into the trace, so that the answer can be followed by its
	// reader.
	for i, rule := range rev.rules[f.Kind] {
		match := rule.holds(rev, f)
		trace = append(trace, Step{Clause: rule.clause, Rule: i + 1, Matched: match})
		if match {
			return rev.answer(rule, f, trace)
		}
	}
	return rev.conclude(f, OutcomeInReview, nil, append(trace, Step{Clause: ClauseNoRule, Matched: true}))
}

func (r rule) holds(rev Revision, f Facts) bool {
	for _, test := range r.tests {
		if !test.holds(r.when, rev, f) {
			return false
		}
	}
	return true
}

// answer concludes by the rule that matched. It holds what no file may permit: X1 and X2 come
// before every approval, and a person before every answer about a purchase that waits for one.
func (r Revision) answer(rule rule, f Facts, trace []Step) Decision {
	// Nobody knows yet what a parked purchase was for, so no rule answers for the person who will.
	if f.Purchase != nil && f.Purchase.Parked != "" && rule.answer != OutcomeInReview && rule.clause != ClauseAlreadyRefunded {
		return r.conclude(f, OutcomeInReview, nil, overrule(trace, r.reviewing(rule.clause)))
	}
	// A refusal or a review gives nothing, so neither X1 nor X2 can change it.
	if rule.answer != OutcomeApproved {
		return r.conclude(f, rule.answer, nil, trace)
	}
	// What went back already is not given again (X1), and nothing charged is nothing to give (X2).
	remedy := rule.remedy(f)
	switch {
	case f.alreadyRefunded():
		return r.conclude(f, OutcomeDeclined, nil, overrule(trace, ClauseAlreadyRefunded))
	case remedy.empty():
		return r.conclude(f, OutcomeDeclined, nil, overrule(trace, ClauseNothingCharged))
	}
	return r.conclude(f, OutcomeApproved, &remedy, trace)
}

// reviewing returns the clause under which a person looks at what the clause would have decided:
// itself where it has words for that, else X3.
func (r Revision) reviewing(clause string) string {
	if _, ok := r.clauses[clause].reasons[OutcomeInReview]; ok {
		return clause
	}
	return ClauseNoRule
}

// overrule makes clause the deciding step in place of the rule that matched last.
func overrule(trace []Step, clause string) []Step {
	// The rule that matched stays in the trace as one that did not decide.
	trace[len(trace)-1].Matched = false
	return append(trace, Step{Clause: clause, Matched: true})
}

// conclude returns the decision that follows from the outcome and the last step, which decided:
// with the words and the dates.
func (r Revision) conclude(f Facts, outcome Outcome, remedy *Remedy, trace []Step) Decision {
	// The last step decided: its clause and rule are those of the decision.
	last := trace[len(trace)-1]
	d := Decision{
		Outcome: outcome,
		Clause:  last.Clause,
		Rule:    last.Rule,
		Remedy:  remedy,
		Policy:  r.Ref(),
		Trace:   trace,
		Notice:  r.Notice(f.Kind, outcome).Name,
	}
	// Promised days count from the request, or from when the facts were decided: never from today.
	if outcome == OutcomeInReview {
		d.RespondBy = r.businessDaysAfter(f.RequestedAt, r.Response.Respond.To)
	}
	if ArmOf(remedy) == ArmMoney {
		d.PayBy = r.businessDaysAfter(f.asOf(), r.Response.Pay.To)
	}
	d.Reason = r.Reason(f.Kind, d)
	return d
}

// whole is the share of a rule that gives all of it, in percent.
const whole = 100

// remedy returns what the rule gives back: a file that checked gives only what the facts of its
// kind hold. A share is rounded down.
func (r rule) remedy(f Facts) Remedy {
	switch r.gives {
	case GivePrice:
		return *InCredits(ledger.Credits(money.MulDivFloor(int64(f.Generation.Price), r.share, whole)))
	case GivePurchaseCredits:
		return *InCredits(f.Purchase.Credits)
	case GiveAmount:
		return *InMoney(r.part(f.Purchase.Amount))
	case GiveUnspentShare:
		amount := r.part(unspentShare(*f.Purchase))
		// Staff may choose credits for a whole outage; they are worth the share of the money.
		if f.Outage != nil && f.Outage.InCredits {
			return inCredits(*f.Purchase, amount)
		}
		return *InMoney(amount)
	}
	return Remedy{}
}

// part returns the rule's share of an amount, rounded down.
func (r rule) part(amount money.Amount) money.Amount {
	amount.Minor = money.MulDivFloor(amount.Minor, r.share, whole)
	return amount
}

// unspentShare returns the part of the amount that the unspent credits were bought with, rounded
// down: of 100 credits for 9.99 USD, 33 unspent are 3.29 USD. A purchase of no credits has none.
func unspentShare(p PurchaseFacts) money.Amount {
	share := money.Amount{Currency: p.Amount.Currency}
	if p.Credits > 0 {
		share.Minor = money.MulDivFloor(p.Amount.Minor, int64(p.unspent()), int64(p.Credits))
	}
	return share
}

// inCredits returns as many credits as that share of the amount bought, rounded up: so many would
// have left the wallet with the money.
func inCredits(p PurchaseFacts, share money.Amount) Remedy {
	return *InCredits(ledger.Credits(money.MulDivCeil(int64(p.Credits), share.Minor, max(1, p.Amount.Minor))))
}

// businessDaysAfter returns the instant that many business days after t, at the same time of day in
// UTC; the day of t does not count. Nil for 0 days: the policy promises none.
func (r Revision) businessDaysAfter(t time.Time, days int) *time.Time {
	if days == 0 {
		return nil
	}
	by := calendars[r.Response.Calendar]().WorkdaysFrom(t.UTC(), days)
	return &by
}

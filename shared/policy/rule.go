package policy

import (
	"math"
	"slices"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
)

// Ruling is what a person decided on a case in review.
type Ruling struct {
	// Outcome is approved or declined.
	Outcome Outcome `json:"outcome"`
	// Remedy is what to give back; nil: the kind's own default. Its destination may be left out:
	// credits go to the balance, money to the payment method.
	Remedy *Remedy `json:"remedy,omitempty"`
	// Clause is the clause that the person cites; "": the one that follows, see Rule.
	Clause string `json:"clause,omitempty"`
}

// Rule turns a person's ruling on facts into the decision: the clause that they cite and the
// policy's words for it, prior's policy and trace, the remedy, and PayBy from now. A refusal needs
// no facts.
//
// Prior is the decision before it. On an appeal, it is the refusal that the appeal is against:
// refused again, the case keeps its rule and its reason. A refusal of money that was approved and
// could not be paid has the policy's words for that. Without a clause, a refusal goes by prior's
// clause, an approval by the clause that would have approved (R2, not R8).
//
// Errors are KindInvalid, by field:
//   - "outcome": neither approved nor declined; approved although the facts hold no generation or
//     purchase, or although nothing is left to give back.
//   - "remedy": on a refusal; missing where the kind has no default; not exactly one of credits and
//     money.
//   - "remedy.credits", "remedy.money", "remedy.money.currency": out of range. A remedy never
//     exceeds what was charged less what went back. A purchase that was never credited gets all of
//     its credits or none.
//   - "remedy.to": another place than follows.
//   - "clause": none of Citable.
//   - or the field of the facts at fault.
//
// Defaults: technical_failure, bad_result: what was charged less what went back. duplicate_charge:
// the amount less what went back. not_credited: the purchase's credits. outage: the unspent share.
// abnormal_charge, change_of_mind: none.
func Rule(rev Revision, f Facts, prior Decision, ruling Ruling, now time.Time) (Decision, error) {
	if err := ruling.Validate(); err != nil {
		return Decision{}, err
	}
	clause, err := rev.cited(f, prior, ruling)
	if err != nil {
		return Decision{}, err
	}

	// The policy of the first decision stays: a ruling months later must not judge by newer rules.
	d := Decision{
		Outcome: ruling.Outcome,
		Clause:  clause,
		Policy:  prior.Policy,
		Trace:   prior.Trace,
		Notice:  rev.Notice(f.Kind, ruling.Outcome).Name,
		Basis:   basisOfRuling(rev, f, ruling, now),
	}
	// A clause of the person's own is a step of the trace: the reader sees that no rule came to it.
	if clause != prior.Clause {
		d.Trace = append(slices.Clip(prior.Trace), Step{Clause: clause, Matched: true})
	}
	if ruling.Outcome == OutcomeDeclined {
		// An appeal that changes nothing leaves the customer with the answer they had, word for
		// word.
		if prior.Outcome == OutcomeDeclined && clause == prior.Clause {
			d.Rule, d.Reason = prior.Rule, prior.Reason
			return d, nil
		}
		d.Reason, _ = rev.ReasonAfter(&prior, f.Kind, d)
		return d, nil
	}
	// The remedy is what the person names, or the default of the kind, never above the ceiling.
	remedy, err := remedyOfRuling(rev, f, ruling.Remedy)
	if err != nil {
		return Decision{}, err
	}
	d.Remedy = &remedy
	if remedy.Arm() == ArmMoney {
		// Promised days begin with the ruling: the customer could not be paid before it.
		d.PayBy = rev.businessDaysAfter(now, rev.Response.Pay.To)
	}
	d.Reason = rev.Reason(f.Kind, d)
	return d, nil
}

// Validate returns a KindInvalid error naming outcome or remedy, as far as the ruling alone shows
// it. Rule calls it too.
func (r Ruling) Validate() error {
	switch {
	case r.Outcome != OutcomeApproved && r.Outcome != OutcomeDeclined:
		return fault.Invalid("outcome", "must be approved or declined")
	case r.Remedy == nil:
		return nil
	case r.Outcome == OutcomeDeclined:
		return fault.Invalid("remedy", "stands only on an approval")
	case r.Remedy.Arm() == "":
		return fault.Invalid("remedy", "must give exactly one of credits and money")
	case r.Remedy.Credits() < 0:
		return fault.Invalid("remedy.credits", "must be at least 1")
	}
	// A destination that does not fit is refused and not corrected: the person may have meant the
	// other remedy.
	if to := r.Remedy.destination(); r.Remedy.To() != "" && r.Remedy.To() != to {
		return fault.Invalid("remedy.to", "must be %s", to)
	}
	return nil
}

// Undecided is the answer to a request whose facts are not on record: X3, in review, with
// respond_by. A person decides.
func Undecided(rev Revision, kind Kind, requestedAt time.Time) Decision {
	f := Facts{Kind: kind, RequestedAt: requestedAt}
	d := rev.conclude(f, OutcomeInReview, nil, []Step{{Clause: ClauseNoRule, Matched: true}})
	if d.Basis = basisOf(rev, f); d.Basis != nil {
		d.Basis.Undecided = true
	}
	return d
}

// ceiling is the most that a person may give back: credits, or money. Money of no currency permits
// none. Whole permits only all of the credits: a purchase that was never credited is credited at
// once.
type ceiling struct {
	credits ledger.Credits
	whole   bool
	money   money.Amount
}

// remedyOfRuling returns what a person gives back: asked, held against the ceiling, or the kind's
// default.
func remedyOfRuling(rev Revision, f Facts, wish *Remedy) (Remedy, error) {
	// Staff may overrule a policy, but not the arithmetic: the facts must hold what it is measured
	// by.
	if err := f.ruleable(); err != nil {
		return Remedy{}, err
	}
	// The ceiling holds for a person's own figure and for the default alike.
	most := rev.ceilingOf(f)
	if wish != nil {
		return most.admit(*wish)
	}
	var remedy Remedy
	switch f.Kind {
	case KindTechnicalFailure, KindBadResult:
		remedy = *InCredits(most.credits)
	case KindNotCredited:
		// It may have been credited meanwhile. Then a plain yes does not mean credits on top.
		if !f.Purchase.Credited {
			remedy = *InCredits(most.credits)
		}
	// A duplicate gives back all of its money: the first purchase keeps its credits.
	case KindDuplicateCharge:
		remedy = *InMoney(most.money)
	case KindOutage:
		// Of a purchase that was refunded in part, the share may be more than what is left.
		share := unspentShare(*f.Purchase)
		share.Minor = min(share.Minor, most.money.Minor)
		remedy = *InMoney(share)
	default:
		return Remedy{}, fault.Missing("remedy")
	}
	switch {
	case !remedy.empty():
		return remedy, nil
	case most.credits > 0 || most.money.Minor > 0:
		return Remedy{}, fault.Missing("remedy")
	}
	return Remedy{}, fault.Invalid("outcome", "nothing is left to give back")
}

// ruleable returns a KindInvalid error unless the facts hold, in range, what an approval is
// measured by.
func (f Facts) ruleable() error {
	if err := oneOf("kind", f.Kind, kinds); err != nil {
		return err
	}
	f = f.withDefaults()
	switch {
	case f.Kind.aboutGeneration() && f.Generation == nil:
		return fault.Invalid("outcome", "the generation is not on record, so nothing can be given back for it")
	case f.Kind.aboutGeneration():
		return f.Generation.validate()
	case f.Purchase == nil:
		return fault.Invalid("outcome", "the purchase is not on record, so nothing can be given back for it")
	}
	return f.Purchase.validate()
}

// ceilingOf returns what was charged less what went back. Money for a generation is only given for
// a bad result (P5.4), where credits are sold in the wallet's own currency, and at the rate of its
// cheapest package, rounded down to the minor unit.
func (r Revision) ceilingOf(f Facts) ceiling {
	if p := f.Purchase; !f.Kind.aboutGeneration() {
		// What has gone back lowers what can still go, in money and in credits by the same part.
		rest := p.Amount
		if p.Refunded != nil {
			rest.Minor = max(0, rest.Minor-p.Refunded.Minor)
		}
		most := ceiling{credits: p.Credits, whole: !p.Credited, money: rest}
		switch {
		case rest.Minor < p.Amount.Minor && most.whole:
			// A part of the money went back, so the rest can only go the same way.
			most.credits = 0
		case rest.Minor < p.Amount.Minor:
			most.credits = ledger.Credits(money.MulDivFloor(int64(p.Credits), rest.Minor, p.Amount.Minor))
		}
		return most
	}
	// What a generation was charged is in credits; money is a conversion of it.
	most := ceiling{credits: max(0, f.Generation.Price-f.Generation.Refunded)}
	if f.Kind == KindBadResult {
		most.money = r.worth(most.credits)
	}
	return most
}

// worth returns what credits are worth in the wallet's own currency, by the package that gives
// least for them; an amount of no currency where no package is sold in it.
func (r Revision) worth(credits ledger.Credits) money.Amount {
	var least money.Amount
	for _, p := range r.packages {
		if p.Price.Currency != r.Unit.Name {
			continue
		}
		// Bounded so that no number of credits leaves the range of the product.
		amount := min(int64(credits), math.MaxInt64/p.Price.Minor)
		minor := money.MulDivFloor(amount, p.Price.Minor, int64(p.Credits))
		if least.Currency == "" || minor < least.Minor {
			least = money.Amount{Currency: r.Unit.Name, Minor: minor}
		}
	}
	return least
}

// admit returns the remedy, which is valid, with where it goes, or a KindInvalid error naming the
// part that exceeds the ceiling.
func (c ceiling) admit(request Remedy) (Remedy, error) {
	switch request.Arm() {
	case ArmCredits:
		return c.admitCredits(request.Credits())
	case ArmMoney:
		return c.admitMoney(request.Money())
	}
	return Remedy{}, fault.Invalid("remedy", "must give exactly one of credits and money")
}

func (c ceiling) admitCredits(credits ledger.Credits) (Remedy, error) {
	switch {
	case credits > c.credits:
		return Remedy{}, fault.Invalid("remedy.credits", "must lie between 1 and %d: what was charged less what went back", c.credits)
	case c.whole && credits != c.credits:
		return Remedy{}, fault.Invalid("remedy.credits", "must be %d, all of the purchase's: it was never credited", c.credits)
	}
	return *InCredits(credits), nil
}

func (c ceiling) admitMoney(amount money.Amount) (Remedy, error) {
	switch {
	case c.money.Currency == "":
		return Remedy{}, fault.Invalid("remedy.money", "money is not given back for this: credits are")
	case amount.Currency != c.money.Currency:
		return Remedy{}, fault.Invalid("remedy.money.currency", "must be %s", c.money.Currency)
	case amount.Minor <= 0 || amount.Minor > c.money.Minor:
		return Remedy{}, fault.Invalid("remedy.money", "must lie between 1 and %d of the minor unit: what was charged less what went back", c.money.Minor)
	}
	return *InMoney(amount), nil
}

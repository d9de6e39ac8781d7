package policy_test

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// ruledAt is a Friday: ten business days later is a Friday too.
var ruledAt = time.Date(2026, 11, 20, 15, 0, 0, 0, time.UTC)

// rule rules on facts that some clause sent to review.
func rule(t *testing.T, rev policy.Revision, f policy.Facts, clause string, ruling policy.Ruling) (policy.Decision, error) {
	t.Helper()
	step := policy.Step{Clause: clause, Rule: 2, Matched: true}
	if clause == policy.ClauseNoRule {
		step.Rule = 0
	}
	prior := policy.Decision{
		Outcome: review, Clause: clause, Reason: "A person will look.", Policy: rev.Ref(),
		RespondBy: instant(2026, 11, 25, 12, 0), Trace: []policy.Step{{Clause: "X1", Rule: 1}, step}, Notice: "in_review",
	}
	return policy.Rule(rev, f, prior, ruling, ruledAt)
}

// purchased returns the facts of a claim about a purchase of goopter's pro, 300 credits for 20.00
// USD.
func purchased(kind policy.Kind) policy.Facts {
	f := bought(kind)
	f.Policy = "goopter"
	return f
}

func TestWhatAPersonDecidedKeepsClauseAndTraceAndHasWordsOfItsOwn(t *testing.T) {
	rev := shipped(t, "goopter")
	approved, err := rule(t, rev, purchased(policy.KindDuplicateCharge), "G2.2", policy.Ruling{Outcome: yes})
	require.NoError(t, err)
	approved.Basis = nil
	assert.Equal(t, policy.Decision{
		Outcome: yes, Clause: "G2.2", Reason: "We reviewed this charge and approved your refund.", Remedy: usd(2000),
		PayBy: instant(2026, 12, 4, 15, 0), Policy: rev.Ref(), Trace: []policy.Step{{Clause: "X1", Rule: 1}, {Clause: "G2.2", Rule: 2, Matched: true}}, Notice: "refunded",
	}, approved)
	declined, err := rule(t, rev, purchased(policy.KindDuplicateCharge), "G2.2", policy.Ruling{Outcome: no})
	require.NoError(t, err)
	declined.Basis = nil
	assert.Equal(t, policy.Decision{
		Outcome: no, Clause: "G2.2", Reason: "We reviewed this charge and couldn't approve a refund.",
		Policy: rev.Ref(), Trace: []policy.Step{{Clause: "X1", Rule: 1}, {Clause: "G2.2", Rule: 2, Matched: true}}, Notice: "not_refunded",
	}, declined)
}

func TestAClauseWithoutWordsForAPersonHasThoseOfX3(t *testing.T) {
	rev := shipped(t, "photoroom")
	x3, _ := rev.Clause(policy.ClauseNoRule)
	for _, clause := range []string{"R10", "X3"} {
		for _, outcome := range []policy.Outcome{yes, no} {
			d, err := rule(t, rev, unusable("photoroom"), clause, policy.Ruling{Outcome: outcome, Clause: clause})
			require.NoError(t, err)
			assert.Equal(t, x3.Ruled(outcome), d.Reason)
			assert.NotEmpty(t, d.Reason)
		}
	}
}

func TestEachClauseThatSendsToReviewHasWordsForWhatAPersonDecides(t *testing.T) {
	for name := range tables {
		rev := shipped(t, name)
		for _, clause := range rev.Clauses() {
			for _, outcome := range []policy.Outcome{yes, no} {
				answers := rev.Answers(clause.ID)
				if !slices.Contains(answers, review) && !slices.Contains(answers, outcome) {
					assert.Empty(t, clause.Ruled(outcome), "%s %s", name, clause.ID)
				}
			}
		}
		for _, kind := range rev.Kinds() {
			for _, tried := range rev.Rules(kind) {
				if tried.Answer != review {
					continue
				}
				f, ruling := unusable(name), policy.Ruling{Outcome: yes, Clause: tried.Clause}
				if kind.AboutPurchase() {
					f = bought(kind)
					f.Policy, ruling.Remedy = name, policy.InMoney(money.Amount{Currency: "USD", Minor: 100})
				}
				for _, ruling := range []policy.Ruling{ruling, {Outcome: no, Clause: tried.Clause}, {Outcome: no}} {
					d, err := rule(t, rev, f, tried.Clause, ruling)
					require.NoError(t, err, "%s %s", name, tried.Clause)
					clause, _ := rev.Clause(tried.Clause)
					x3, _ := rev.Clause(policy.ClauseNoRule)
					assert.Equal(t, cmp.Or(clause.Ruled(ruling.Outcome), x3.Ruled(ruling.Outcome)), d.Reason, "%s %s", name, tried.Clause)
					assert.Equal(t, tried.Clause, d.Clause)
				}
			}
		}
	}
}

// unusable returns the facts of a bad result of a published policy, charged 395.
func unusable(name string) policy.Facts {
	f := failed(name, generation.CausePlatform)
	badResult(&f)
	f.Generation.Price = 395
	return f
}

func TestApprovalGivesTheDefaultOfItsKind(t *testing.T) {
	failure, part := failed("goopter", generation.CauseInput), unusable("goopter")
	part.Generation.Refunded = 100
	duplicate, uncredited, down := purchased(policy.KindDuplicateCharge), purchased(policy.KindNotCredited), purchased(policy.KindOutage)
	uncredited.Purchase.Credited = false
	down.Purchase.CreditsSpent = 100
	halfBack, downHalfBack := purchased(policy.KindDuplicateCharge), purchased(policy.KindOutage)
	halfBack.Purchase.Refunded = &money.Amount{Currency: "USD", Minor: 1500}
	downHalfBack.Purchase.Refunded = halfBack.Purchase.Refunded
	free := unusable("goopter")
	free.Generation.Price = 0
	credited, creditedHalf := purchased(policy.KindNotCredited), purchased(policy.KindNotCredited)
	creditedHalf.Purchase.Refunded = &money.Amount{Currency: "USD", Minor: 999}
	allBack, uncreditedHalf := purchased(policy.KindNotCredited), purchased(policy.KindNotCredited)
	allBack.Purchase.Refunded = &money.Amount{Currency: "USD", Minor: 2001}
	uncreditedHalf.Purchase.Credited, uncreditedHalf.Purchase.Refunded = false, creditedHalf.Purchase.Refunded
	tests := []struct {
		name   string
		facts  policy.Facts
		remedy *policy.Remedy
		field  string // at fault
	}{
		{"a failure: the price", failure, credits(4), ""},
		{"a bad result: the price less what went back", part, credits(295), ""},
		{"a bad result that was charged nothing", free, nil, "outcome"},
		{"a double charge: the amount", duplicate, usd(2000), ""},
		{"a double charge, partly back: the rest", halfBack, usd(500), ""},
		{"never credited: its credits", uncredited, credits(300), ""},
		{"credited meanwhile: a person says", credited, nil, "remedy"},
		{"credited, partly back: a person says", creditedHalf, nil, "remedy"},
		{"never credited, partly back: a person says", uncreditedHalf, nil, "remedy"},
		{"all went back", allBack, nil, "outcome"},
		{"an outage: the unspent share", down, usd(1333), ""},
		{"an outage, partly back: at most the rest", downHalfBack, usd(500), ""},
		{"an abnormal charge: a person says", purchased(policy.KindAbnormalCharge), nil, "remedy"},
		{"a change of mind: a person says", purchased(policy.KindChangeOfMind), nil, "remedy"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, err := rule(t, shipped(t, "goopter"), test.facts, "X3", policy.Ruling{Outcome: yes})
			if test.field != "" {
				requireFault(t, err, test.field)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.remedy, d.Remedy)
			assert.Equal(t, test.remedy.Arm() == policy.ArmMoney, d.PayBy != nil)
		})
	}
}

func requireFault(t *testing.T, err error, field string) {
	t.Helper()
	var e *fault.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, fault.KindInvalid, e.Kind)
	assert.Equal(t, field, e.Field)
}

func TestAPersonMayGiveAnythingUpToWhatWasCharged(t *testing.T) {
	failure, result := failed("popcustoms", generation.CauseInput), unusable("popcustoms")
	failure.Generation.Price = 395
	partly := unusable("popcustoms")
	partly.Generation.Refunded = 5
	elsewhere := unusable("photoroom")
	purchase, uncredited := purchased(policy.KindAbnormalCharge), purchased(policy.KindNotCredited)
	uncredited.Purchase.Credited = false
	half := purchased(policy.KindChangeOfMind)
	half.Purchase.Refunded = &money.Amount{Currency: "USD", Minor: 1000}
	euros := policy.InMoney(money.Amount{Currency: "EUR", Minor: 1})
	tests := []struct {
		name  string
		facts policy.Facts
		asked *policy.Remedy
		field string // at fault; "" for what is given
	}{
		{"one credit of a failure", failure, credits(1), ""},
		{"the price", result, credits(395), ""},
		{"more than the price", result, credits(396), "remedy.credits"},
		{"the price less what went back", partly, credits(390), ""},
		{"more than what is left", partly, credits(391), "remedy.credits"},
		{"less than nothing", result, credits(-1), "remedy.credits"},
		{"neither credits nor money", result, policy.RemedyOf(0, nil, ""), "remedy"},
		{"both", result, policy.RemedyOf(1, &money.Amount{Currency: "USD", Minor: 1}, ""), "remedy"},
		{"money for a bad result, down to the cent", result, usd(3), ""},
		{"a cent more", result, usd(4), "remedy.money"},
		{"no money", result, usd(0), "remedy.money"},
		{"negative money", result, usd(-1), "remedy.money"},
		{"another currency", result, euros, "remedy.money.currency"},
		{"money for a failure", failure, usd(1), "remedy.money"},
		{"money where credits are sold in no currency of the wallet", elsewhere, usd(1), "remedy.money"},
		{"all money of a purchase", purchase, usd(2000), ""},
		{"a cent more than all", purchase, usd(2001), "remedy.money"},
		{"all credits of a purchase", purchase, credits(300), ""},
		{"one more than all", purchase, credits(301), "remedy.credits"},
		{"the wrong currency of a purchase", purchase, euros, "remedy.money.currency"},
		{"the money that is left", half, usd(1000), ""},
		{"more money than is left", half, usd(1001), "remedy.money"},
		{"the credits of the money that is left", half, credits(150), ""},
		{"more credits than the money that is left bought", half, credits(151), "remedy.credits"},
		{"all credits that were never credited", uncredited, credits(300), ""},
		{"money instead of credits that were never credited", uncredited, usd(2000), ""},
		{"a part of what was never credited", uncredited, credits(299), "remedy.credits"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := test.facts
			d, err := rule(t, shipped(t, f.Policy), f, "X3", policy.Ruling{Outcome: yes, Remedy: test.asked})
			if test.field != "" {
				requireFault(t, err, test.field)
				assert.Zero(t, d)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.asked, d.Remedy)
		})
	}
}

func TestWhereARemedyGoesIsDerived(t *testing.T) {
	for _, asked := range []*policy.Remedy{
		policy.RemedyOf(5, nil, policy.ToPaymentMethod), policy.RemedyOf(0, &money.Amount{Currency: "USD", Minor: 3}, policy.ToBalance),
	} {
		_, err := rule(t, shipped(t, "popcustoms"), unusable("popcustoms"), "P5.3", policy.Ruling{Outcome: yes, Remedy: asked})
		requireFault(t, err, "remedy.to")
	}
	d, err := rule(t, shipped(t, "popcustoms"), unusable("popcustoms"), "P5.3", policy.Ruling{Outcome: yes, Remedy: policy.RemedyOf(5, nil, "")})
	require.NoError(t, err)
	assert.Equal(t, credits(5), d.Remedy)
	assert.Nil(t, d.PayBy)
	d, err = rule(t, shipped(t, "popcustoms"), unusable("popcustoms"), "P5.3", policy.Ruling{Outcome: yes, Remedy: policy.RemedyOf(0, &money.Amount{Currency: "USD", Minor: 3}, "")})
	require.NoError(t, err)
	assert.Equal(t, usd(3), d.Remedy)
	assert.Nil(t, d.PayBy, "popcustoms promises no time of payment")
}

func TestWhatARulingLacksOrHoldsTooMuchIsNamed(t *testing.T) {
	rev := shipped(t, "goopter")
	noGeneration := unusable("goopter")
	noGeneration.Generation = nil
	noPurchase := purchased(policy.KindOutage)
	noPurchase.Purchase = nil
	tests := map[string]struct {
		facts  policy.Facts
		ruling policy.Ruling
		field  string
	}{
		"no outcome":                      {unusable("goopter"), policy.Ruling{}, "outcome"},
		"back in review":                  {unusable("goopter"), policy.Ruling{Outcome: review}, "outcome"},
		"an unknown outcome":              {unusable("goopter"), policy.Ruling{Outcome: "maybe"}, "outcome"},
		"a remedy on a refusal":           {unusable("goopter"), policy.Ruling{Outcome: no, Remedy: credits(1)}, "remedy"},
		"approved without a generation":   {noGeneration, policy.Ruling{Outcome: yes, Remedy: credits(1)}, "outcome"},
		"approved without a purchase":     {noPurchase, policy.Ruling{Outcome: yes, Remedy: usd(1)}, "outcome"},
		"approved facts of no kind":       {policy.Facts{}, policy.Ruling{Outcome: yes}, "kind"},
		"approved facts that cannot be":   {bust(unusable("goopter"), func(f *policy.Facts) { f.Generation.Price = -1 }), policy.Ruling{Outcome: yes}, "generation.price"},
		"approved purchase of no instant": {bust(purchased(policy.KindOutage), func(f *policy.Facts) { f.Purchase.PaidAt = time.Time{} }), policy.Ruling{Outcome: yes}, "purchase.paid_at"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d, err := rule(t, rev, test.facts, "X3", test.ruling)
			requireFault(t, err, test.field)
			assert.Zero(t, d)
		})
	}
	_, err := rule(t, rev, policy.Facts{Kind: policy.KindOutage}, "X3", policy.Ruling{Outcome: no})
	assert.NoError(t, err, "a refusal needs no facts")
}

func bust(f policy.Facts, change func(*policy.Facts)) policy.Facts {
	change(&f)
	return f
}

func TestMoneyForAResultIsWorthWhatTheCheapestPackageCharges(t *testing.T) {
	source := read(t, "published/popcustoms/2026-01-01.yaml")
	require.Contains(t, source, "packages:\n")
	source = strings.Replace(source, "packages:\n", "packages:\n  - {name: bulk, credits: 200000, price: {currency: USD, minor: 1500}}\n  - {name: dear, credits: 1, price: {currency: USD, minor: 100}}\n  - {name: euros, credits: 1000, price: {currency: EUR, minor: 1}}\n", 1)
	rev, err := policyfile.Parse("bulk.yaml", []byte(source))
	require.NoError(t, err)
	f := unusable("popcustoms")
	_, err = rule(t, rev, f, "P5.3", policy.Ruling{Outcome: yes, Remedy: usd(3)})
	requireFault(t, err, "remedy.money")
	d, err := rule(t, rev, f, "P5.3", policy.Ruling{Outcome: yes, Remedy: usd(2)})
	require.NoError(t, err)
	assert.Equal(t, usd(2), d.Remedy)
	f.Generation.Price = ledger.Credits(400_000)
	_, err = rule(t, rev, f, "P5.3", policy.Ruling{Outcome: yes, Remedy: usd(3000)})
	assert.NoError(t, err, "more than the package holds, at its rate")
	f.Generation.Price = math.MaxInt64
	_, err = rule(t, rev, f, "P5.3", policy.Ruling{Outcome: yes, Remedy: usd(3000)})
	assert.NoError(t, err, "no price leaves the range")
}

func TestWhatIsNotOnRecordGoesToAPersonByX3(t *testing.T) {
	friday := time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	rev := shipped(t, "goopter")
	d := policy.Undecided(rev, policy.KindOutage, friday)
	x3, _ := rev.Clause(policy.ClauseNoRule)
	d.Basis = nil
	assert.Equal(t, policy.Decision{
		Outcome: review, Clause: "X3", Reason: x3.Reason(review), RespondBy: instant(2026, 11, 27, 12, 0),
		Policy: rev.Ref(), Trace: []policy.Step{{Clause: "X3", Matched: true}}, Notice: "in_review",
	}, d)
	assert.Nil(t, policy.Undecided(shipped(t, "photoroom"), policy.KindOutage, friday).RespondBy)
}

package policy_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/money"
	"makegood/shared/policy"
)

// anyRuling draws what a person may send, sensible or not.
func anyRuling(t *rapid.T) policy.Ruling {
	ruling := policy.Ruling{Outcome: word(t, "ruled", []policy.Outcome{yes, yes, yes, no, review})}
	if rapid.Bool().Draw(t, "remedy asked") {
		to := word(t, "to", []policy.Destination{policy.ToBalance, policy.ToPaymentMethod})
		remedy := policy.RemedyOf(0, nil, to)
		switch rapid.IntRange(0, 5).Draw(t, "asked") {
		case 0, 1:
			remedy = policy.RemedyOf(anyCredits(t, "asked credits"), nil, to)
		case 2, 3, 4:
			remedy = policy.RemedyOf(0, &money.Amount{Currency: word(t, "asked currency", []string{"USD", "EUR"}), Minor: number(t, "asked money")}, to)
		case 5:
			remedy = policy.RemedyOf(anyCredits(t, "asked credits"), &money.Amount{Currency: "USD", Minor: number(t, "asked money")}, "")
		}
		ruling.Remedy = remedy
	}
	return ruling
}

func TestWhatAPersonDecidesNeverPassesWhatWasCharged(t *testing.T) {
	revs := revisions(t)
	rapid.Check(t, func(t *rapid.T) {
		requireRulingKeepsPromises(t, rapid.SampledFrom(revs).Draw(t, "revision"), anyFacts(t))
	})
}

// requireRulingKeepsPromises: a whole decision with the clause and trace of the one before, or a
// field at fault; twice the same.
func requireRulingKeepsPromises(t *rapid.T, rev policy.Revision, f policy.Facts) {
	prior, err := policy.Decide(rev, f)
	if err != nil {
		prior = policy.Undecided(rev, f.Kind, ruledAt)
	}
	ruling := anyRuling(t)
	d, err := policy.Rule(rev, f, prior, ruling, ruledAt)
	again, errAgain := policy.Rule(rev, f, prior, ruling, ruledAt)
	require.Equal(t, err, errAgain)
	require.Equal(t, bytesOf(t, d), bytesOf(t, again))
	if err != nil {
		requireField(t, err)
		require.Zero(t, d)
		return
	}
	require.Equal(t, ruling.Outcome, d.Outcome)
	require.Contains(t, append(rev.Citable(f.Kind, d.Outcome), prior.Clause), d.Clause)
	if ruling.Clause != "" {
		require.Equal(t, ruling.Clause, d.Clause)
	}
	require.Equal(t, prior.Trace, d.Trace[:len(prior.Trace)])
	require.Equal(t, d.Clause, d.Trace[len(d.Trace)-1].Clause)
	if prior.Outcome == no && d.Outcome == no {
		require.Equal(t, prior.Rule, d.Rule, "it stands as it was")
		require.Equal(t, prior.Reason, d.Reason)
	} else {
		require.Zero(t, d.Rule)
	}
	requireWords(t, rev, &prior, f.Kind, d)
	require.Equal(t, rev.Ref(), d.Policy)
	require.Nil(t, d.RespondBy)
	require.Equal(t, rev.Name != "", d.Reason != "")
	require.Equal(t, d.Remedy != nil && d.Remedy.Arm() == policy.ArmMoney && rev.Response.Pay.To > 0, d.PayBy != nil)
	requireCeiling(t, rev, f, d)
}

func bytesOf(t *rapid.T, d policy.Decision) string {
	text, err := json.Marshal(d)
	require.NoError(t, err)
	return string(text)
}

// requireCeiling: one of credits and money, positive, at most what was charged less what went back.
func requireCeiling(t *rapid.T, rev policy.Revision, f policy.Facts, d policy.Decision) {
	if d.Outcome == no {
		require.Nil(t, d.Remedy)
		return
	}
	require.Equal(t, yes, d.Outcome)
	require.NotNil(t, d.Remedy)
	require.NotEqual(t, d.Remedy.Credits() != 0, d.Remedy.Arm() == policy.ArmMoney)
	if d.Remedy.Arm() != policy.ArmMoney {
		require.Equal(t, policy.ToBalance, d.Remedy.To())
		require.Positive(t, d.Remedy.Credits())
	} else {
		require.Equal(t, policy.ToPaymentMethod, d.Remedy.To())
		require.Positive(t, d.Remedy.Money().Minor)
	}
	switch {
	case f.Kind.AboutPurchase() && d.Remedy.Arm() == policy.ArmMoney:
		require.Equal(t, f.Purchase.Amount.Currency, d.Remedy.Money().Currency)
		left := f.Purchase.Amount.Minor
		if f.Purchase.Refunded != nil {
			left -= f.Purchase.Refunded.Minor
		}
		require.LessOrEqual(t, d.Remedy.Money().Minor, left)
	case f.Kind.AboutPurchase():
		require.LessOrEqual(t, d.Remedy.Credits(), f.Purchase.Credits)
		require.True(t, f.Purchase.Credited || d.Remedy.Credits() == f.Purchase.Credits)
	case d.Remedy.Arm() == policy.ArmMoney:
		require.Equal(t, policy.KindBadResult, f.Kind)
		require.Equal(t, rev.Unit.Name, d.Remedy.Money().Currency)
		for _, p := range rev.Packages() { // money × its credits ≤ credits × its price
			if p.Price.Currency == rev.Unit.Name {
				given := new(big.Int).Mul(big.NewInt(d.Remedy.Money().Minor), big.NewInt(int64(p.Credits)))
				charged := new(big.Int).Mul(big.NewInt(int64(f.Generation.Price-f.Generation.Refunded)), big.NewInt(p.Price.Minor))
				require.LessOrEqual(t, given.Cmp(charged), 0)
			}
		}
	default:
		require.LessOrEqual(t, d.Remedy.Credits(), f.Generation.Price-f.Generation.Refunded)
	}
}

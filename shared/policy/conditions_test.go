package policy_test

import (
	"math"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// everything is the policy of testdata whose rules use the whole vocabulary.
func everything(t *testing.T) policy.Revision {
	t.Helper()
	const file = "testdata/working_every_condition.yaml"
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	rev, err := policyfile.Parse(file, source)
	require.NoError(t, err)
	return rev
}

// reported returns the facts of a bad result that no rule of the policy everything declines, up to
// B14.
func reported() policy.Facts {
	f := failed("everything", generation.CausePlatform)
	badResult(&f)
	f.Generation.Feature, f.Generation.Price = "draw", 250
	return f
}

// bought returns the facts of a request about a purchase of 300 credits for 20.00 USD, with an
// outage of 49 h behind it.
func bought(kind policy.Kind) policy.Facts {
	at := time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)
	return policy.Facts{
		Policy: "everything", Kind: kind, RequestedAt: at,
		Purchase: &policy.PurchaseFacts{
			ID: "pur_1", Package: "pro", PaidAt: at.Add(-8 * 24 * time.Hour), Amount: money.Amount{Currency: "USD", Minor: 2000},
			Credits: 300, Credited: true,
		},
		Outage: &policy.OutageFacts{StartedAt: at.Add(-49 * time.Hour), EndedAt: &at, PreventedUse: true},
	}
}

func usd(minor int64) *policy.Remedy {
	return policy.InMoney(money.Amount{Currency: "USD", Minor: minor})
}

func credits(n ledger.Credits) *policy.Remedy {
	return policy.InCredits(n)
}

type conditionCase struct {
	name    string
	facts   policy.Facts
	change  func(*policy.Facts)
	outcome policy.Outcome
	clause  string
	remedy  *policy.Remedy
}

const (
	yes    = policy.OutcomeApproved
	no     = policy.OutcomeDeclined
	review = policy.OutcomeInReview
)

func TestEachConditionHoldsExactlyWhenItsFactDoes(t *testing.T) {
	failure := func() policy.Facts { return failed("everything", generation.CausePlatform) }
	change, duplicate, uncredited, down := policy.KindChangeOfMind, policy.KindDuplicateCharge, policy.KindNotCredited, policy.KindOutage
	tests := []conditionCase{
		{"free mode", failure(), func(f *policy.Facts) { f.Generation.Mode = policy.ModeFree }, no, "T1", nil},
		{"nothing charged", failure(), func(f *policy.Facts) { f.Generation.Price = 0 }, no, "T2", nil},
		{"three attempts", failure(), func(f *policy.Facts) { f.Generation.FailedAttempts = 3 }, yes, "T3", credits(4)},
		{"two attempts", failure(), func(f *policy.Facts) { f.Generation.FailedAttempts = 2 }, yes, "T4", credits(4)},
		{"any listed cause", failure(), func(f *policy.Facts) { f.Generation.Failure.Cause = generation.CauseCancelled }, yes, "T4", credits(4)},
		{"no listed cause", failure(), func(f *policy.Facts) { f.Generation.Failure.Cause = generation.CauseSafety }, review, "X3", nil},

		{"restricted", reported(), func(f *policy.Facts) { f.Customer.Standing = ledger.StandingRestricted }, no, "B1", nil},
		{"terminated", reported(), func(f *policy.Facts) { f.Customer.Standing = ledger.StandingTerminated }, no, "B1", nil},
		{"unlisted feature", reported(), func(f *policy.Facts) { f.Generation.Feature = "poster" }, no, "B2", nil},
		{"a no in the table", reported(), func(f *policy.Facts) { f.Generation.Platform = policy.PlatformAndroid }, no, "B3", nil},
		{"a yes in the table", reported(), func(f *policy.Facts) { f.Generation.Platform = policy.PlatformIOS }, yes, "B14", credits(250)},
		{"batch", reported(), func(f *policy.Facts) { f.Generation.Surface = policy.SurfaceBatch }, no, "B4", nil},
		{"catalog is reportable here", reported(), func(f *policy.Facts) { f.Generation.Surface = policy.SurfaceCatalog }, yes, "B14", credits(250)},
		{"exactly 24 h", reported(), func(f *policy.Facts) { f.RequestedAt = f.RequestedAt.Add(24 * time.Hour) }, yes, "B14", credits(250)},
		{"a millisecond later", reported(), func(f *policy.Facts) { f.RequestedAt = f.RequestedAt.Add(24*time.Hour + time.Millisecond) }, no, "B5", nil},
		{"reported before it was finished", reported(), func(f *policy.Facts) { f.RequestedAt = f.RequestedAt.Add(-time.Hour) }, yes, "B14", credits(250)},
		{"commercial use", reported(), func(f *policy.Facts) { f.Usage.CommercialUse = true }, no, "B6", nil},
		{"bulk download", reported(), func(f *policy.Facts) { f.Usage.BulkDownloaded = true }, no, "B7", nil},
		{"requested before", reported(), func(f *policy.Facts) { f.EarlierRequests = 1 }, no, "B8", nil},
		{"refunded before", reported(), func(f *policy.Facts) { f.Generation.Refunded = 1 }, no, "X1", nil},
		{"21 requests", reported(), func(f *policy.Facts) { f.Customer.Requests30d = 21 }, review, "B9", nil},
		{"20 requests", reported(), func(f *policy.Facts) { f.Customer.Requests30d = 20 }, yes, "B14", credits(250)},
		{"4 of 10 refunded", reported(), func(f *policy.Facts) { f.Customer.Refunds30d, f.Customer.Generations30d = 4, 10 }, review, "B9", nil},
		{"3 of 10 refunded", reported(), func(f *policy.Facts) { f.Customer.Refunds30d, f.Customer.Generations30d = 3, 10 }, yes, "B14", credits(250)},
		{"9 of 9 refunded", reported(), func(f *policy.Facts) { f.Customer.Refunds30d, f.Customer.Generations30d = 9, 9 }, yes, "B14", credits(250)},
		{"301 of 1000 refunded", reported(), func(f *policy.Facts) { f.Customer.Refunds30d, f.Customer.Generations30d = 301, 1000 }, review, "B9", nil},
		{"counts past any multiplication", reported(), func(f *policy.Facts) {
			f.Customer.Refunds30d, f.Customer.Generations30d = math.MaxInt, math.MaxInt
		}, review, "B9", nil},
		{"a listed defect", reported(), func(f *policy.Facts) { f.Evidence.Defects = []string{"distorted", "blank"} }, yes, "B10", credits(250)},
		{"another defect", reported(), func(f *policy.Facts) { f.Evidence.Defects = []string{"distorted"} }, yes, "B14", credits(250)},
		{"taste", reported(), func(f *policy.Facts) { f.Report.Issue = policy.IssueTaste }, no, "B11", nil},
		{"no issue named", reported(), func(f *policy.Facts) { f.Report.Issue = "" }, no, "B11", nil},
		{"poor upload", reported(), func(f *policy.Facts) { f.Evidence.Input = policy.InputPoor }, no, "B12", nil},
		{"within the examples", reported(), func(f *policy.Facts) { f.Evidence.WithinExamples = true }, no, "B13", nil},
		{"usable", reported(), func(f *policy.Facts) { f.Evidence.Verdict = policy.VerdictUsable }, no, "B15", nil},
		{"unsure", reported(), func(f *policy.Facts) { f.Evidence.Verdict = policy.VerdictUnsure }, review, "B16", nil},
		{"nobody looked", reported(), func(f *policy.Facts) { f.Evidence = nil }, review, "B16", nil},
		{"unusable by another issue", reported(), func(f *policy.Facts) { f.Report.Issue = policy.IssueOther }, review, "X3", nil},

		{"known original, nothing spent", bought(duplicate), func(f *policy.Facts) { f.Purchase.DuplicateOf = "pur_0" }, yes, "D1", usd(2000)},
		{"known original, one spent", bought(duplicate), func(f *policy.Facts) { f.Purchase.DuplicateOf, f.Purchase.CreditsSpent = "pur_0", 1 }, review, "D2", nil},
		{"unknown original", bought(duplicate), nil, review, "D2", nil},
		{"never credited", bought(uncredited), func(f *policy.Facts) { f.Purchase.Credited = false }, yes, "N2", credits(300)},
		{"never credited, of no credits", bought(uncredited), func(f *policy.Facts) { f.Purchase.Credited, f.Purchase.Credits = false, 0 }, no, "X2", nil},
		{"credited", bought(uncredited), nil, no, "N2", nil},
		{"exactly 30 days", bought(uncredited), func(f *policy.Facts) { f.RequestedAt = f.Purchase.PaidAt.Add(720 * time.Hour) }, no, "N2", nil},
		{"a second after 30 days", bought(uncredited), func(f *policy.Facts) { f.RequestedAt = f.Purchase.PaidAt.Add(720*time.Hour + time.Second) }, review, "N1", nil},
		{"nothing left", bought(down), func(f *policy.Facts) { f.Purchase.CreditsSpent = 300 }, no, "O1", nil},
		{"over before the purchase", bought(down), func(f *policy.Facts) { f.Purchase.PaidAt = f.Outage.EndedAt.Add(time.Second) }, no, "O2", nil},
		{"over at the purchase", bought(down), func(f *policy.Facts) { f.Purchase.PaidAt = *f.Outage.EndedAt }, no, "O4", nil},
		{"48 h and a second after the purchase", bought(down), func(f *policy.Facts) { f.Purchase.PaidAt = f.Outage.EndedAt.Add(-48*time.Hour - time.Second) }, yes, "O4", usd(2000)},
		{"exactly 48 h after the purchase", bought(down), func(f *policy.Facts) { f.Purchase.PaidAt = f.Outage.EndedAt.Add(-48 * time.Hour) }, no, "O4", nil},
		{"exactly 48 h after the purchase, and no end yet", bought(down), func(f *policy.Facts) {
			f.Purchase.PaidAt, f.Outage.EndedAt = f.RequestedAt.Add(-48*time.Hour), nil
		}, review, "O5", nil},
		{"use not prevented", bought(down), func(f *policy.Facts) { f.Outage.PreventedUse = false }, no, "O3", nil},
		{"49 h, a third spent", bought(down), func(f *policy.Facts) { f.Purchase.CreditsSpent = 100 }, yes, "O4", usd(1333)},
		{"exactly 48 h", bought(down), func(f *policy.Facts) { f.Outage.StartedAt = f.RequestedAt.Add(-48 * time.Hour) }, no, "O4", nil},
		{"no end yet", bought(down), func(f *policy.Facts) { f.Outage.EndedAt = nil }, yes, "O4", usd(2000)},
		{"a share below one cent", bought(down), func(f *policy.Facts) { f.Purchase.Amount.Minor, f.Purchase.CreditsSpent = 100, 299 }, no, "X2", nil},
		{"a share of nothing bought", bought(policy.KindAbnormalCharge), func(f *policy.Facts) { f.Purchase.Credited, f.Purchase.Credits = false, 0 }, no, "X2", nil},
		{"a share of all that was bought", bought(policy.KindAbnormalCharge), func(f *policy.Facts) { f.Purchase.Credited = false }, yes, "A2", usd(2000)},
		{"abnormal", bought(policy.KindAbnormalCharge), nil, review, "A1", nil},
		{"abnormal, refunded before", bought(policy.KindAbnormalCharge), func(f *policy.Facts) { f.Purchase.Refunded = &money.Amount{Currency: "USD", Minor: 1} }, review, "X3", nil},
		{"changed my mind", bought(change), nil, yes, "C1", usd(2000)},
		{"changed my mind, refunded 0.00", bought(change), func(f *policy.Facts) { f.Purchase.Refunded = &money.Amount{Currency: "USD"} }, yes, "C1", usd(2000)},
		{"changed my mind, one left", bought(change), func(f *policy.Facts) { f.Purchase.CreditsSpent = 299 }, yes, "C2", usd(6)},
		{"changed my mind, nothing left", bought(change), func(f *policy.Facts) { f.Purchase.CreditsSpent = 300 }, review, "X3", nil},
	}
	rev := everything(t)
	type answer struct {
		kind    policy.Kind
		clause  string
		outcome policy.Outcome
	}
	decides := map[answer]bool{}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.change != nil {
				test.change(&test.facts)
			}
			d, err := policy.Decide(rev, test.facts)
			require.NoError(t, err)
			assert.Equal(t, test.outcome, d.Outcome)
			assert.Equal(t, test.clause, d.Clause)
			assert.Equal(t, test.remedy, d.Remedy)
			decides[answer{test.facts.Kind, d.Clause, d.Outcome}] = true
		})
	}
	for _, kind := range rev.Kinds() {
		for _, rule := range rev.Rules(kind) {
			assert.True(t, decides[answer{kind, rule.Clause, rule.Answer}], "no case for %v", rule)
		}
	}
}

func TestWhatWasRefundedIsNeverApprovedWhateverTheFileSays(t *testing.T) {
	f := bought(policy.KindChangeOfMind)
	f.Purchase.Refunded = &money.Amount{Currency: "USD", Minor: 1}
	d, err := policy.Decide(everything(t), f)
	require.NoError(t, err)
	assert.Equal(t, policy.OutcomeDeclined, d.Outcome)
	assert.Equal(t, policy.ClauseAlreadyRefunded, d.Clause)
	assert.Equal(t, "Refunded before.", d.Reason)
	assert.Equal(t, []policy.Step{{Clause: "C1", Rule: 1}, {Clause: "X1", Matched: true}}, d.Trace)
}

func TestMoneyIsPromisedWithinThePayDaysAndOnlyMoney(t *testing.T) {
	rev := everything(t)
	d, err := policy.Decide(rev, bought(policy.KindChangeOfMind)) // a Wednesday
	require.NoError(t, err)
	assert.Equal(t, instant(2026, 12, 2, 12, 0), d.PayBy)
	assert.Nil(t, d.RespondBy)
	d, err = policy.Decide(rev, failed("everything", generation.CausePlatform))
	require.NoError(t, err)
	assert.Nil(t, d.PayBy)
}

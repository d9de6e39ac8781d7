package policy_test

import (
	"encoding/json"
	"math"
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

// decide answers facts by the published policy that they name.
func decide(t *testing.T, f policy.Facts) policy.Decision {
	t.Helper()
	p, err := policy.Open(f.Policy)
	require.NoError(t, err)
	d, err := policy.Decide(p.At(f.JudgedAt()), f)
	require.NoError(t, err)
	return d
}

func TestTraceEndsWithTheRuleThatDecided(t *testing.T) {
	d := decide(t, failed("popcustoms", generation.CauseInput))
	assert.Equal(t, []policy.Step{{Clause: "X2", Rule: 1}, {Clause: "P4.4", Rule: 2}, {Clause: "X1", Rule: 3}, {Clause: "X2", Rule: 4}, {Clause: "P4.1", Rule: 5, Matched: true}}, d.Trace)
	assert.Equal(t, 5, d.Rule)
}

func TestKindWithoutRulesGoesToReviewWithinTheTimeOfThePolicy(t *testing.T) {
	saturday := time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC)
	tests := map[string]*time.Time{
		"popcustoms": instant(2026, 11, 25, 23, 30), // Monday, Tuesday, Wednesday
		"goopter":    instant(2026, 11, 27, 23, 30),
		"photoroom":  nil,
	}
	kinds := map[string]policy.Kind{"popcustoms": policy.KindOutage, "goopter": policy.KindAbnormalCharge, "photoroom": policy.KindChangeOfMind}
	for name, respondBy := range tests {
		f := failed(name, generation.CausePlatform)
		f.Kind, f.RequestedAt = kinds[name], saturday
		f.Outage = &policy.OutageFacts{StartedAt: saturday}
		f.Purchase = &policy.PurchaseFacts{ID: "pur_1", Package: "any", PaidAt: saturday, Amount: money.Amount{Currency: "USD", Minor: 100}}
		d := decide(t, f)
		assert.Equal(t, policy.OutcomeInReview, d.Outcome)
		assert.Equal(t, policy.ClauseNoRule, d.Clause)
		assert.Equal(t, respondBy, d.RespondBy, name)
		assert.Equal(t, []policy.Step{{Clause: "X3", Matched: true}}, d.Trace)
	}
}

func TestBusinessDaysAreThoseOfUTC(t *testing.T) {
	auckland := time.FixedZone("", 13*3600)
	f := failed("popcustoms", generation.CausePlatform)
	f.Kind, f.Generation.Status, f.Generation.Failure = policy.KindBadResult, generation.StatusSucceeded, nil
	f.Report = &policy.ReportFacts{Description: "five legs"}
	f.Generation.Feature, f.Generation.FinishedAt = "pet", time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)
	f.RequestedAt = time.Date(2026, 11, 21, 9, 0, 0, 0, auckland) // a Saturday there, still Friday 20:00 in UTC
	d := decide(t, f)
	assert.Equal(t, instant(2026, 11, 25, 20, 0), d.RespondBy)
}

func TestDecisionIsPrintedAsTheContractSays(t *testing.T) {
	approved, err := json.Marshal(decide(t, failed("photoroom", generation.CausePlatform)))
	require.NoError(t, err)
	p, err := policy.Open("photoroom")
	require.NoError(t, err)
	assert.JSONEq(t, `{"outcome":"approved","clause":"R1","rule":3,"reason":"This generation failed due to a technical error, so its 4 AI credits remain in your allowance.",
		"remedy":{"credits":4,"to":"balance"},"policy":{"name":"photoroom","revision":"2026-01-01","digest":"`+p.At(time.Time{}).Digest+`"},
		"trace":[{"clause":"X1","rule":1,"matched":false},{"clause":"X2","rule":2,"matched":false},{"clause":"R1","rule":3,"matched":true}]}`, string(approved))
}

func TestNoticesArePhotoroomsOwn(t *testing.T) {
	assert.Equal(t, "refunded", decide(t, failed("photoroom", generation.CausePlatform)).Notice)
	assert.Equal(t, "not_refunded", decide(t, failed("photoroom", generation.CauseInput)).Notice, "nobody gave feedback")
	p, err := policy.Open("photoroom")
	require.NoError(t, err)
	rev := p.At(time.Time{})
	assert.Contains(t, rev.Notice(policy.KindBadResult, policy.OutcomeDeclined).Words, "Thank you for your feedback")
	assert.NotContains(t, rev.Notice(policy.KindTechnicalFailure, policy.OutcomeDeclined).Words, "feedback", "who reported nothing is thanked for nothing")
	assert.Zero(t, rev.Notice(policy.KindBadResult, "perhaps"))
}

func TestFactsAreLeftAsTheyWere(t *testing.T) {
	f := failed("goopter", generation.CausePlatform)
	f.Generation.Surface, f.Generation.Mode, f.Generation.FailedAttempts = "", "", 0
	before := *f.Generation
	decide(t, f)
	assert.Equal(t, before, *f.Generation)
}

func TestFactsThatCannotBeDecidedNameTheField(t *testing.T) {
	purchase := func(f *policy.Facts) *policy.PurchaseFacts {
		f.Kind = policy.KindOutage
		f.Purchase = &policy.PurchaseFacts{PaidAt: f.RequestedAt, Amount: money.Amount{Currency: "USD", Minor: 100}, Credits: 10, Credited: true}
		f.Outage = &policy.OutageFacts{StartedAt: f.RequestedAt, PreventedUse: true}
		return f.Purchase
	}
	tests := map[string]struct {
		bust  func(*policy.Facts)
		field string
	}{
		"no kind":                      {func(f *policy.Facts) { f.Kind = "" }, "kind"},
		"unknown kind":                 {func(f *policy.Facts) { f.Kind = "bad_weather" }, "kind"},
		"no instant":                   {func(f *policy.Facts) { f.RequestedAt = time.Time{} }, "requested_at"},
		"instant out of range":         {func(f *policy.Facts) { f.RequestedAt = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }, "requested_at"},
		"another policy":               {func(f *policy.Facts) { f.Policy = "goopter" }, "policy"},
		"unknown standing":             {func(f *policy.Facts) { f.Customer.Standing = "great" }, "customer.standing"},
		"negative requests":            {func(f *policy.Facts) { f.Customer.Requests30d = -1 }, "customer.requests_30d"},
		"negative refunds":             {func(f *policy.Facts) { f.Customer.Refunds30d = -1 }, "customer.refunds_30d"},
		"negative generations":         {func(f *policy.Facts) { f.Customer.Generations30d = -1 }, "customer.generations_30d"},
		"negative earlier requests":    {func(f *policy.Facts) { f.EarlierRequests = -1 }, "earlier_requests"},
		"no generation":                {func(f *policy.Facts) { f.Generation = nil }, "generation"},
		"unknown platform":             {func(f *policy.Facts) { f.Generation.Platform = "mac" }, "generation.platform"},
		"no platform":                  {func(f *policy.Facts) { f.Generation.Platform = "" }, "generation.platform"},
		"unknown surface":              {func(f *policy.Facts) { f.Generation.Surface = "wall" }, "generation.surface"},
		"unknown mode":                 {func(f *policy.Facts) { f.Generation.Mode = "gift" }, "generation.mode"},
		"unknown status":               {func(f *policy.Facts) { f.Generation.Status = "late" }, "generation.status"},
		"not finished":                 {func(f *policy.Facts) { f.Generation.FinishedAt = time.Time{} }, "generation.finished_at"},
		"negative price":               {func(f *policy.Facts) { f.Generation.Price = -1 }, "generation.price"},
		"negative refunded":            {func(f *policy.Facts) { f.Generation.Refunded = -1 }, "generation.refunded"},
		"negative attempts":            {func(f *policy.Facts) { f.Generation.FailedAttempts = -1 }, "generation.failed_attempts"},
		"unknown cause":                {func(f *policy.Facts) { f.Generation.Failure.Cause = "weather" }, "generation.failure.cause"},
		"no cause":                     {func(f *policy.Facts) { f.Generation.Failure.Cause = "" }, "generation.failure.cause"},
		"no failure":                   {func(f *policy.Facts) { f.Generation.Failure = nil }, "generation.failure"},
		"a failure that succeeded":     {func(f *policy.Facts) { f.Generation.Status, f.Generation.Failure = "succeeded", nil }, "generation.status"},
		"succeeded, with a failure":    {func(f *policy.Facts) { f.Generation.Status = "succeeded" }, "generation.failure"},
		"a bad result that failed":     {func(f *policy.Facts) { f.Kind = policy.KindBadResult }, "generation.status"},
		"a bad result without report":  {func(f *policy.Facts) { badResult(f); f.Report = nil }, "report"},
		"unknown issue":                {func(f *policy.Facts) { badResult(f); f.Report.Issue = "none" }, "report.issue"},
		"unknown verdict":              {func(f *policy.Facts) { badResult(f); f.Evidence = &policy.EvidenceFacts{Verdict: "none"} }, "evidence.verdict"},
		"unknown input":                {func(f *policy.Facts) { badResult(f); f.Evidence.Input = "so-so" }, "evidence.input"},
		"no purchase":                  {func(f *policy.Facts) { f.Kind = policy.KindChangeOfMind }, "purchase"},
		"no outage":                    {func(f *policy.Facts) { purchase(f); f.Outage = nil }, "outage"},
		"not paid":                     {func(f *policy.Facts) { purchase(f).PaidAt = time.Time{} }, "purchase.paid_at"},
		"bad currency":                 {func(f *policy.Facts) { purchase(f).Amount.Currency = "usd" }, "purchase.amount.currency"},
		"negative amount":              {func(f *policy.Facts) { purchase(f).Amount.Minor = -1 }, "purchase.amount.minor"},
		"negative credits":             {func(f *policy.Facts) { purchase(f).Credits = -1 }, "purchase.credits"},
		"more spent than bought":       {func(f *policy.Facts) { purchase(f).CreditsSpent = 11 }, "purchase.credits_spent"},
		"refunded in another currency": {func(f *policy.Facts) { purchase(f).Refunded = &money.Amount{Currency: "EUR"} }, "purchase.refunded.currency"},
		"negative refund":              {func(f *policy.Facts) { purchase(f).Refunded = &money.Amount{Currency: "USD", Minor: -1} }, "purchase.refunded.minor"},
		"outage without start":         {func(f *policy.Facts) { purchase(f); f.Outage.StartedAt = time.Time{} }, "outage.started_at"},
		"outage ends before it starts": {func(f *policy.Facts) { purchase(f); f.Outage.EndedAt = instant(2026, 1, 1, 0, 0) }, "outage.ended_at"},
	}
	p, err := policy.Open("photoroom")
	require.NoError(t, err)
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			f := failed("photoroom", generation.CausePlatform)
			test.bust(&f)
			d, err := policy.Decide(p.At(f.JudgedAt()), f)
			var e *fault.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, fault.KindInvalid, e.Kind)
			assert.Equal(t, test.field, e.Field)
			assert.Zero(t, d)
		})
	}
}

// failed returns the facts of a generation that failed and was charged 4.
func failed(name string, cause generation.Cause) policy.Facts {
	at := time.Date(2026, 11, 18, 12, 0, 0, 0, time.UTC)
	return policy.Facts{
		Policy: name, Kind: policy.KindTechnicalFailure, RequestedAt: at,
		Generation: &policy.GenerationFacts{
			ID: "gen_1", Feature: "recolor", Platform: policy.PlatformWeb, Status: generation.StatusFailed, FinishedAt: at,
			Price: 4, Failure: &generation.Failure{Cause: cause, Code: "any"},
		},
	}
}

// badResult turns the facts of a failure into those of a bad result that is plainly unusable.
func badResult(f *policy.Facts) {
	f.Kind, f.Generation.Status, f.Generation.Failure = policy.KindBadResult, generation.StatusSucceeded, nil
	f.Report = &policy.ReportFacts{Description: "five legs", Issue: policy.IssueDeviates}
	f.Evidence = &policy.EvidenceFacts{Verdict: policy.VerdictUnusable}
}

func instant(year, month, day, hour, minute int) *time.Time {
	at := time.Date(year, time.Month(month), day, hour, minute, 0, 0, time.UTC)
	return &at
}

// halved returns a revision whose rules give a share of what they gave.
func halved(t *testing.T, share string) policy.Revision {
	t.Helper()
	source := read(t, "testdata/working_every_condition.yaml")
	for _, gift := range []string{"price", "amount", "unspent_share"} {
		source = strings.ReplaceAll(source, "{give: "+gift+",", "{give: "+gift+", share: "+share+",")
	}
	rev, err := policyfile.Parse("halved.yaml", []byte(source))
	require.NoError(t, err)
	return rev
}

func TestAShareIsRoundedDownAndWhatComesToNothingIsDeclinedByX2(t *testing.T) {
	for _, test := range []struct {
		share   string
		price   ledger.Credits
		outcome policy.Outcome
		clause  string
		remedy  *policy.Remedy
	}{
		{"50", 4, yes, "T4", credits(2)},
		{"50", 5, yes, "T4", credits(2)},
		{"50", 1, no, "X2", nil},
		{"1", 99, no, "X2", nil},
		{"1", 100, yes, "T4", credits(1)},
		{"99", math.MaxInt64, yes, "T4", credits(9131138316486228048)},
	} {
		f := failed("", generation.CausePlatform)
		f.Generation.Price = test.price
		d, err := policy.Decide(halved(t, test.share), f)
		require.NoError(t, err)
		assert.Equal(t, []any{test.outcome, test.clause, test.remedy}, []any{d.Outcome, d.Clause, d.Remedy}, "%s %% of %d", test.share, test.price)
	}
	f := bought(policy.KindOutage)
	f.Purchase.CreditsSpent = f.Purchase.Credits / 3
	f.Outage = &policy.OutageFacts{StartedAt: f.RequestedAt.AddDate(0, 0, -4), PreventedUse: true}
	before, err := policy.Decide(everything(t), f)
	require.NoError(t, err)
	after, err := policy.Decide(halved(t, "50"), f)
	require.NoError(t, err)
	require.NotNil(t, before.Remedy, before)
	assert.Equal(t, before.Remedy.Money().Minor/2, after.Remedy.Money().Minor, "half of the unspent share")
}

func TestAnOutageIsLongEnoughAtTheFirstInstantPastALimitThatItHasNotPassed(t *testing.T) {
	source := read(t, "testdata/working_every_condition.yaml")
	rule := "    - {clause: O4, when: {down_over: 48h}, answer: approved, remedy: {give: unspent_share, to: payment_method}}\n"
	require.Contains(t, source, rule)
	rev, err := policyfile.Parse("two.yaml", []byte(strings.Replace(source, rule, rule+strings.Replace(rule, "48h", "72h", 1), 1)))
	require.NoError(t, err)
	f := bought(policy.KindOutage)
	began := f.Purchase.PaidAt.Add(time.Hour)
	f.Outage = &policy.OutageFacts{StartedAt: began, PreventedUse: true}
	for _, since := range []struct {
		bought       time.Time
		hours, limit int
	}{
		{began.Add(-time.Hour), 10, 48},
		{began.Add(-time.Hour), 48, 48},
		{began.Add(-time.Hour), 50, 72},
		{began.Add(-time.Hour), 73, 0},
		{began.Add(5 * time.Hour), 10, 48},
	} {
		f.Purchase.PaidAt = since.bought
		from := began
		if since.bought.After(began) {
			from = since.bought
		}
		asOf := from.Add(time.Duration(since.hours) * time.Hour)
		f.Outage.AsOf = &asOf
		want := time.Time{}
		if since.limit > 0 {
			want = from.Add(time.Duration(since.limit)*time.Hour + time.Millisecond)
		}
		assert.Equal(t, want, rev.LongEnough(f), "%+v", since)
	}
}

func TestMoneyForAnOutageIsPromisedFromTheDecisionAndOtherMoneyFromTheRequest(t *testing.T) {
	p, err := policy.Open("goopter")
	require.NoError(t, err)
	for kind, days := range map[policy.Kind]int{policy.KindOutage: 7, policy.KindDuplicateCharge: 0} {
		f := bought(kind)
		f.Policy, f.Purchase.DuplicateOf = "goopter", "pur_0"
		rev := p.At(f.JudgedAt())
		first, err := policy.Decide(rev, f)
		require.NoError(t, err)
		asOf := f.RequestedAt.AddDate(0, 0, 7)
		f.Outage.AsOf = &asOf
		later, err := policy.Decide(rev, f)
		require.NoError(t, err)
		require.NotNil(t, first.PayBy, kind)
		assert.Equal(t, first.PayBy.AddDate(0, 0, days), *later.PayBy, kind)

		f.Outage.AsOf = new(time.Time)
		_, err = policy.Decide(rev, f)
		require.ErrorContains(t, err, "outage.as_of")
	}
}

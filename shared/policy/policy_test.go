package policy_test

import (
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
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// shipped returns the first revision of a published policy.
func shipped(t *testing.T, name string) policy.Revision {
	t.Helper()
	p, err := policy.Open(name)
	require.NoError(t, err)
	return p.At(time.Time{})
}

func TestThreePoliciesArePublished(t *testing.T) {
	assert.Subset(t, policy.Names(), []string{"goopter", "photoroom", "popcustoms"})
	revisions := map[string]string{"popcustoms": "2026-01-01", "goopter": "2026-02-13", "photoroom": "2026-01-01"}
	units := map[string]policy.Unit{"popcustoms": {Name: "USD", Scale: 4}, "goopter": {Name: "credits"}, "photoroom": {Name: "credits"}}
	for name, revision := range revisions {
		rev := shipped(t, name)
		assert.Equal(t, name, rev.Name)
		assert.Equal(t, revision, rev.Revision)
		assert.Equal(t, units[name], rev.Unit)
		assert.Equal(t, policy.Ref{Name: name, Revision: revision, Digest: rev.Digest}, rev.Ref())
		assert.Equal(t, policy.Duplicates{Same: 10 * time.Minute, Look: 24 * time.Hour}, rev.Duplicates, "people do buy twice")
		assert.False(t, rev.GrantsUnpaid)
	}
}

func TestOpeningTwiceParsesOnce(t *testing.T) {
	first, err := policy.Open("goopter")
	require.NoError(t, err)
	second, err := policy.Open("goopter")
	require.NoError(t, err)
	assert.Same(t, first, second)
	assert.Equal(t, "goopter", first.Name())
}

func TestUnknownPolicyIsAnsweredWithTheKnownOnes(t *testing.T) {
	for _, name := range []string{"", "nobody", "../popcustoms", "popcustoms/2026-01-01.yaml", "Popcustoms"} {
		_, err := policy.Open(name)
		var e *fault.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, fault.KindInvalid, e.Kind)
		assert.Equal(t, "policy", e.Field)
		assert.Contains(t, e.Detail, strings.Join(policy.Names(), ", "))
	}
}

func TestEveryFeatureHasItsPriceAndItsTable(t *testing.T) {
	everywhere := policy.Platforms{IOS: true, Android: true, Web: true}
	tables := map[string]map[string]policy.Platforms{"popcustoms": {}, "goopter": {}, "photoroom": {"ai-backgrounds": {Android: true}}}
	prices := map[string]ledger.Credits{"popcustoms": 395, "goopter": 3, "photoroom": 4}
	for _, name := range []string{"virtual-try-on", "change-background", "pet"} {
		tables["popcustoms"][name] = everywhere
	}
	for _, name := range []string{"remove-background", "product-scene", "upscale"} {
		tables["popcustoms"][name] = policy.Platforms{}
	}
	for _, name := range []string{"remove-background", "upscale"} {
		tables["goopter"][name] = everywhere
	}
	for _, name := range strings.Fields(`virtual-model flat-lay ghost-mannequin edit-with-ai recolor product-beautifier ironing
		video-generator logo text create-any-image instagram-story`) {
		tables["photoroom"][name] = everywhere
	}
	for _, name := range []string{"ai-shadows", "image-enhancer", "ai-expand", "retouch", "studio-shot"} {
		tables["photoroom"][name] = policy.Platforms{}
	}
	for name, table := range tables {
		rev := shipped(t, name)
		assert.Len(t, rev.Features(), len(table), name)
		for feature, reportable := range table {
			got, listed := rev.Feature(feature)
			require.True(t, listed, "%s: %s", name, feature)
			assert.Equal(t, reportable, got.Reportable, feature)
			assert.Equal(t, prices[name], got.Price, feature)
			assert.Positive(t, got.ResultWithin, feature)
		}
		_, listed := rev.Feature("poster")
		assert.False(t, listed)
	}
	assert.Equal(t, policy.Surfaces{Editor: true}, shipped(t, "photoroom").Surfaces)
}

func TestTablesSayNoToWhatTheyDoNotKnow(t *testing.T) {
	assert.False(t, policy.Platforms{IOS: true, Android: true, Web: true}.On("mac"))
	assert.False(t, policy.Surfaces{Editor: true, Batch: true, Catalog: true}.On("wall"))
	assert.True(t, policy.Surfaces{Catalog: true}.On(policy.SurfaceCatalog))
	assert.True(t, policy.Platforms{Android: true}.On(policy.PlatformAndroid))
}

func TestGoopterSellsItsPublishedPackages(t *testing.T) {
	usd := func(minor int64) money.Amount { return money.Amount{Currency: "USD", Minor: minor} }
	assert.Equal(t, []payment.Package{
		{Name: "starter", Title: "Starter", Credits: 50, Price: usd(500)},
		{Name: "basic", Title: "Basic", Credits: 120, Price: usd(1000)},
		{Name: "pro", Title: "Pro", Credits: 300, Price: usd(2000)},
		{Name: "premium", Title: "Premium", Credits: 1000, Price: usd(5000)},
	}, shipped(t, "goopter").Packages())
}

func TestSomePackageBuysTwentyOfTheDearestFeature(t *testing.T) {
	for name := range tables {
		rev := shipped(t, name)
		var dearest, most ledger.Credits
		for _, f := range rev.Features() {
			dearest = max(dearest, f.Price)
		}
		for _, p := range rev.Packages() {
			most = max(most, p.Credits)
		}
		assert.GreaterOrEqual(t, most, 20*dearest, name)
	}
}

func TestAmountsAreWrittenInTheUnit(t *testing.T) {
	for amount, want := range map[int64]string{0: "0.00", 5: "0.05", 1234: "12.34", -250: "-2.50", math.MaxInt64: "92233720368547758.07"} {
		assert.Equal(t, want, policy.Unit{Name: "USD", Scale: 2}.Format(amount))
	}
	assert.Equal(t, "7", policy.Unit{Name: "credits"}.Format(7))
}

func TestPackagesAreFoundByName(t *testing.T) {
	rev := everything(t)
	monthly, listed := rev.Package("monthly")
	assert.True(t, listed)
	assert.Equal(t, 31*24*time.Hour, monthly.ExpiresAfter)
	forever, listed := rev.Package("forever")
	assert.True(t, listed)
	assert.Zero(t, forever.ExpiresAfter)
	none, listed := rev.Package("weekly")
	assert.False(t, listed)
	assert.Zero(t, none)
}

func TestTermsAreThoseOfTheFile(t *testing.T) {
	rev := everything(t)
	assert.Equal(t, policy.Unit{Name: "credits", Scale: 2}, rev.Unit)
	assert.Equal(t, ledger.ExpiredLot{Rule: ledger.ExpiredRuleExpire, ExtendDays: 14}, rev.ExpiredLot)
	assert.Equal(t, policy.Duplicates{Same: 90 * time.Minute, Look: 36 * time.Hour, Auto: true}, rev.Duplicates)
	assert.Equal(t, policy.Abuse{RequestsOver: 20, RefundsOverPercent: 30, FromGenerations: 10}, rev.Abuse)
	assert.Equal(t, policy.Surfaces{Editor: true, Catalog: true}, rev.Surfaces)
	assert.Equal(t, 24*time.Hour, rev.ReportWindow)
	assert.True(t, rev.GrantsUnpaid)
	assert.Equal(t, []policy.Mode{policy.ModeOwnKey, policy.ModePaid, policy.ModeFree}, rev.Modes)
	film, _ := rev.Feature("film")
	assert.Equal(t, policy.Feature{Feature: generation.Feature{Name: "film", Price: 900, ResultWithin: time.Hour, Modes: []string{"own_key", "paid", "free"}, Prices: []generation.PriceRow{
		{Model: "quick", Price: 300},
		{Model: "quick", Size: "hd", Price: 500},
		{PerSecond: 90, MaxSeconds: 60},
		{Model: "quick", PerSecond: 30, MaxSeconds: 600},
	}}}, film)
	assert.Equal(t, ledger.ExpiredLot{Rule: ledger.ExpiredRuleExtend, ExtendDays: 30}, shipped(t, "photoroom").ExpiredLot)
}

func TestNoClauseOfAPublishedPolicyIsIdle(t *testing.T) {
	for _, name := range policy.Names() {
		rev := shipped(t, name)
		used := map[string]bool{policy.ClauseAlreadyRefunded: true, policy.ClauseNothingCharged: true, policy.ClauseNoRule: true}
		for _, kind := range rev.Kinds() {
			for _, rule := range rev.Rules(kind) {
				used[rule.Clause] = true
				_, known := rev.Clause(rule.Clause)
				assert.True(t, known)
				assert.NotEmpty(t, rule.Reason, "%s %s", name, rule.Clause)
			}
		}
		for _, clause := range rev.Clauses() {
			assert.Equal(t, !used[clause.ID], clause.Binds != "", "%s %s", name, clause.ID)
		}
	}
	_, known := shipped(t, "popcustoms").Clause("P9")
	assert.False(t, known)
}

// revised returns the minimal policy of testdata as it takes effect on another day.
func revised(t *testing.T, day string) policy.Revision {
	t.Helper()
	source := strings.Replace(read(t, "testdata/working_minimal.yaml"), "2026-03-01", day, 1)
	rev, err := policyfile.Parse(day+".yaml", []byte(source))
	require.NoError(t, err)
	return rev
}

func TestRevisionInForceIsTheLatestThatHasBegun(t *testing.T) {
	p, err := policy.New(revised(t, "2026-06-01"), revised(t, "2026-01-01"), revised(t, "2026-03-01"))
	require.NoError(t, err)
	march := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	tests := map[time.Time]string{
		{}:                           "2026-01-01", // older than the first
		march.Add(-time.Millisecond): "2026-01-01",
		march:                        "2026-03-01",
		march.Add(time.Millisecond):  "2026-03-01",
		time.Date(2026, 5, 31, 23, 59, 59, 999999999, time.UTC):          "2026-03-01",
		time.Date(2026, 5, 31, 20, 0, 0, 0, time.FixedZone("", -4*3600)): "2026-06-01", // midnight in UTC
		time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC):                      "2026-06-01",
	}
	for at, want := range tests {
		assert.Equal(t, want, p.At(at).Revision, at)
		assert.Equal(t, want, p.Current(at).Revision, at)
	}
	assert.Len(t, p.Revisions(), 3)
}

func TestPolicyIsMadeOfRevisionsOfOneNameAndDifferentDays(t *testing.T) {
	_, err := policy.New()
	assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
	_, err = policy.New(revised(t, "2026-01-01"), shipped(t, "goopter"))
	assert.ErrorContains(t, err, "stands among the revisions")
	_, err = policy.New(revised(t, "2026-01-01"), revised(t, "2026-01-01"))
	assert.ErrorContains(t, err, "take effect on 2026-01-01")
}

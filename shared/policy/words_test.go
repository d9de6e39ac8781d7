package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/generation"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
)

// multilingual returns the policy of testdata with sentences in two languages.
func multilingual(t *testing.T) policy.Revision {
	t.Helper()
	rev, err := policyfile.Parse("languages.yaml", []byte(read(t, "testdata/working_languages.yaml")))
	require.NoError(t, err)
	return rev
}

// decidedBy decides facts by a revision.
func decidedBy(t *testing.T, rev policy.Revision, f policy.Facts) policy.Decision {
	t.Helper()
	f.Policy = rev.Name
	d, err := policy.Decide(rev, f)
	require.NoError(t, err)
	return d
}

// down returns the facts of an outage of 49 hours after a purchase of which nothing is spent,
// claimed on Friday, November 27.
func down(price int64) policy.Facts {
	f := bought(policy.KindOutage)
	f.Purchase.PaidAt, f.Purchase.Amount.Minor, f.Purchase.CreditsSpent, f.Purchase.Refunded = *instant(2026, 11, 20, 12, 0), price, 0, nil
	f.Outage = &policy.OutageFacts{StartedAt: *instant(2026, 11, 21, 0, 0), EndedAt: instant(2026, 11, 23, 1, 0), PreventedUse: true}
	f.RequestedAt = *instant(2026, 11, 27, 12, 0)
	return f
}

func TestADecisionIsSaidInEnglishAndAgainInTheCustomersLanguage(t *testing.T) {
	rev := multilingual(t)
	failure := failed(rev.Name, generation.CausePlatform)
	failure.Generation.Price = 395
	blocked, unread, stopped := failed(rev.Name, generation.CauseSafety), failed(rev.Name, generation.CauseInput), failed(rev.Name, generation.CauseCancelled)
	again := failure
	refunded := *failure.Generation
	refunded.Refunded = 395
	again.Generation = &refunded
	result := unusable(rev.Name)
	result.RequestedAt = *instant(2026, 11, 27, 12, 0)
	other := bought(policy.KindChangeOfMind)
	other.RequestedAt = *instant(2026, 11, 27, 12, 0)
	for name, test := range map[string]struct {
		facts           policy.Facts
		rule            int
		english, german string
	}{
		"a rule's own reason, filled":         {failure, 1, "Our error, so 0.0395 USD went to your wallet.", "Unser Fehler: 0.0395 USD gingen an Ihr Guthaben."},
		"a rule's own reason, not translated": {unread, 2, "Your upload could not be read.", "Your upload could not be read."},
		"each cause has its own":              {blocked, 3, "It was blocked.", "Gesperrt."},
		"the clause's":                        {stopped, 4, "It was stopped.", "Es wurde abgebrochen."},
		"a rule overruled":                    {again, 0, "Refunded before.", "Schon erstattet."},
		"in review":                           {result, 1, "We answer by December 2, 2026.", "Antwort bis 2026-12-02."},
		"no rule":                             {other, 0, "By December 2, 2026.", "By December 2, 2026."},
		"money":                               {down(2000), 1, "20.00 USD goes to your card by December 11, 2026.", "20.00 USD an Ihre Karte bis 2026-12-11."},
	} {
		d := decidedBy(t, rev, test.facts)
		assert.Equal(t, test.rule, d.Rule, name)
		assert.Equal(t, test.english, d.Reason, name)
		for want, languages := range map[string][]string{test.english: {"fr", "ja-JP"}, test.german: {"fr", "de-AT", "en"}} {
			assert.Equal(t, want, rev.Reason(test.facts.Kind, d, languages...), name)
		}
	}
}

func TestALanguageIsFoundByItsTagThenByItsBase(t *testing.T) {
	rev := multilingual(t)
	d := decidedBy(t, rev, failed(rev.Name, generation.CausePlatform))
	english, german := "Our error, so 0.0004 USD went to your wallet.", "Unser Fehler: 0.0004 USD gingen an Ihr Guthaben."
	for _, test := range []struct {
		want      string
		languages []string
	}{
		{"Erro nosso.", []string{"pt-br", "de"}},
		{german, []string{"sv", "DE"}},
		{"Erro nosso.", []string{"pt", "de"}},
		{german, []string{"de-AT"}},
		{english, nil},
		{english, []string{"en-GB", "de"}},
		{english, []string{"-", ""}},
	} {
		assert.Equal(t, test.want, rev.Reason(policy.KindTechnicalFailure, d, test.languages...), test.languages)
	}
}

func TestAPersonsDecisionIsSaidInTheCustomersLanguage(t *testing.T) {
	rev := multilingual(t)
	f := unusable(rev.Name)
	prior := decidedBy(t, rev, f)
	for _, test := range []struct {
		prior           policy.Decision
		outcome         policy.Outcome
		english, german string
	}{
		{prior, yes, "We granted it: see your wallet.", "Bewilligt: Ihr Guthaben."},
		{prior, no, "We declined it.", "Abgelehnt."},
		{policy.Undecided(rev, f.Kind, ruledAt), no, "Declined.", "Nein."},
		{policy.Undecided(rev, f.Kind, ruledAt), yes, "We granted it: see your wallet.", "Bewilligt: Ihr Guthaben."},
	} {
		d, err := policy.Rule(rev, f, test.prior, policy.Ruling{Outcome: test.outcome}, ruledAt)
		require.NoError(t, err)
		assert.Zero(t, d.Rule)
		assert.Equal(t, test.english, d.Reason)
		assert.Equal(t, test.german, rev.Reason(f.Kind, d, "de"))
	}
}

func TestANoticeTellsOfMoneyInItsOwnWords(t *testing.T) {
	rev := multilingual(t)
	failure := decidedBy(t, rev, failed(rev.Name, generation.CausePlatform))
	assert.Equal(t, policy.Notice{Name: "refunded", Words: "It failed: 0.0004 USD."}, rev.NoticeOf(policy.KindTechnicalFailure, failure, "de"))
	money := decidedBy(t, rev, down(2000))
	assert.Equal(t, policy.Notice{Name: "refunded", Words: "You get 20.00 USD to your card by December 11, 2026."}, rev.NoticeOf(policy.KindOutage, money))
	assert.Equal(t, "Sie bekommen 20.00 USD an Ihre Karte bis 2026-12-11.", rev.NoticeOf(policy.KindOutage, money, "de").Words)
	result := unusable(rev.Name)
	looked := decidedBy(t, rev, result)
	assert.Equal(t, "We answer by November 23, 2026.", rev.NoticeOf(result.Kind, looked, "de").Words)
	granted, err := policy.Rule(rev, result, looked, policy.Ruling{Outcome: yes}, ruledAt)
	require.NoError(t, err)
	assert.Equal(t, "Sie haben 0.0395 USD zurück.", rev.NoticeOf(result.Kind, granted, "de").Words)
	assert.Zero(t, rev.NoticeOf(result.Kind, policy.Decision{}))
}

func TestAnOutageIsOfferedUntilItsDay(t *testing.T) {
	rev := multilingual(t)
	offer := policy.Offer{Remedy: *usd(2000), Until: instant(2026, 12, 20, 23, 30)}
	assert.Equal(t, policy.Sentence{Text: "20.00 USD until December 20, 2026.", Language: "en"}, rev.OfferIn(offer))
	assert.Equal(t, "20.00 USD bis 2026-12-20.", rev.OfferIn(offer, "de").Text)
	assert.Empty(t, shipped(t, "popcustoms").OfferIn(offer).Text)
}

func TestAnAmountOfAUnitThatIsNoCurrencyIsItsNumber(t *testing.T) {
	rev := everything(t)
	assert.Equal(t, "Down: 20.00 USD to your original payment method, until December 1, 2026.",
		rev.OfferIn(policy.Offer{Remedy: *usd(2000), Until: instant(2026, 12, 1, 0, 0)}, "de").Text)
	assert.Equal(t, "Down: {amount} to your balance, until {claim_until}.", rev.OfferIn(policy.Offer{Remedy: *policy.InCredits(5)}).Text)
	assert.Equal(t, []string{"0.05", "7", "0.0395 USD"}, []string{
		rev.Unit.InWords(5), policy.Unit{Name: "credits"}.InWords(7), policy.Unit{Name: "USD", Scale: 4}.InWords(395),
	})
}

func TestADayIsThatOfUTC(t *testing.T) {
	rev := multilingual(t)
	late := time.Date(2026, 12, 20, 23, 30, 0, 0, time.FixedZone("", -3*3600))
	assert.Equal(t, "20.00 USD until December 21, 2026.", rev.OfferIn(policy.Offer{Remedy: *usd(2000), Until: &late}).Text)
}

func TestAnOfferNamesALastDayOnlyWhereAClaimCanBeLate(t *testing.T) {
	rev := multilingual(t)
	assert.Equal(t, rev.PurchaseWindow, rev.OutageWindow())
	source := read(t, "testdata/working_languages.yaml")
	never := strings.Replace(source, "    - {clause: T3, when: {asked_late: true}, answer: declined}\n", "", 1)
	require.NotEqual(t, source, never)
	_, err := policyfile.Parse("languages.yaml", []byte(never))
	require.ErrorContains(t, err, "{claim_until} cannot be filled here")
	open, err := policyfile.Parse("languages.yaml", []byte(strings.NewReplacer(" until {claim_until}", "", " bis {claim_until}", "").Replace(never)))
	require.NoError(t, err)
	assert.NotZero(t, open.PurchaseWindow)
	assert.Zero(t, open.OutageWindow())
}

func TestARevisionIsReadInOneLanguage(t *testing.T) {
	rev := multilingual(t)
	german, language := rev.In("fr", "de-AT")
	assert.Equal(t, "de", language)
	assert.Equal(t, policy.Notice{Name: "not_refunded", Words: "Abgelehnt."}, german.Notice(policy.KindOutage, no))
	assert.Equal(t, "{amount} bis {claim_until}.", german.OfferNotice().Words)
	assert.Equal(t, "Sie bekommen {amount} an {method} bis {by}.", german.MoneyNotice().Words)
	assert.Equal(t, "We answer by {by}.", german.Notice(policy.KindOutage, review).Words, "what it does not have stays English")
	assert.Equal(t, "Unser Fehler: {credits} gingen an {method}.", german.Rules(policy.KindTechnicalFailure)[0].Reason)
	clause, _ := german.Clause("T2")
	assert.Equal(t, []string{"Antwort bis {by}.", "Abgelehnt."}, []string{clause.Reason(review), clause.Ruled(no)})
	assert.Equal(t, policy.Notice{Name: "paid", Words: "{amount} an {method} am {on}."}, german.Messages()[0])
	for _, languages := range [][]string{nil, {"ja"}, {"en-GB", "de"}} {
		english, language := rev.In(languages...)
		assert.Equal(t, policy.English, language)
		assert.Equal(t, rev.Notices(), english.Notices())
	}
	assert.Equal(t, "Declined.", rev.Notice(policy.KindOutage, no).Words, "the revision itself stays as it is")
	portuguese, language := rev.In("pt")
	assert.Equal(t, "pt-BR", language)
	assert.Equal(t, "Erro nosso.", portuguese.Rules(policy.KindTechnicalFailure)[0].Reason)
}

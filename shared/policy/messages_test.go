package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/ledger"
	"makegood/shared/policy"
)

func TestAMessageIsSaidInTheFilesWordsAndTheCustomersLanguage(t *testing.T) {
	rev := multilingual(t)
	money := policy.Fill{Remedy: usd(2000), On: instant(2026, 12, 4, 12, 0)}
	credits := policy.Fill{Remedy: policy.InCredits(395), Came: 1, Outputs: 4}
	for message, test := range map[policy.Message]struct {
		from            policy.Fill
		english, german string
	}{
		policy.MessagePaid:        {money, "20.00 USD reached your card on December 4, 2026.", "20.00 USD an Ihre Karte am 2026-12-04."},
		policy.MessageFailed:      {money, "20.00 USD did not reach your card.", "20.00 USD kam nicht an: Ihre Karte."},
		policy.MessageUnpaid:      {money, "We granted 20.00 USD, which did not reach your card.", "20.00 USD bewilligt, Ihre Karte nicht erreicht."},
		policy.MessagePartial:     {credits, "1 of 4: 0.0395 USD stay yours.", "1 von 4: 0.0395 USD bleiben Ihnen."},
		policy.MessagePartialNone: {credits, "None of 4: 0.0395 USD stay yours.", "Keines von 4: 0.0395 USD bleiben Ihnen."},
		policy.MessagePartialFree: {credits, "1 of 4.", "1 von 4."},
		policy.MessageGood:        {policy.Fill{}, "All is well.", "Alles gut."},
		policy.MessageTerminated:  {policy.Fill{}, "", ""},
		policy.MessageCase:        {policy.Fill{}, "Case", "Vorgang"},
	} {
		assert.Equal(t, test.english, rev.Message(message, test.from), message)
		assert.Equal(t, test.german, rev.Message(message, test.from, "fr", "de-CH"), message)
	}
}

func TestWhatAFileLeavesOutIsSaidInWordsThatAreTrueOfEveryPolicy(t *testing.T) {
	rev := everything(t)
	money := policy.Fill{Remedy: usd(2000), On: instant(2026, 12, 4, 12, 0)}
	for message, want := range map[policy.Message]string{
		policy.MessagePaid:        "Your refund of 20.00 USD was paid to your original payment method on December 4, 2026.",
		policy.MessageFailed:      "We couldn't pay your refund of 20.00 USD to your original payment method. Our team is looking into it.",
		policy.MessageUnpaid:      "We approved your refund of 20.00 USD, but couldn't pay it to your original payment method.",
		policy.MessageGood:        "",
		policy.MessageRestricted:  "",
		policy.MessagePartialNone: "No result came. You weren't charged.",
		policy.MessagePurchase:    "Purchase",
	} {
		assert.Equal(t, want, rev.Message(message, money, "de"), message)
		assert.Equal(t, want, policy.Revision{}.Message(message, money), message)
	}
	assert.Equal(t, "1 of 4 results came. You weren't charged for the rest.", policy.Revision{}.Message(policy.MessagePartial, policy.Fill{Came: 1, Outputs: 4}))
}

func TestAnOfferWhoseRevisionIsGoneIsToldInWordsThatAreTrueOfEveryPolicy(t *testing.T) {
	until := instant(2026, 12, 20, 23, 30)
	for want, offer := range map[string]policy.Offer{
		"Our service was down. You may claim a refund of 20.00 USD until December 20, 2026.": {Remedy: *usd(2000), Until: until},
		"Our service was down. You may claim a refund of 20.00 USD.":                         {Remedy: *usd(2000)},
		"Our service was down. You may claim a refund.":                                      {Remedy: *policy.InCredits(5)},
	} {
		assert.Equal(t, want, policy.UnwordedOffer(offer))
	}
}

func TestADeclineOfWhatCouldNotBePaidSaysSo(t *testing.T) {
	rev := multilingual(t)
	f := down(2000)
	approved := decidedBy(t, rev, f)
	d, err := policy.Rule(rev, f, approved, policy.Ruling{Outcome: no}, ruledAt)
	require.NoError(t, err)
	assert.Equal(t, "We granted 20.00 USD, which did not reach your card.", d.Reason)
	notice, _ := rev.NoticeAfter(&approved, f.Kind, d)
	assert.Equal(t, policy.Notice{Name: "not_refunded", Words: d.Reason}, notice)
	german, language := rev.ReasonAfter(&approved, f.Kind, d, "de")
	assert.Equal(t, []string{"20.00 USD bewilligt, Ihre Karte nicht erreicht.", "de"}, []string{german, language})
	upheld, err := policy.Rule(rev, f, d, policy.Ruling{Outcome: no}, ruledAt)
	require.NoError(t, err)
	assert.Equal(t, d.Reason, upheld.Reason, "an appeal of it keeps it")

	failure := failed(rev.Name, "platform")
	credits := decidedBy(t, rev, failure)
	d, err = policy.Rule(rev, failure, credits, policy.Ruling{Outcome: no}, ruledAt)
	require.NoError(t, err)
	assert.NotContains(t, d.Reason, "granted", "credits always arrive")
	notice, _ = rev.NoticeAfter(&credits, failure.Kind, d)
	assert.Equal(t, "Declined.", notice.Words)
}

func TestEveryShippedPolicyWordsEveryMessage(t *testing.T) {
	for name := range tables {
		rev := shipped(t, name)
		for _, message := range policy.AllMessages() {
			assert.NotEmpty(t, rev.Message(message, policy.Fill{Remedy: usd(2000)}), "%s: %s", name, message)
		}
		assert.Equal(t, policy.MessageRestricted, policy.StandingMessage(ledger.StandingRestricted))
	}
}

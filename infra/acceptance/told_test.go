package acceptance_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
)

// wordsOf returns what the posts of a type about a case said, each post once, in the order in which
// they came.
func wordsOf(t *testing.T, caseID, kind string) []string {
	t.Helper()
	var words, seen []string
	for _, sent := range stack.Notices() {
		var post object
		require.NoError(t, json.Unmarshal(sent.Body, &post))
		id := sent.Header.Get("webhook-id")
		if data := post["data"].(object); data["case"] == caseID && post["type"] == kind && !slices.Contains(seen, id) {
			seen, words = append(seen, id), append(words, data["words"].(string))
		}
	}
	return words
}

// today is the day as a sentence has it.
func today() string { return time.Now().UTC().Format("January 2, 2006") }

func TestMoneyThatArrivedIsToldWithAmountMethodAndDay(t *testing.T) {
	for _, name := range []string{"goopter", "popcustoms"} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			alice := unique("alice")
			purchase(t, alice, time.Now())
			caseID := request(t, "duplicate_charge", alice, purchase(t, alice, time.Now()))
			soon(t, "it is told that the money went back", func() bool { return len(wordsOf(t, caseID, "refund.paid")) == 1 })
			require.Equal(t, "Your refund of 10.00 USD was paid to your original payment method on "+today()+".", wordsOf(t, caseID, "refund.paid")[0])
		})
	}
}

func TestMoneyThatCannotBePaidIsToldAndADeclineAfterwardsIsTrue(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	purchase(t, alice, time.Now())
	second := purchase(t, alice, time.Now())
	require.NoError(t, stack.Provider.Fault(standin.Fault{Kind: standin.FaultRefused, Payment: second}))
	caseID := request(t, "duplicate_charge", alice, second)
	notPaid(t, caseID)
	soon(t, "it is told that the money did not go back", func() bool { return len(wordsOf(t, caseID, "refund.failed")) == 1 })
	require.Equal(t, "We couldn't pay your refund of 10.00 USD to your original payment method. Our team is looking into it.",
		wordsOf(t, caseID, "refund.failed")[0])
	rule(t, caseID, object{"outcome": "declined"})
	decided(t, caseID, "declined", "G2.2")
	unpaid := "We approved your refund of 10.00 USD, but couldn't pay it to your original payment method."
	require.Equal(t, unpaid, sentence(t, alice, caseID))
	soon(t, "both verdicts are told", func() bool { return len(wordsOf(t, caseID, "refund.decided")) == 2 })
	require.Equal(t, unpaid, wordsOf(t, caseID, "refund.decided")[1])
}

func TestOutputsThatDidNotComeAreToldInThePolicysWords(t *testing.T) {
	for name, want := range map[string]string{
		"goopter":    "1 of 2 results came. You weren't charged the 3 credits for the rest.",
		"photoroom":  "1 of 2 results came. You weren't charged the 4 AI credits for the rest.",
		"popcustoms": "1 of 2 images came. You weren't charged the 0.0395 USD for the rest.",
	} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			id := start(t, customer(t, 1000), object{"outputs": 2})
			finish(t, id, with(success(), object{"outputs": []any{object{"url": "https://pictures.example/1"}}}))
			soon(t, "it is told", func() bool { return len(partials(t, id)) == 1 })
			require.Equal(t, want, partials(t, id)[id+".generation.partial"]["data"].(object)["words"])
		})
	}
}

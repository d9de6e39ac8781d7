package acceptance_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// causes are what a customer reads of a failure, by policy and cause.
var causes = map[string]map[string]string{
	"photoroom": {
		"platform":  "This generation failed due to a technical error, so its 4 AI credits remain in your allowance.",
		"input":     "This generation failed because its input couldn't be used, so its AI credits aren't refunded.",
		"safety":    "Our safety filter stopped this generation, so its AI credits aren't refunded.",
		"cancelled": "You canceled this generation, so its AI credits aren't refunded.",
	},
	"goopter": {
		"platform":  "This job failed because of a platform error, so its 3 credits have been refunded to your balance.",
		"input":     "This job failed because of its input, so its credits aren't refundable.",
		"safety":    "Our safety filter stopped this job, so its credits aren't refundable.",
		"cancelled": "You canceled this job, so its credits aren't refundable.",
	},
	"popcustoms": {
		"platform":  "Your image failed to generate, so we've returned 0.0395 USD to your balance.",
		"input":     "Your image couldn't be generated from the uploaded image, so this isn't refundable.",
		"safety":    "Our safety filter stopped your image, so we've returned 0.0395 USD to your balance.",
		"cancelled": "You canceled this generation, so it isn't refundable.",
	},
}

// sentence returns the sentence of a case's verdict, as its customer reads it.
func sentence(t *testing.T, customer, caseID string) string {
	t.Helper()
	answered(t, caseID)
	hers := ask(t, "GET", "/v1/cases/"+caseID, token(t, customer), nil)
	require.Equal(t, 200, hers.status)
	return hers.body["decision"].(object)["reason"].(string)
}

func TestEachCauseOfAFailureIsToldInASentenceOfItsOwn(t *testing.T) {
	underEach(t, func(t *testing.T) {
		for cause, words := range causes[policy] {
			alice := customer(t, shops[policy].price)
			require.Equal(t, words, sentence(t, alice, failed(t, start(t, alice), failure(cause))), cause)
		}
	})
}

// verdicts are what a customer reads of a verdict, by policy and question.
var verdicts = map[string]map[string]string{
	"photoroom": {
		"a failure in free mode":             "This wasn't charged, so there is nothing to refund.",
		"a report in time":                   "Thanks for your report. We're reviewing this result and will let you know.",
		"a late report":                      "You reported this more than 24 hours after it was generated, which is past our time limit.",
		"a report of the batch editor":       "Results from the Batch Editor or the Product Catalog Editor aren't eligible for refunds.",
		"a report of a restricted customer":  "Refunds aren't available while your account is restricted.",
		"a report of a terminated customer":  "Refunds aren't available because your account was terminated.",
		"a failure of a restricted customer": "This generation failed due to a technical error, so its 4 AI credits remain in your allowance.",
	},
	"goopter": {
		"a report in time":                   "Our policy doesn't cover dissatisfaction with AI-generated results.",
		"a report of a terminated customer":  "Your account was terminated for violating our Terms of Use, so refunds aren't available.",
		"a failure of a terminated customer": "Your account was terminated for violating our Terms of Use, so refunds aren't available.",
	},
	"popcustoms": {
		"a third failure of the platform":  "Your image failed to generate several times, so we've returned 0.0395 USD to your balance.",
		"a failure in free mode":           "Images in free mode aren't refundable.",
		"a late report":                    "You reported this more than 24 hours after it was generated, which is past our time limit.",
		"a report about taste":             "Personal preference isn't covered by our refund policy.",
		"a report of what is sold already": "This image was used commercially, so it isn't refundable.",
	},
}

func TestACustomerReadsOneReasonOfAVerdict(t *testing.T) {
	underEach(t, func(t *testing.T) {
		seen := 0
		for _, question := range questions {
			words, known := verdicts[policy][question.asked]
			if !known {
				continue
			}
			seen++
			alice := customer(t, 2*shops[policy].price)
			require.Equal(t, words, sentence(t, alice, question.ask(t, alice)), question.asked)
		}
		require.Len(t, verdicts[policy], seen)
	})
}

// noticed returns the words of each notice of a case, oldest first.
func noticed(t *testing.T, caseID string) (words []string) {
	t.Helper()
	for _, sent := range stack.Notices() {
		var post object
		require.NoError(t, json.Unmarshal(sent.Body, &post))
		if data := post["data"].(object); data["case"] == caseID {
			words = append(words, data["words"].(string))
		}
	}
	return words
}

func TestAnApprovalOfMoneyIsToldWithAmountMethodAndDay(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	purchase(t, alice, time.Now())
	second := purchase(t, alice, time.Now())
	caseID := request(t, "duplicate_charge", alice, second)
	decided(t, caseID, "closed", "G2.2")
	require.Equal(t, "You were charged twice for the same purchase, so we've approved a full refund of 10.00 USD.", sentence(t, alice, caseID))
	soon(t, "the app is told", func() bool { return told(t, caseID, "refunded") >= 1 })
	require.Regexp(t, `^We've approved your refund of 10\.00 USD; it should reach your original payment method by [A-Z][a-z]+ \d+, 20\d\d\.$`, noticed(t, caseID)[0])
}

func TestACaseInReviewIsToldByWhenAnAnswerIsAimedAt(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	payment := purchase(t, alice, time.Now())
	caseID := request(t, "duplicate_charge", alice, payment)
	decided(t, caseID, "in_review", "G2.2")
	require.Regexp(t, `^We're reviewing this charge and aim to reply by [A-Z][a-z]+ \d+, 20\d\d\.$`, sentence(t, alice, caseID))
	soon(t, "the app is told", func() bool { return len(noticed(t, caseID)) == 1 })
	require.Regexp(t, `^We've received your request and aim to answer by [A-Z][a-z]+ \d+, 20\d\d\.$`, noticed(t, caseID)[0])
	asStaff(t, "POST", "/v1/cases/"+caseID+"/verdict", object{"outcome": "declined", "note": "one charge"}, 200)
	decided(t, caseID, "declined", "G2.2")
	require.Equal(t, "We reviewed this charge and couldn't approve a refund.", sentence(t, alice, caseID))
}

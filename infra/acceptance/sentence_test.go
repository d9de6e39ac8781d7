package acceptance_test

import (
	"testing"

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

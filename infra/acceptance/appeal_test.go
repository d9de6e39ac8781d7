package acceptance_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// appeals has the customer object to the answer of their case, by their own session.
func appeals(t *testing.T, alice, caseID string) {
	t.Helper()
	got := ask(t, "POST", "/v1/cases/"+caseID+"/appeal", token(t, alice), object{"words": "please look again"}, "Idempotency-Key", unique("key"))
	require.Equal(t, []any{202, object{"case": caseID, "state": "in_review"}}, []any{got.status, got.body})
}

// asSecond has the other of staff rule.
func asSecond(t *testing.T, caseID string, verdict object) {
	t.Helper()
	got := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey2, with(object{"note": "seen too"}, verdict), "Idempotency-Key", unique("key"))
	require.Equal(t, 200, got.status, got.body)
}

// tallies returns how many appeals against declines by the clause came to either end.
func tallies(t *testing.T, clause string) (upheld, overturned float64) {
	t.Helper()
	for _, one := range asStaff(t, "GET", "/v1/appeals", nil, 200)["clauses"].([]any) {
		if tally := one.(object); tally["policy"] == policy && tally["clause"] == clause {
			return tally["upheld"].(float64), tally["overturned"].(float64)
		}
	}
	return 0, 0
}

// postedWords returns the words of the message with that id, "" while it was not posted.
func postedWords(t *testing.T, id string) string {
	t.Helper()
	for _, sent := range stack.Notices() {
		if sent.Header.Get("webhook-id") == id {
			var body object
			require.NoError(t, json.Unmarshal(sent.Body, &body))
			return body["data"].(object)["words"].(string)
		}
	}
	return ""
}

func TestAnAppealedReportIsJudgedByAnotherOfStaffWhoSeesTheFirstAnswerAfterwards(t *testing.T) {
	for name, c := range map[string]struct{ declined, receipt string }{
		"photoroom":  {"R8", "We've received your appeal. A member of our team who wasn't involved in the first decision will review it."},
		"popcustoms": {"P5.3", "We've received your appeal. A member of our team who wasn't involved in the first decision will review it and answer by {by}."},
	} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			price := shops[policy].price
			alice := customer(t, price)
			caseID := reported(t, alice, nil, shown(), object{"issue": "distortion"})
			decided(t, caseID, "in_review", c.declined)
			rule(t, caseID, object{"outcome": "declined", "note": "looks fine to me"})
			first := decided(t, caseID, "declined", c.declined)
			until, err := time.Parse(time.RFC3339, first["appeal_until"].(string))
			require.NoError(t, err)
			require.WithinDuration(t, time.Now().Add(14*24*time.Hour), until, time.Minute)
			was, _ := tallies(t, c.declined)
			stranger := ask(t, "POST", "/v1/cases/"+caseID+"/appeal", token(t, unique("mallory")), object{"words": "mine"}, "Idempotency-Key", unique("key"))
			require.Equal(t, 404, stranger.status)

			appeals(t, alice, caseID)
			mine := decided(t, caseID, "in_review", "X3")
			if by, promised := mine["decision"].(object)["respond_by"].(string); promised {
				day, err := time.Parse(time.RFC3339, by)
				require.NoError(t, err)
				c.receipt = strings.ReplaceAll(c.receipt, "{by}", day.Format("January 2, 2006"))
			}
			require.Equal(t, c.receipt, mine["decision"].(object)["reason"])
			require.Nil(t, mine["appeal_until"])
			receipt := caseID + ".refund.received.appeal_received.2"
			soon(t, "its receipt is told", func() bool { return postedWords(t, receipt) == c.receipt })
			again := ask(t, "POST", "/v1/cases/"+caseID+"/appeal", token(t, alice), object{"words": "please"}, "Idempotency-Key", unique("key"))
			require.Equal(t, []any{409, "already_appealed", caseID}, []any{again.status, again.body["code"], again.body["case"]})

			for _, seen := range []object{onDesk(t, caseID), asStaff(t, "GET", "/v1/cases/"+caseID, nil, 200)} {
				require.Equal(t, []any{true, "please look again"}, []any{seen["appeal"], seen["asked"].(object)["appeal"]})
				text, err := json.Marshal(seen)
				require.NoError(t, err)
				require.NotContains(t, string(text), "looks fine to me")
				require.NotContains(t, string(text), `"`+c.declined+`"`)
				require.NotContains(t, string(text), `"declined"`)
			}
			mineToo := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, object{"outcome": "declined", "note": "still fine"}, "Idempotency-Key", unique("key"))
			require.Equal(t, []any{409, "same_reviewer"}, []any{mineToo.status, mineToo.body["code"]})

			asSecond(t, caseID, object{"outcome": "declined"})
			decided(t, caseID, "declined", c.declined)
			ended := asStaff(t, "GET", "/v1/cases/"+caseID, nil, 200)
			told := ended["appealed"].(object)
			require.Equal(t, []any{"upheld", "operator", "looks fine to me"}, []any{told["finding"], told["ruling"].(object)["by"], told["ruling"].(object)["note"]})
			require.Equal(t, first["decision"].(object)["reason"], ended["decision"].(object)["reason"], "it is upheld with the reason that it had")
			require.Nil(t, ended["appeal_until"])
			second := caseID + ".refund.decided." + first["notice"].(string) + ".2"
			soon(t, "the second answer is told", func() bool { return postedWords(t, second) != "" })
			is, _ := tallies(t, c.declined)
			require.Equal(t, was+1, is)
			wantBalance(t, alice, balance{})
		})
	}
}

func TestAFailureThatWasDeclinedIsRefundedOnAppeal(t *testing.T) {
	for name, clause := range map[string]string{"photoroom": "R1", "goopter": "G2.4", "popcustoms": "P4.1"} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			price := shops[policy].price
			alice := customer(t, price)
			made := start(t, alice)
			caseID := failed(t, made, failure("input"))
			decided(t, caseID, "declined", clause)
			becomes(t, made, "captured")
			_, was := tallies(t, clause)
			appeals(t, alice, caseID)
			rule(t, caseID, object{"outcome": "approved"}) // the policy gave the first answer: anybody gives the second
			soon(t, "it is approved", func() bool { return matter(t, caseID)["state"] == "approved" })
			becomes(t, made, "refunded")
			require.EqualValues(t, price, generation(t, made)["refunded"])
			wantBalance(t, alice, balance{available: float64(price)})
			require.Len(t, moved(t, alice, caseID), 2, "it was spent by the first answer, and comes back by the second")
			_, is := tallies(t, clause)
			require.Equal(t, was+1, is)
		})
	}
}

func TestAPurchaseIsRefundedOnAppealOnceInMoney(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	payment := purchase(t, alice, time.Now())
	caseID := request(t, "change_of_mind", alice, payment)
	decided(t, caseID, "declined", "G1")
	key := unique("key")
	body := object{"words": "I never used them"}
	first := ask(t, "POST", "/v1/cases/"+caseID+"/appeal", local.AppKey, body, "Idempotency-Key", key)
	require.Equal(t, 202, first.status, first.body)
	found := matter(t, caseID)
	require.NotEmpty(t, found["decision"].(object)["respond_by"])
	require.Equal(t, found["decision"].(object)["respond_by"], onDesk(t, caseID)["review_by"])
	rule(t, caseID, object{"outcome": "approved", "remedy": object{"money": object{"currency": "USD", "minor": 1000}}})
	soon(t, "the money is back", func() bool { return matter(t, caseID)["state"] == "closed" })
	again := ask(t, "POST", "/v1/cases/"+caseID+"/appeal", local.AppKey, body, "Idempotency-Key", key)
	require.Equal(t, []any{202, "true", first.body}, []any{again.status, again.header.Get("Idempotent-Replayed"), again.body})
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(payment))
	require.Len(t, stack.Provider.Refunds(payment), 1)
	wantBalance(t, alice, balance{})
}

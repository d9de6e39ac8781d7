package acceptance_test

import (
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestAClaimNamesEveryMissingFieldAtOnce(t *testing.T) {
	alice := unique("alice")
	missing := func(body object) []any {
		got := ask(t, "POST", "/v1/refund-requests", local.AppKey, body, "Idempotency-Key", unique("key"))
		require.Equal(t, []any{400, "missing_fields"}, []any{got.status, got.body["code"]}, body)
		return got.body["fields"].([]any)
	}
	said := []any{"claim.amount", "claim.email", "claim.paid_at", "claim.reason"}
	require.ElementsMatch(t, append([]any{"claim", "customer", "kind"}, said...), missing(object{}))
	require.ElementsMatch(t, said, missing(object{"kind": "outage", "customer": alice, "claim": object{}}))
	require.ElementsMatch(t, []any{"claim.email", "claim.reason"}, missing(object{"kind": "outage", "customer": alice, "claim": object{
		"email": " ", "paid_at": now(), "amount": object{"currency": "USD", "minor": 500}, "reason": "\n",
	}}))
}

func TestAClaimAboutAPaymentNobodyKnowsIsLookedAtByStaff(t *testing.T) {
	underEach(t, func(t *testing.T) {
		alice, bob := customer(t, 1), unique("bob")
		for name, payment := range map[string]string{"unknown": unique("pi"), "unnamed": "", "another's": purchase(t, bob, time.Now())} {
			caseID := request(t, "abnormal_charge", alice, payment)
			found := decided(t, caseID, "in_review", "X3")
			require.Equal(t, alice, found["customer"], name)
			require.Equal(t, "alice@example.com", found["asked"].(object)["claim"].(object)["email"])
			waits := onDesk(t, caseID)
			require.NotNil(t, waits, name)
			facts := waits["facts"].(object)
			if name == "another's" {
				require.Equal(t, bob, facts["payment"].(object)["customer"], "staff sees whose it is")
			} else {
				require.NotContains(t, facts, "payment")
			}
			refused := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, object{
				"outcome": "approved", "note": "trusting", "remedy": object{"credits": 1},
			}, "Idempotency-Key", unique("key"))
			if name == "another's" {
				require.Equal(t, []any{409, "not_possible"}, []any{refused.status, refused.body["code"]}, "nothing is given back for what another paid")
			} else {
				require.Equal(t, []any{400, "outcome"}, []any{refused.status, refused.body["field"]}, "nothing is given back for what is not on record")
			}
			rule(t, caseID, object{"outcome": "declined"})
			decided(t, caseID, "declined", "X3")
		}
		wantBalance(t, alice, balance{available: 1})
	})
}

func TestAClaimIsMadeOnceForAPayment(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	payment, key := purchase(t, alice, time.Now()), unique("key")
	body := claim("change_of_mind", alice, payment)
	first := ask(t, "POST", "/v1/refund-requests", local.AppKey, body, "Idempotency-Key", key)
	require.Equal(t, 202, first.status)
	decided(t, first.body["case"].(string), "declined", "G1")
	replay := ask(t, "POST", "/v1/refund-requests", local.AppKey, body, "Idempotency-Key", key)
	require.Equal(t, []any{202, "true", first.body}, []any{replay.status, replay.header.Get("Idempotent-Replayed"), replay.body})
	again := ask(t, "POST", "/v1/refund-requests", token(t, alice), body, "Idempotency-Key", unique("key"))
	require.Equal(t, []any{409, "already_reported", first.body["case"]}, []any{again.status, again.body["code"], again.body["case"]})
	reused := ask(t, "POST", "/v1/refund-requests", local.AppKey, claim("change_of_mind", alice, payment), "Idempotency-Key", key)
	require.Equal(t, []any{409, "idempotency_key_reused"}, []any{reused.status, reused.body["code"]}, "its date is another")
	decided(t, request(t, "duplicate_charge", alice, payment), "in_review", "G2.2")
}

func TestEveryKindOfClaimNamesItsClauseWithEachPolicy(t *testing.T) {
	kinds := []string{"duplicate_charge", "not_credited", "outage", "abnormal_charge", "change_of_mind"}
	const x3 = "in_review X3" // of an outage that nobody has declared too
	answers := map[string][]string{
		"photoroom":  {x3, x3, x3, x3, x3},
		"goopter":    {"in_review G2.2", "declined G2.1", x3, x3, "declined G1"},
		"popcustoms": {"in_review P3.8", x3, x3, "in_review P3.8", x3},
	}
	underEach(t, func(t *testing.T) {
		alice := unique("alice")
		payment := purchase(t, alice, time.Now())
		for i, kind := range kinds {
			caseID := request(t, kind, alice, payment)
			require.Equal(t, answers[policy][i], answered(t, caseID), kind)
			found := matter(t, caseID)
			require.Equal(t, []any{kind, payment}, []any{found["kind"], found["payment"]})
			decision := found["decision"].(object)
			require.Equal(t, policy != "photoroom" && found["state"] == "in_review", decision["respond_by"] != nil, "as the policy promises")
		}
		wantBalance(t, alice, balance{available: float64(shops[policy].credits)})
	})
}

func TestARulingOnAClaimGivesAtMostWhatWasPaid(t *testing.T) {
	under(t, "popcustoms")
	alice := unique("alice")
	payment := purchase(t, alice, time.Now())
	give := func(caseID string, remedy object, want int) answer {
		body := object{"outcome": "approved", "note": "their bank agrees"}
		if remedy != nil {
			body["remedy"] = remedy
		}
		got := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, body, "Idempotency-Key", unique("key"))
		require.Equal(t, want, got.status, got.body)
		return got
	}
	money := func(currency string, minor int) object {
		return object{"money": object{"currency": currency, "minor": minor}}
	}

	charge := request(t, "abnormal_charge", alice, payment)
	decided(t, charge, "in_review", "P3.8")
	require.Equal(t, []any{"remedy"}, give(charge, nil, 400).body["fields"], "this kind has no default")
	require.Equal(t, "remedy.money", give(charge, money("USD", 1001), 400).body["field"])
	require.Equal(t, "remedy.money.currency", give(charge, money("EUR", 10), 400).body["field"])
	require.Equal(t, "remedy.credits", give(charge, object{"credits": 100_001}, 400).body["field"])
	require.Equal(t, "paying", give(charge, money("USD", 1000), 200).body["state"])
	remedy := decided(t, charge, "closed", "P3.8")["decision"].(object)["remedy"]
	require.Equal(t, object{"money": object{"currency": "USD", "minor": 1000.0}, "to": "payment_method"}, remedy)
	wantBalance(t, alice, balance{})

	regret := request(t, "change_of_mind", alice, purchase(t, alice, time.Now()))
	decided(t, regret, "in_review", "X3")
	give(regret, object{"credits": 50}, 200)
	decided(t, regret, "approved", "X3")
	wantBalance(t, alice, balance{available: 100_050})
	require.Len(t, moved(t, alice, regret), 1)
}

func TestMoneyThatIsPromisedBackIsNotPromisedTwice(t *testing.T) {
	under(t, "popcustoms")
	alice := unique("alice")
	purchase(t, alice, time.Now().Add(-9*time.Minute))
	double := purchase(t, alice, time.Now())
	abnormal, regret := request(t, "abnormal_charge", alice, double), request(t, "change_of_mind", alice, double)
	decided(t, abnormal, "in_review", "P3.8")
	decided(t, regret, "in_review", "X3")
	decided(t, request(t, "duplicate_charge", alice, double), "closed", "P3.8")
	for _, caseID := range []string{abnormal, regret} {
		for field, remedy := range map[string]object{"remedy.money": {"money": object{"currency": "USD", "minor": 1}}, "remedy.credits": {"credits": 1}} {
			got := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey,
				object{"outcome": "approved", "note": "once more", "remedy": remedy}, "Idempotency-Key", unique("key"))
			require.Equal(t, []any{400, field}, []any{got.status, got.body["field"]}, got.body)
		}
	}
	decided(t, abnormal, "in_review", "P3.8")
	wantBalance(t, alice, balance{available: 100_000})
}

func TestOfTwoClaimsAboutOnePurchaseApprovedAtOnceOneIsPromised(t *testing.T) {
	under(t, "popcustoms")
	alice := unique("alice")
	payment := purchase(t, alice, time.Now())
	cases := []string{request(t, "abnormal_charge", alice, payment), request(t, "change_of_mind", alice, payment)}
	decided(t, cases[0], "in_review", "P3.8")
	decided(t, cases[1], "in_review", "X3")
	atOnce(len(cases), func(i int) int {
		return ask(t, "POST", "/v1/cases/"+cases[i]+"/verdict", local.OperatorKey, object{
			"outcome": "approved", "note": "in full", "remedy": object{"money": object{"currency": "USD", "minor": 1000}},
		}, "Idempotency-Key", unique("key")).status
	})
	states := func() (all []string) {
		for _, caseID := range cases {
			found := matter(t, caseID)
			if found["ruling"] != nil && found["state"] != "closed" {
				return nil // still to be carried out, or paid
			}
			all = append(all, found["state"].(string))
		}
		return all
	}
	soon(t, "both rulings are carried out, or taken back", func() bool { return len(states()) == 2 })
	require.ElementsMatch(t, []string{"closed", "in_review"}, states())
	require.NotNil(t, onDesk(t, cases[slices.Index(states(), "in_review")]), "a person looks again")
}

func TestAPurchaseWhoseMoneyWentBackIsNotRefundedAgain(t *testing.T) {
	underEach(t, func(t *testing.T) {
		if policy == "photoroom" { // has no rules for purchases
			return
		}
		alice := unique("alice")
		purchase(t, alice, time.Now().Add(-10*time.Minute))
		double := purchase(t, alice, time.Now())
		require.Equal(t, 200, tell(t, refunded(double, 1000)).status)
		wantBalance(t, alice, balance{available: float64(shops[policy].credits)})
		decided(t, request(t, "duplicate_charge", alice, double), "declined", "X1")
	})
}

func TestACustomersTwentyFirstClaimOfADayIsThrottled(t *testing.T) {
	alice := unique("alice")
	key, first := unique("key"), claim("abnormal_charge", alice, unique("pi"))
	own := token(t, alice)
	require.Equal(t, 202, ask(t, "POST", "/v1/refund-requests", own, first, "Idempotency-Key", key).status)
	for range 19 {
		another := claim("abnormal_charge", alice, unique("pi"))
		require.Equal(t, 202, ask(t, "POST", "/v1/refund-requests", own, another, "Idempotency-Key", unique("key")).status)
	}
	over := ask(t, "POST", "/v1/refund-requests", own, claim("abnormal_charge", alice, unique("pi")), "Idempotency-Key", unique("key"))
	require.Equal(t, []any{429, "throttled"}, []any{over.status, over.body["code"]})
	midnight := time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	seconds, err := strconv.Atoi(over.header.Get("Retry-After"))
	require.NoError(t, err)
	require.InDelta(t, time.Until(midnight).Seconds(), seconds, 60, "when the customer's next day begins")
	require.Equal(t, 202, ask(t, "POST", "/v1/refund-requests", own, first, "Idempotency-Key", key).status, "a replay is no claim more")
	request(t, "abnormal_charge", alice, unique("pi")) // the app's server knows what it does
}

func TestAChangeOfMindIsDeclinedByTheClauseThatFits(t *testing.T) {
	under(t, "goopter")
	for want, ask := range map[string]func(t *testing.T, alice string) string{
		"declined G1": func(t *testing.T, alice string) string {
			return request(t, "change_of_mind", alice, purchase(t, alice, time.Now()))
		},
		"declined G3.1": func(t *testing.T, alice string) string {
			payment := purchase(t, alice, time.Now())
			for range 5 {
				picture(t, alice, object{"outputs": 8}) // 24 of 120 credits
			}
			return request(t, "change_of_mind", alice, payment)
		},
		"declined G3.3": func(t *testing.T, alice string) string {
			return request(t, "change_of_mind", alice, purchase(t, alice, time.Now().Add(-31*24*time.Hour)))
		},
		"declined G3.4": func(t *testing.T, alice string) string {
			payment := purchase(t, alice, time.Now())
			stand(t, alice, "terminated")
			return request(t, "change_of_mind", alice, payment)
		},
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, want, answered(t, ask(t, unique("alice"))))
		})
	}
}

func TestAPurchaseThatWasCreditedIsNotCreditedAgain(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	caseID := request(t, "not_credited", alice, purchase(t, alice, time.Now()))
	decided(t, caseID, "declined", "G2.1")
	wantBalance(t, alice, balance{available: 120})
}

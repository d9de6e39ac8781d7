package acceptance_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// shown is a success with links.
func shown() object {
	return with(success(), object{
		"outputs": []object{{"url": "https://images.example/hand.png", "media_type": "image/png"}},
		"input":   object{"url": "https://images.example/me.jpg"},
	})
}

func TestACaseInReviewIsApprovedByTenStaffAtOnceAndPaidOnce(t *testing.T) {
	for name, clause := range map[string]string{"photoroom": "R8", "popcustoms": "P5.3"} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			price := shops[policy].price
			alice := customer(t, price)
			caseID := reported(t, alice, nil, shown(), object{"issue": "distortion"})
			decided(t, caseID, "in_review", clause)
			wantBalance(t, alice, balance{})

			keys := make([]string, 10)
			answers := make([]answer, len(keys))
			approve := object{"outcome": "approved", "note": "six fingers indeed"}
			path := "/v1/cases/" + caseID + "/verdict"
			require.Equal(t, map[int]int{200: 1, 409: 9}, atOnce(len(keys), func(i int) int {
				keys[i] = unique("key")
				answers[i] = ask(t, "POST", path, local.OperatorKey, approve, "Idempotency-Key", keys[i])
				return answers[i].status
			}))
			winner := slices.IndexFunc(answers, func(a answer) bool { return a.status == 200 })
			require.Equal(t, object{"case": caseID, "state": "approved"}, answers[winner].body)
			for i, lost := range answers {
				if i != winner {
					require.Equal(t, []any{"already_decided", caseID}, []any{lost.body["code"], lost.body["case"]})
				}
			}

			found := decided(t, caseID, "approved", map[string]string{"photoroom": "R2", "popcustoms": "P3.4"}[name])
			require.Equal(t, object{"credits": float64(price), "to": "balance"}, found["decision"].(object)["remedy"])
			require.Equal(t, "refunded", found["notice"])
			require.Equal(t, object{"restored": float64(price), "extended": 0.0, "expired": 0.0}, found["returned"])
			wantBalance(t, alice, balance{available: float64(price)})
			rows := moved(t, alice, caseID)
			require.Len(t, rows, 1)
			require.Equal(t, []any{"spent", "available", float64(price), "bad_result"}, []any{rows[0]["from"], rows[0]["to"], rows[0]["amount"], rows[0]["reason"]})
			require.Nil(t, onDesk(t, caseID), "it waits no more")

			replay := ask(t, "POST", path, local.OperatorKey, approve, "Idempotency-Key", keys[winner])
			require.Equal(t, 200, replay.status)
			require.Equal(t, "true", replay.header.Get("Idempotent-Replayed"))
			require.Equal(t, answers[winner].body, replay.body)
			other := ask(t, "POST", path, local.OperatorKey, with(approve, object{"note": "five"}), "Idempotency-Key", keys[winner])
			require.Equal(t, []any{409, "idempotency_key_reused"}, []any{other.status, other.body["code"]})

			soon(t, "the app is told", func() bool { return told(t, caseID, "refunded") == 1 })
			soon(t, "the queues drain", func() bool { return waiting(t, "RefundRequestsQueue")+waiting(t, "NoticesQueue") == 0 })
			require.Equal(t, 1, told(t, caseID, "refunded"))
			wantBalance(t, alice, balance{available: float64(price)})
		})
	}
}

func TestOfStaffWhoDisagreeAtOnceTheFirstRecordedDecides(t *testing.T) {
	alice := customer(t, 4)
	caseID := report(t, picture(t, alice))
	decided(t, caseID, "in_review", "R8")
	states := make([]any, 8)
	require.Equal(t, map[int]int{200: 1, 409: 7}, atOnce(len(states), func(i int) int {
		ruled := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, object{
			"outcome": []string{"approved", "declined"}[i%2], "note": "I think",
		}, "Idempotency-Key", unique("key"))
		states[i] = ruled.body["state"]
		return ruled.status
	}))
	states = slices.DeleteFunc(states, func(state any) bool { return state == nil })
	require.Len(t, states, 1)
	decided(t, caseID, states[0].(string), map[any]string{"approved": "R2", "declined": "R8"}[states[0]])
	wantBalance(t, alice, map[any]balance{"approved": {available: 4}, "declined": {}}[states[0]])
}

func TestStaffSeesWhatIsKnownSoonestDueFirst(t *testing.T) {
	for name, clause := range map[string]string{"photoroom": "R8", "popcustoms": "P5.3"} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			price := shops[policy].price
			alice := customer(t, 3*price)
			var cases []string
			for range 3 {
				id := start(t, alice)
				finish(t, id, shown())
				becomes(t, id, "captured")
				cases = append(cases, report(t, id, object{"issue": "distortion", "usage": object{"bulk_downloaded": false}}))
				decided(t, cases[len(cases)-1], "in_review", clause)
			}
			desk := waitingForStaff(t)
			var order []string
			var due []time.Time
			for _, waits := range desk {
				at, err := time.Parse(time.RFC3339Nano, waits["review_by"].(string))
				require.NoError(t, err)
				due = append(due, at)
				if slices.Contains(cases, waits["id"].(string)) {
					order = append(order, waits["id"].(string))
				}
			}
			require.Equal(t, cases, order)
			require.True(t, slices.IsSortedFunc(due, time.Time.Compare), "soonest due first")

			last := onDesk(t, cases[2])
			require.Equal(t, object{"description": "the hand has six fingers", "issue": "distortion"}, last["asked"])
			require.Equal(t, clause, last["decision"].(object)["clause"])
			require.Greater(t, len(last["decision"].(object)["trace"].([]any)), 5, "the rules tried")
			facts := last["facts"].(object)
			require.Equal(t, object{"standing": "good", "requests_30d": 2.0, "refunds_30d": 0.0, "generations_30d": 3.0}, facts["customer"])
			require.Equal(t, object{"url": "https://images.example/hand.png", "media_type": "image/png"}, facts["output"])
			require.Equal(t, object{"url": "https://images.example/me.jpg"}, facts["input"])
			made := facts["generation"].(object)
			require.Equal(t, []any{last["generation"], shops[policy].feature, float64(price), 0.0},
				[]any{made["id"], made["feature"], made["price"], made["refunded"]})

			hers := ask(t, "GET", "/v1/cases/"+cases[2], token(t, alice), nil).body
			require.NotContains(t, hers, "facts", "what is known of her is staff's to see")
			for _, caseID := range cases {
				rule(t, caseID, object{"outcome": "declined", "note": "looks fine to us"})
			}
			require.NotContains(t, ask(t, "GET", "/v1/cases/"+cases[2], token(t, alice), nil).body, "ruling")
		})
	}
}

func TestADeclinedReportIsThankedForAndCostsWhatItCost(t *testing.T) {
	alice := customer(t, 4)
	id := picture(t, alice)
	caseID := report(t, id)
	decided(t, caseID, "in_review", "R8")
	rule(t, caseID, object{"outcome": "declined", "note": "five fingers"})
	found := decided(t, caseID, "declined", "R8")
	require.Equal(t, "thanks_for_feedback", found["notice"])
	require.Nil(t, found["decision"].(object)["remedy"])
	soon(t, "the app is told", func() bool { return told(t, caseID, "thanks_for_feedback") == 1 })
	require.Equal(t, "captured", generation(t, id)["state"])
	require.Zero(t, generation(t, id)["refunded"])
	wantBalance(t, alice, balance{})

	history := found["history"].([]any)
	last := history[len(history)-1].(object)
	require.Equal(t, []any{"declined", "staff", "five fingers"}, []any{last["state"], last["actor"], last["note"]})
	refused := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, object{"outcome": "approved", "note": "oh"}, "Idempotency-Key", unique("key"))
	require.Equal(t, []any{409, "already_decided"}, []any{refused.status, refused.body["code"]})
	wantBalance(t, alice, balance{})
}

func TestEachOutputIsACaseOfItsOwn(t *testing.T) {
	alice := customer(t, 8)
	asApp(t, "POST", "/v1/grants", object{
		"customer": alice, "credits": 4, "source": "allowance", "expires_at": time.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	}, 201)
	id := picture(t, alice, object{"outputs": 3})
	require.Empty(t, asApp(t, "GET", "/v1/customers/"+alice, nil, 200)["lots"])
	settled := map[int]string{}
	for _, output := range []int{0, 2, 1} {
		settled[output] = report(t, id, object{"output": output})
		decided(t, settled[output], "in_review", "R8")
	}
	for n, output := range []int{0, 2} {
		rule(t, settled[output], object{"outcome": "approved"})
		require.EqualValues(t, output, decided(t, settled[output], "approved", "R2")["output"])
		require.Equal(t, []any{"captured", float64(4 * (n + 1))}, []any{generation(t, id)["state"], generation(t, id)["refunded"]})
	}
	wantBalance(t, alice, balance{available: 8})
	left := map[any]any{}
	for _, lot := range asApp(t, "GET", "/v1/customers/"+alice, nil, 200)["lots"].([]any) {
		left[lot.(object)["source"]] = lot.(object)["remaining"]
	}
	require.Equal(t, map[any]any{"allowance": 4.0, "promotion": 4.0}, left, "back to the lots that each output was drawn from: what expires first paid for the first")
	rule(t, settled[1], object{"outcome": "approved"})
	becomes(t, id, "refunded")
	require.Equal(t, 12.0, generation(t, id)["refunded"])
	require.Len(t, generation(t, id)["cases"], 3)
	wantBalance(t, alice, balance{available: 12})
	for output, caseID := range settled {
		again := ask(t, "POST", "/v1/reports", local.AppKey, complaint(id, object{"output": output}), "Idempotency-Key", unique("key"))
		require.Equal(t, []any{409, caseID}, []any{again.status, again.body["case"]})
	}
}

func TestStaffGivesBackAtMostWhatWasCharged(t *testing.T) {
	alice := customer(t, 8)
	caseID := report(t, picture(t, alice, object{"outputs": 2}), object{"output": 1})
	decided(t, caseID, "in_review", "R8")
	refuse := func(remedy object, field string) {
		got := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey,
			object{"outcome": "approved", "note": "generous", "remedy": remedy}, "Idempotency-Key", unique("key"))
		require.Equal(t, []any{400, "invalid_request", field}, []any{got.status, got.body["code"], got.body["field"]}, remedy)
	}
	refuse(object{"credits": 5}, "remedy.credits")
	refuse(object{"credits": -4}, "remedy.credits")
	refuse(object{"money": object{"currency": "USD", "minor": 1}}, "remedy.money")
	refuse(object{}, "remedy")
	decided(t, caseID, "in_review", "R8")
	rule(t, caseID, object{"outcome": "approved", "remedy": object{"credits": 3}})
	require.Equal(t, object{"credits": 3.0, "to": "balance"}, decided(t, caseID, "approved", "R2")["decision"].(object)["remedy"])
	wantBalance(t, alice, balance{available: 3})
}

func TestMoneyForAPictureComesFromThePaymentThatPaidForIt(t *testing.T) {
	under(t, "popcustoms")
	cents := func(minor int) object {
		return object{"outcome": "approved", "note": "rather money", "remedy": object{"money": object{"currency": "USD", "minor": minor}}}
	}
	alice := unique("alice")
	payment := purchase(t, alice, time.Now())
	caseID := report(t, picture(t, alice))
	decided(t, caseID, "in_review", "P5.3")
	over := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, cents(4), "Idempotency-Key", unique("key"))
	require.Equal(t, []any{400, "remedy.money"}, []any{over.status, over.body["field"]}, "0.0395 USD are three whole cents")
	rule(t, caseID, cents(3))
	found := decided(t, caseID, "closed", "P3.4")
	require.Equal(t, object{"money": object{"currency": "USD", "minor": 3.0}, "to": "payment_method"}, found["decision"].(object)["remedy"])
	require.Equal(t, payment, found["payment"])
	soon(t, "the app is told", func() bool { return told(t, caseID, "refunded") == 1 })
	require.EqualValues(t, 3, stack.Provider.RefundedMinor(payment))
	require.Empty(t, moved(t, alice, caseID), "what it cost is spent already")
	wantBalance(t, alice, balance{available: 100_000 - 395})

	bob := customer(t, 395) // who never paid
	caseID = report(t, picture(t, bob))
	decided(t, caseID, "in_review", "P5.3")
	none := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, cents(3), "Idempotency-Key", unique("key"))
	require.Equal(t, []any{409, "not_possible"}, []any{none.status, none.body["code"]})
	decided(t, caseID, "in_review", "P5.3")
	require.NotNil(t, onDesk(t, caseID))
	wantBalance(t, bob, balance{})
}

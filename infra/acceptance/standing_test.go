package acceptance_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

func TestARestrictionStopsNewGenerationsUntilItIsLifted(t *testing.T) {
	alice := unique("alice")
	require.Equal(t, object{"customer": alice, "standing": "good", "history": []any{}},
		asStaff(t, "GET", "/v1/customers/"+alice+"/standing", nil, 200), "nobody has judged her")
	require.Equal(t, "restricted", stand(t, alice, "restricted")["standing"], "before she has a wallet")
	refused := func() {
		got := ask(t, "POST", "/v1/generations", local.AppKey, order(alice), "Idempotency-Key", unique("key"))
		require.Equal(t, []any{403, "access_restricted"}, []any{got.status, got.body["code"]})
	}
	refused()
	asApp(t, "POST", "/v1/grants", object{"customer": alice, "credits": 8, "source": "promotion"}, 201)
	require.Equal(t, "restricted", asApp(t, "GET", "/v1/customers/"+alice, nil, 200)["standing"])
	refused()
	stand(t, alice, "terminated")
	refused()
	wantBalance(t, alice, balance{available: 8})

	require.Equal(t, "good", stand(t, alice, "good")["standing"])
	id := start(t, alice)
	stand(t, alice, "restricted")
	finish(t, id, failure("platform"))
	becomes(t, id, "released") // what had started ends as it would have
	wantBalance(t, alice, balance{available: 8})

	shown := asStaff(t, "GET", "/v1/customers/"+alice+"/standing", nil, 200)
	require.Equal(t, "restricted", shown["standing"])
	var history [][]any
	for _, change := range shown["history"].([]any) {
		history = append(history, []any{change.(object)["standing"], change.(object)["note"]})
	}
	require.Equal(t, [][]any{
		{"restricted", "because of restricted"}, {"good", "because of good"}, {"terminated", "because of terminated"}, {"restricted", "because of restricted"},
	}, history, "newest first")
}

func TestTwoWhoRestrictAtOnceLeaveOneLine(t *testing.T) {
	alice := unique("alice")
	require.Equal(t, map[int]int{200: 5}, atOnce(5, func(int) int {
		return ask(t, "PUT", "/v1/customers/"+alice+"/standing", local.OperatorKey, object{"standing": "restricted", "note": "bots"}).status
	}))
	require.Len(t, asStaff(t, "GET", "/v1/customers/"+alice+"/standing", nil, 200)["history"], 1)
}

// reportsOf reports that many pictures of the customer, eight to a generation, and waits until all
// are in review.
func reportsOf(t *testing.T, customer string, pictures int, clause string) (cases []string) {
	t.Helper()
	var id string
	for n := range pictures {
		if n%8 == 0 {
			id = picture(t, customer, object{"outputs": 8})
		}
		cases = append(cases, report(t, id, object{"output": n % 8}))
	}
	for _, caseID := range cases {
		decided(t, caseID, "in_review", clause)
	}
	return cases
}

// nearLimits lists who is near an abuse limit and returns what it says of the customer, nil where
// it says nothing.
func nearLimits(t *testing.T, customer string) object {
	t.Helper()
	for cursor := ""; ; {
		page := asStaff(t, "GET", "/v1/customers?near_limits&cursor="+cursor, nil, 200)
		for _, one := range page["customers"].([]any) {
			if found := one.(object); found["customer"] == customer {
				return found
			}
		}
		next, more := page["next"].(string)
		if !more {
			return nil
		}
		cursor = next
	}
}

func TestStaffSeeWhoIsNearAnAbuseLimitAndWhoIsPastIt(t *testing.T) {
	for name, clause := range map[string]string{"photoroom": "R8", "popcustoms": "P5.3"} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			alice := customer(t, 32*shops[name].price)
			limit := func(count float64, over bool) object {
				return object{"customer": alice, "standing": "good", "limits": []any{object{"limit": "requests_over", "count": count, "most": 20.0, "over": over}}}
			}
			reportsOf(t, alice, 16, clause)
			soon(t, "the list knows of her", func() bool { return nearLimits(t, alice) != nil })
			require.Equal(t, limit(16, false), nearLimits(t, alice))
			reportsOf(t, alice, 5, clause)
			require.Equal(t, limit(21, true), nearLimits(t, alice))
			asStaff(t, "PUT", "/v1/customers/"+alice+"/standing", object{"standing": "restricted", "note": "reports everything"}, 200)
			require.Equal(t, "restricted", nearLimits(t, alice)["standing"])
			require.Nil(t, nearLimits(t, customer(t, 1)))
			require.Equal(t, 403, ask(t, "GET", "/v1/customers?near_limits", local.AppKey, nil).status)
			require.Equal(t, 403, ask(t, "GET", "/v1/customers?near_limits", token(t, alice), nil).status)
		})
	}
}

// hidesSuspicion demands that staff see that the case was decided by the clause, and that neither
// its customer nor the app does, in the case, in lists or in notices.
func hidesSuspicion(t *testing.T, alice, caseID, clause string) {
	t.Helper()
	seen := asStaff(t, "GET", "/v1/cases/"+caseID, nil, 200)
	require.Equal(t, clause, seen["decision"].(object)["clause"])
	trace := seen["decision"].(object)["trace"].([]any)
	require.Equal(t, []any{clause, true}, []any{trace[len(trace)-1].(object)["clause"], trace[len(trace)-1].(object)["matched"]})
	soon(t, "it is told", func() bool { return matter(t, caseID)["told_at"] != nil })
	var told []any
	for _, bearer := range []string{local.AppKey, token(t, alice)} {
		told = append(told, ask(t, "GET", "/v1/cases/"+caseID, bearer, nil).body)
		told = append(told, ask(t, "GET", "/v1/customers/"+alice+"/cases", bearer, nil).body["cases"].([]any)...)
	}
	for _, sent := range stack.Notices() {
		var post object
		require.NoError(t, json.Unmarshal(sent.Body, &post))
		if post["data"].(object)["case"] == caseID {
			told = append(told, post)
		}
	}
	text, err := json.Marshal(told)
	require.NoError(t, err)
	require.NotContains(t, string(text), fmt.Sprintf(`"clause":%q,"matched":true`, clause))
	require.NotContains(t, string(text), fmt.Sprintf(`"note":%q`, clause))
	require.NotContains(t, string(text), fmt.Sprintf(`"clause":%q,"customer"`, clause), "a notice's data")
	require.NotContains(t, string(text), fmt.Sprintf(`"clause":%q,"note"`, clause), "a ruling")
	for _, one := range told {
		if decision, is := one.(object)["decision"].(object); is {
			require.NotEqual(t, clause, decision["clause"])
		}
	}
}

func TestTheTwentySecondReportInAMonthIsLookedAtAsUnusual(t *testing.T) {
	for name, clauses := range map[string][2]string{"photoroom": {"R8", "R10"}, "popcustoms": {"P5.3", "P6.1"}} {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			alice := customer(t, 26*shops[name].price)
			reportsOf(t, alice, 20, clauses[0])
			decided(t, report(t, picture(t, alice)), "in_review", clauses[0]) // the twenty-first: twenty before it are not over twenty
			last := report(t, picture(t, alice))
			words := decided(t, last, "in_review", clauses[0])["decision"].(object)["reason"] // as anybody's, but for the sentence
			require.Contains(t, words, "We need to review this request before we can decide")
			require.Equal(t, object{"standing": "good", "requests_30d": 21.0, "refunds_30d": 0.0, "generations_30d": 5.0},
				onDesk(t, last)["facts"].(object)["customer"])
			hidesSuspicion(t, alice, last, clauses[1])
			rule(t, last, object{"outcome": "declined", "clause": clauses[1]})
			ruled := decided(t, last, "declined", clauses[0])["decision"].(object)["reason"]
			hidesSuspicion(t, alice, last, clauses[1])
			require.Equal(t, map[string]string{
				"photoroom":  "We reviewed this result and didn't find it clearly unusable.",
				"popcustoms": "We reviewed this result, and it doesn't qualify for a refund.",
			}[name], ruled, "as anybody reads it")
		})
	}
}

func TestAReportAfterManyRefundsIsLookedAtAsUnusual(t *testing.T) {
	alice := customer(t, 11*4)
	ids := make([]string, 11)
	for n := range ids {
		ids[n] = picture(t, alice)
	}
	for n, refunded := range ids[:4] {
		caseID := report(t, refunded)
		decided(t, caseID, "in_review", "R8") // 3 of 11 are no more than 30 of 100
		rule(t, caseID, object{"outcome": "approved"})
		becomes(t, refunded, "refunded")
		wantBalance(t, alice, balance{available: float64(4 * (n + 1))})
	}
	fifth := report(t, ids[4])
	decided(t, fifth, "in_review", "R8")
	hidesSuspicion(t, alice, fifth, "R10")
	require.Equal(t, object{"standing": "good", "requests_30d": 4.0, "refunds_30d": 4.0, "generations_30d": 11.0},
		onDesk(t, fifth)["facts"].(object)["customer"])
}

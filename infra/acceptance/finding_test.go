package acceptance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// asks is a claim as Goopter asks for it: without the payment's id, on a day without a time.
func asks(kind, customer string, on time.Time, change ...object) object {
	return claim(kind, customer, "", object{"claim": with(object{
		"email": "alice@example.com", "paid_at": on.UTC().Format(time.DateOnly), "amount": object{"currency": "USD", "minor": 1000}, "reason": "please look",
	}, change...)})
}

// files sends a claim by the app and returns the case.
func files(t *testing.T, body object) string {
	t.Helper()
	return asApp(t, "POST", "/v1/refund-requests", body, 202)["case"].(string)
}

// factsOf returns what staff see of the case.
func factsOf(t *testing.T, caseID string) object {
	t.Helper()
	return asStaff(t, "GET", "/v1/cases/"+caseID, nil, 200)["facts"].(object)
}

// amongst returns the payments that staff see as candidates.
func amongst(t *testing.T, caseID string) (payments []any) {
	t.Helper()
	candidates, _ := factsOf(t, caseID)["candidates"].([]any)
	for _, candidate := range candidates {
		payments = append(payments, candidate.(object)["payment"])
	}
	return payments
}

func TestAClaimAsGoopterAsksForItFindsItsPurchase(t *testing.T) {
	under(t, "goopter")
	alice, today := unique("alice"), time.Now()
	paid := purchase(t, alice, today)
	for name, body := range map[string]object{
		"by day and amount": asks("change_of_mind", alice, today),
		"a day off":         asks("change_of_mind", alice, today.Add(-24*time.Hour)),
		"by its checkout":   asks("change_of_mind", alice, today, object{"amount": object{"currency": "USD", "minor": 1}, "transaction_ids": []string{"order 7", "cs_" + paid}}),
		"by its intent":     asks("change_of_mind", alice, today, object{"amount": object{"currency": "USD", "minor": 1}, "transaction_ids": []string{paid}}),
	} {
		found := decided(t, files(t, body), "declined", "G1")
		require.Equal(t, paid, found["payment"], name)
		require.NotEmpty(t, found["decision"].(object)["reason"])
		require.Equal(t, body["claim"].(object)["paid_at"], found["asked"].(object)["claim"].(object)["paid_at"], "as it was said")
		require.NotContains(t, found, "facts", "for staff alone")
	}
	caseID := files(t, asks("abnormal_charge", alice, today, object{"amount": object{"currency": "USD", "minor": 999999}}))
	decided(t, caseID, "in_review", "X3")
	require.Equal(t, object{"currency": "USD", "minor": 999999.0}, factsOf(t, caseID)["claimed"].(object)["amount"])
	require.NotContains(t, factsOf(t, caseID), "record")
}

func TestTheLaterOfTwoChargesIsRefundedThoughTheClaimNamesNone(t *testing.T) {
	under(t, "goopter")
	alice := unique("alice")
	first, second := purchase(t, alice, time.Now().Add(-5*time.Minute)), purchase(t, alice, time.Now().Add(-2*time.Minute))
	caseID := files(t, asks("duplicate_charge", alice, time.Now()))
	require.Equal(t, second, decided(t, caseID, "closed", "G2.2")["payment"])
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(second))
	require.Empty(t, stack.Provider.Refunds(first))
	wantBalance(t, alice, kept(0))
	facts := factsOf(t, caseID)
	require.Equal(t, []any{alice, second, facts["claimed"].(object)["amount"]}, []any{
		facts["record"].(object)["customer"], facts["record"].(object)["payment"], facts["record"].(object)["amount"],
	}, "side by side")
}

func TestStaffChooseAmongTheCandidatesThatTheClaimantDoesNotSee(t *testing.T) {
	under(t, "popcustoms")
	alice, bob := unique("alice"), unique("bob")
	first, second := purchase(t, alice, time.Now().Add(-5*time.Hour)), purchase(t, alice, time.Now().Add(-time.Hour))
	bobs := purchase(t, bob, time.Now())
	nobodys := unique("pi")
	require.Equal(t, 200, tell(t, session("", nobodys, object{"client_reference_id": nil})).status)

	several := files(t, asks("abnormal_charge", alice, time.Now()))
	decided(t, several, "in_review", "X3")
	require.ElementsMatch(t, []any{first, second}, amongst(t, several))
	others := files(t, asks("abnormal_charge", alice, time.Now(), object{"transaction_ids": []string{bobs, "cs_" + nobodys}}))
	decided(t, others, "in_review", "X3")
	require.ElementsMatch(t, []any{first, second, bobs, nobodys}, amongst(t, others))
	for _, caseID := range []string{several, others} {
		hers := ask(t, "GET", "/v1/cases/"+caseID, token(t, alice), nil).body
		require.NotContains(t, hers, "facts")
		require.NotContains(t, hers, "payment")
	}
	money := object{"money": object{"currency": "USD", "minor": 1000}}
	order := object{"outcome": "approved", "note": "the second", "remedy": money}
	require.Equal(t, 400, ask(t, "POST", "/v1/cases/"+several+"/verdict", local.OperatorKey, order, "Idempotency-Key", unique("key")).status, "which?")
	rule(t, several, with(order, object{"payment": second}))
	soon(t, "the money is back", func() bool { return matter(t, several)["state"] == "closed" })
	require.Equal(t, second, matter(t, several)["payment"])
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(second))
	refused := asStaff(t, "POST", "/v1/cases/"+others+"/verdict", with(order, object{"payment": bobs}), 409)
	require.Equal(t, "not_possible", refused["code"], "it is another's")

	none := files(t, asks("abnormal_charge", alice, time.Now(), object{"amount": object{"currency": "USD", "minor": 5}}))
	decided(t, none, "in_review", "X3")
	require.Empty(t, amongst(t, none))
	rule(t, none, with(order, object{"payment": first}))
	soon(t, "the money is back", func() bool { return matter(t, none)["state"] == "closed" })
	require.Equal(t, first, matter(t, none)["payment"], "staff found it by hand")
	wantBalance(t, alice, balance{})
}

func TestAClaimIsAskedOfTheProviderByAnyOfItsIds(t *testing.T) {
	under(t, "goopter")
	alice, lost := unique("alice"), unique("pi")
	require.NoError(t, stack.Provider.Plant(session(alice, lost))) // its webhook never came
	caseID := files(t, asks("not_credited", alice, time.Now(), object{"transaction_ids": []string{"order 7", "cs_" + lost}}))
	found := decided(t, caseID, "approved", "G2.1")
	require.Equal(t, lost, found["payment"])
	wantBalance(t, alice, kept(0))
	bob := unique("bob")
	lost = unique("pi")
	require.NoError(t, stack.Provider.Plant(session(bob, lost)))
	caseID = files(t, asks("not_credited", alice, time.Now().Add(-72*time.Hour), object{"transaction_ids": []string{lost}}))
	require.NotContains(t, decided(t, caseID, "in_review", "X3"), "payment", "the claimant's own purchases only")
	wantBalance(t, alice, kept(0))
}

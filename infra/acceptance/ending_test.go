package acceptance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// waits has the provider tell of a purchase that waits for staff, under the policy, and returns the
// payment.
func waits(t *testing.T, customer string, change object) string {
	t.Helper()
	payment := unique("pi")
	require.Equal(t, 200, tell(t, session(customer, payment, change)).status)
	require.NotNil(t, onRecord(t, payment)["waits"])
	return payment
}

// saidOf returns the sentence that the customer reads of the case.
func saidOf(t *testing.T, customer, caseID string) string {
	t.Helper()
	got := ask(t, "GET", "/v1/cases/"+caseID, token(t, customer), nil)
	require.Equal(t, 200, got.status)
	return got.body["decision"].(object)["reason"].(string)
}

func TestAPurchaseThatWasNotCreditedIsGrantedByApprovingItsClaim(t *testing.T) {
	under(t, "goopter")
	for reason, change := range map[string]object{
		"wrong_amount": {"amount_subtotal": 999, "amount_total": 999}, "no_customer": {"client_reference_id": nil}, "unpaid": {"payment_status": "unpaid"},
	} {
		t.Run(reason, func(t *testing.T) {
			alice := unique("alice")
			payment := waits(t, alice, change)
			caseID := request(t, "not_credited", alice, payment)
			decided(t, caseID, "in_review", "G2.1")
			require.NotContains(t, saidOf(t, alice, caseID), "No rule")
			rule(t, caseID, object{"outcome": "approved", "note": "her bank shows it"})
			found := decided(t, caseID, "approved", "G2.1")
			require.Equal(t, object{"credits": 120.0, "to": "balance"}, found["decision"].(object)["remedy"])
			wantBalance(t, alice, kept(0))
			shown := onRecord(t, payment)
			require.Equal(t, []any{"granted", alice, nil}, []any{shown["state"], shown["customer"], shown["waits"]})
			resolution := shown["resolutions"].([]any)[0].(object)
			require.Equal(t, []any{"grant", reason, "her bank shows it"}, []any{resolution["action"], resolution["reason"], resolution["note"]})
			require.NotEmpty(t, resolution["by"])
			soon(t, "she is told", func() bool { return told(t, caseID, "refunded") == 1 })
			require.Nil(t, waitingPayment(t, "parked", payment))
			resolve(t, payment, object{"action": "grant", "waits": reason}, 409)
			require.Equal(t, 200, tell(t, session(alice, payment)).status)
			wantBalance(t, alice, kept(0))
			require.Len(t, statement(t, alice), 1)
		})
	}
}

func TestAnAbnormalChargeThatWaitsIsPaidBackByApprovingItsClaim(t *testing.T) {
	under(t, "popcustoms")
	alice := unique("alice")
	payment := waits(t, alice, object{"amount_subtotal": 1900, "amount_total": 1900})
	caseID := files(t, with(claim("abnormal_charge", alice, payment)))
	decided(t, caseID, "in_review", "P3.8")
	rule(t, caseID, object{"outcome": "approved", "remedy": object{"money": object{"currency": "USD", "minor": 1900}}})
	decided(t, caseID, "closed", "P3.8")
	require.EqualValues(t, 1900, stack.Provider.RefundedMinor(payment))
	require.Len(t, stack.Provider.Refunds(payment), 1)
	require.Nil(t, waitingPayment(t, "parked", payment))
	require.Equal(t, "refund", onRecord(t, payment)["resolutions"].([]any)[0].(object)["action"])
	wantBalance(t, alice, balance{})
}

func TestWhatStaffResolveEndsTheClaimsAboutIt(t *testing.T) {
	under(t, "goopter")
	for action, want := range map[string]struct {
		state string
		gives object
	}{
		"grant":  {"approved", object{"credits": 120.0, "to": "balance"}},
		"refund": {"closed", object{"money": object{"currency": "USD", "minor": 1900.0}, "to": "payment_method"}},
		"ignore": {"in_review", nil},
	} {
		t.Run(action, func(t *testing.T) {
			alice := unique("alice")
			payment := waits(t, alice, object{"amount_subtotal": 1900, "amount_total": 1900})
			byID := request(t, "not_credited", alice, payment)
			byDay := files(t, asks("not_credited", alice, time.Now(), object{"amount": object{"currency": "USD", "minor": 1900}}))
			for _, caseID := range []string{byID, byDay} {
				decided(t, caseID, "in_review", "G2.1")
			}
			resolve(t, payment, object{"action": action, "note": "for our eyes"}, 200)
			for _, caseID := range []string{byID, byDay} {
				found := decided(t, caseID, want.state, "G2.1")
				if want.gives == nil {
					require.NotNil(t, onDesk(t, caseID), "it stays open for a ruling")
					continue
				}
				require.Equal(t, want.gives, found["decision"].(object)["remedy"])
				require.NotContains(t, ask(t, "GET", "/v1/cases/"+caseID, token(t, alice), nil).body["history"], "for our eyes")
				soon(t, "she is told", func() bool { return told(t, caseID, "refunded") == 1 })
				require.NotContains(t, saidOf(t, alice, caseID), "could not")
				require.Nil(t, onDesk(t, caseID))
			}
			switch action {
			case "grant":
				wantBalance(t, alice, kept(0))
				require.Len(t, statement(t, alice), 1)
			case "refund":
				require.EqualValues(t, 1900, stack.Provider.RefundedMinor(payment))
				require.Len(t, stack.Provider.Refunds(payment), 1)
				wantBalance(t, alice, balance{})
			}
		})
	}
}

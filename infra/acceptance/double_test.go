package acceptance_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/standin"
)

// waitingPayment returns the payment as staff's list of that state has it, nil when it is not
// there.
func waitingPayment(t *testing.T, state, payment string) object {
	t.Helper()
	for query := "?state=" + state; ; {
		page := asStaff(t, "GET", "/v1/payments"+query, nil, 200)
		for _, found := range page["payments"].([]any) {
			if found.(object)["id"] == payment {
				return found.(object)
			}
		}
		next, more := page["next"].(string)
		if !more {
			return nil
		}
		query = "?state=" + state + "&cursor=" + next
	}
}

// doubly has a customer charged twice for one purchase.
func doubly(t *testing.T) (alice, original, double string) {
	t.Helper()
	alice = unique("alice")
	original = purchase(t, alice, time.Now().Add(-10*time.Minute))
	double = purchase(t, alice, time.Now().Add(-4*time.Minute))
	wantBalance(t, alice, balance{available: 2 * kept(0).available})
	return alice, original, double
}

// doubleCharges is the clause about double charges, by policy.
var doubleCharges = map[string]string{"popcustoms": "P3.8", "goopter": "G2.2"}

func TestADoubleChargeIsFoundPaidBackInFullAndClosedByTheProvidersWebhook(t *testing.T) {
	for name, clause := range doubleCharges {
		t.Run(name, func(t *testing.T) {
			under(t, name)
			credits := kept(0).available
			alice, original, double := doubly(t)
			found := waitingPayment(t, "repeated", double)
			require.Equal(t, []any{"repeated", []any{original}}, []any{found["waits"], found["repeats"]}, "staff see it, and of what")
			require.Nil(t, waitingPayment(t, "repeated", original))

			meets(t, double, standin.Fault{Kind: standin.FaultPending})
			caseID := request(t, "duplicate_charge", alice, double)
			decision := decided(t, caseID, "paying", clause)["decision"].(object)
			require.Equal(t, object{"money": object{"currency": "USD", "minor": 1000.0}, "to": "payment_method"}, decision["remedy"])
			require.Equal(t, name == "goopter", decision["pay_by"] != nil, "goopter promises a date")
			wantBalance(t, alice, balance{available: credits}) // with the verdict
			soon(t, "the provider takes it", func() bool { return len(stack.Provider.Refunds(double)) == 1 })
			soon(t, "and we have heard", func() bool { return len(onRecord(t, double)["refunds"].([]any)) == 1 })
			require.Equal(t, "paying", matter(t, caseID)["state"])

			moveRefund(t, stack.Provider.Refunds(double)[0].ID, "succeeded")
			require.Equal(t, double, decided(t, caseID, "closed", clause)["payment"])
			require.EqualValues(t, 1000, stack.Provider.RefundedMinor(double))
			require.Equal(t, caseID, stack.Provider.Refunds(double)[0].Case)
			soon(t, "the app is told", func() bool { return told(t, caseID, "refunded") == 1 })
			rows := moved(t, alice, caseID)
			require.Len(t, rows, 1)
			require.Equal(t, []any{"available", "issued", credits, double}, []any{rows[0]["from"], rows[0]["to"], rows[0]["amount"], rows[0]["payment"]})
			wantBalance(t, alice, balance{available: credits})
			require.Nil(t, waitingPayment(t, "repeated", double), "it waits for nobody any more")

			decided(t, request(t, "duplicate_charge", alice, original), "in_review", clause)
		})
	}
}

func TestADoubleChargeThatIsSpentOrLongAfterOrOfAnotherIsLookedAt(t *testing.T) {
	under(t, "popcustoms")
	for name, ask := range map[string]func(t *testing.T, alice string) string{
		"it is spent": func(t *testing.T, alice string) string {
			purchase(t, alice, time.Now().Add(-10*time.Minute))
			double := purchase(t, alice, time.Now())
			for range 32 { // 3160 each: both lots are drawn from
				start(t, alice, object{"outputs": 8})
			}
			return double
		},
		"it came two hours after": func(t *testing.T, alice string) string {
			purchase(t, alice, time.Now().Add(-125*time.Minute))
			return purchase(t, alice, time.Now())
		},
		"the other is somebody else's": func(t *testing.T, alice string) string {
			purchase(t, unique("bob"), time.Now().Add(-time.Minute))
			return purchase(t, alice, time.Now())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			alice := unique("alice")
			decided(t, request(t, "duplicate_charge", alice, ask(t, alice)), "in_review", "P3.8")
		})
	}
}

func TestARepeatIsFoundInWhateverOrderThePurchasesArrive(t *testing.T) {
	under(t, "goopter")
	began := time.Now().Add(-30 * time.Minute)
	orders(3, func(order []int) {
		alice := unique("alice")
		ids := make([]string, 3)
		events := make([][]byte, 3)
		for i := range ids {
			ids[i] = fmt.Sprint(i, unique("pi"))
			events[i] = session(alice, ids[i], object{"created": began.Add(time.Duration(i) * 10 * time.Minute).Unix()})
		}
		for _, i := range order {
			require.Equal(t, 200, tell(t, events[i]).status)
		}
		for i, id := range ids {
			repeats := []any{}
			for _, earlier := range ids[:i] {
				repeats = append(repeats, earlier)
			}
			soon(t, fmt.Sprint("purchase ", i, " of ", order, " knows what it repeats"), func() bool {
				return slices.Equal(repeats, onRecord(t, id)["repeats"].([]any))
			})
		}
		wantBalance(t, alice, balance{available: 360})
	})
}

func TestStaffPayARepeatBackOrLetItBeAndTheFirstDecides(t *testing.T) {
	under(t, "goopter")
	alice, _, double := doubly(t)
	path := "/v1/payments/" + double + "/resolve"
	asStaff(t, "POST", path, object{"action": "refund", "waits": "repeated", "note": "she wrote to us"}, 200)
	var caseID string
	soon(t, "it has a case", func() bool {
		cases := asApp(t, "GET", "/v1/customers/"+alice+"/cases", nil, 200)["cases"].([]any)
		if len(cases) == 1 {
			caseID = cases[0].(object)["id"].(string)
		}
		return len(cases) == 1
	})
	decided(t, caseID, "closed", "G2.2")
	require.EqualValues(t, 1000, stack.Provider.RefundedMinor(double))
	wantBalance(t, alice, kept(0))
	other := ask(t, "POST", "/v1/refund-requests", local.AppKey, claim("duplicate_charge", alice, double), "Idempotency-Key", unique("key"))
	require.Equal(t, []any{409, "already_reported", caseID}, []any{other.status, other.body["code"], other.body["case"]}, "claim and detector meet in one case")

	bob, _, twice := doubly(t)
	path = "/v1/payments/" + twice + "/resolve"
	asStaff(t, "POST", path, object{"action": "ignore", "waits": "repeated", "note": "he wanted two"}, 200)
	require.Nil(t, waitingPayment(t, "repeated", twice))
	late := settles(t, twice, object{"action": "refund", "waits": "repeated"}, unique("key"))
	require.Equal(t, []any{409, "already_decided"}, []any{late.status, late.body["code"]})
	wantBalance(t, bob, balance{available: 240})
	require.Empty(t, stack.Provider.Refunds(twice))
}

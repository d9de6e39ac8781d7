package acceptance_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

const day = 24 * time.Hour

// eras is how many were given out.
var eras int

// era returns how long ago a test's outage of at most 49 hours began: before those of every earlier test and run, and touching none, since
// outages that touch are one. What is bought half a day before it is bought after the outages of the eras given out later, so nothing is
// owed for it there.
func era(t *testing.T) time.Duration {
	t.Helper()
	eras++
	began := time.Duration(eras) * 3 * day
	require.Less(t, began, 30*day, "goopter makes good what was bought within 30 days (G3.3): run these tests fewer times")
	return began
}

// declare has staff declare an outage that prevented use, and returns it with its preview.
func declare(t *testing.T, began, length time.Duration) object {
	t.Helper()
	return asStaff(t, "POST", "/v1/outages", object{"started_at": ago(began), "ended_at": ago(began - length), "prevented_use": true}, 201)
}

// runs starts the outage's run, waits until it is over, and returns how far it came.
func runs(t *testing.T, outage string) object {
	t.Helper()
	asStaff(t, "POST", "/v1/outages/"+outage+"/run", nil, 202)
	return ran(t, outage)
}

// ran sweeps until the run is over: where it died between a page and the message for the next, nobody else goes on.
func ran(t *testing.T, outage string) (run object) {
	t.Helper()
	soon(t, "the run is over", func() bool {
		run = asStaff(t, "GET", "/v1/outages/"+outage, nil, 200)["run"].(object)
		if run["done_at"] == nil && waiting(t, "OutageRunsQueue") == 0 && overdue(t, "OutagesTable", "run", map[string]string{"pk": outage}) {
			sweep(t)
		}
		return run["done_at"] != nil
	})
	soon(t, "the queues drain", func() bool {
		return waiting(t, "OutageRunsQueue")+waiting(t, "RefundRequestsQueue")+waiting(t, "PaymentRefundsQueue") == 0
	})
	return run
}

// casesOf returns a customer's cases.
func casesOf(t *testing.T, customer string) []any {
	t.Helper()
	return asApp(t, "GET", "/v1/customers/"+customer+"/cases", nil, 200)["cases"].([]any)
}

// madeGood demands that the customer has one case of the outage, and so many cents back.
func madeGood(t *testing.T, customer, payment, outage string, cents int) {
	t.Helper()
	var found []any
	soon(t, "there is a case", func() bool {
		found = casesOf(t, customer)
		return len(found) == 1
	})
	made := decided(t, found[0].(object)["id"].(string), "closed", "G2.3")
	require.Equal(t, []any{"outage", outage, payment}, []any{made["kind"], made["outage"], made["payment"]})
	require.Equal(t, object{"currency": "USD", "minor": float64(cents)}, made["decision"].(object)["remedy"].(object)["money"])
	require.EqualValues(t, cents, stack.Provider.RefundedMinor(payment))
	require.Len(t, stack.Provider.Refunds(payment), 1)
	soon(t, "the app is told", func() bool { return told(t, made["id"].(string), "refunded") == 1 })
}

func TestAnOutageOf49HoursPaysEachPurchaseItsUnspentShareOnceThoughItsRunIsKilledTwice(t *testing.T) {
	under(t, "goopter")
	began := era(t)
	before, later := time.Now().Add(-began-day/2), time.Now().Add(-began+60*time.Hour)
	paid := map[string]string{} // by customer: the payment
	var whole, partly []string
	for n := range 10 {
		alice := unique("alice")
		paid[alice] = purchase(t, alice, before)
		if n < 6 {
			whole = append(whole, alice)
		} else {
			spend(t, alice, 8) // 24 of 120 credits
			partly = append(partly, alice)
		}
	}
	spent, after := unique("spent"), unique("after")
	paid[spent], paid[after] = purchase(t, spent, before), purchase(t, after, later)
	spend(t, spent, 8, 8, 8, 8, 8)

	declared := declare(t, began, 49*time.Hour)
	outage := declared["id"].(string)
	require.Equal(t, object{
		"estimate": true, "complete": true, "purchases": 10.0, "unspent": 6*120 + 4*96.0, "money": []any{object{"currency": "USD", "minor": 6*1000 + 4*800.0}},
	}, declared["preview"])
	require.Nil(t, declared["run"])
	for alice := range paid {
		require.Empty(t, casesOf(t, alice), "nothing is given by declaring")
	}

	amidst := during(t, "run-outage", "SendMessage", 1, killAfter("run-outage"))
	atTheEnd := &deed{operation: "UpdateItem", do: killAfter("run-outage")}
	atTheEnd.left.Store(1)
	amidst.next = atTheEnd
	run := runs(t, outage)
	require.EqualValues(t, 1, atTheEnd.done.Load(), "it was killed a second time")
	require.LessOrEqual(t, 12.0, run["seen"])
	require.LessOrEqual(t, 1.0, run["asked"])
	for _, alice := range whole {
		madeGood(t, alice, paid[alice], outage, 1000)
		wantBalance(t, alice, balance{})
	}
	for _, alice := range partly {
		madeGood(t, alice, paid[alice], outage, 800)
		wantBalance(t, alice, balance{})
	}
	for _, alice := range []string{spent, after} {
		require.Empty(t, casesOf(t, alice))
		require.Empty(t, stack.Provider.Refunds(paid[alice]))
	}

	again := asStaff(t, "POST", "/v1/outages/"+outage+"/run", nil, 202)
	require.NotNil(t, again["run"].(object)["done_at"], "a second run is the first")
	require.Equal(t, 0.0, declare(t, began, 49*time.Hour)["preview"].(object)["purchases"], "nobody is owed anything for it any more")
	madeGood(t, whole[0], paid[whole[0]], outage, 1000)
}

func TestAnOutageOf47HoursPaysNothingAndTwoThatTouchAreOne(t *testing.T) {
	under(t, "goopter")
	began, alice := era(t), unique("alice")
	payment := purchase(t, alice, time.Now().Add(-began-day/2))
	short := declare(t, began, 47*time.Hour)
	require.Equal(t, object{"estimate": true, "complete": true, "purchases": 0.0, "unspent": 0.0, "money": []any{}}, short["preview"])
	require.Zero(t, runs(t, short["id"].(string))["asked"])
	require.Empty(t, casesOf(t, alice))
	wantBalance(t, alice, kept(0))

	ends := short["ended_at"].(string)
	longer := asStaff(t, "POST", "/v1/outages", object{"started_at": ends, "ended_at": ago(began - 49*time.Hour), "prevented_use": true}, 201)
	require.Equal(t, 1.0, longer["preview"].(object)["purchases"])
	runs(t, longer["id"].(string))
	madeGood(t, alice, payment, longer["id"].(string), 1000)
	wantBalance(t, alice, balance{})
}

func TestOnlyStaffDeclareOutagesAndSayWhatIsMissing(t *testing.T) {
	under(t, "goopter")
	good := object{"started_at": ago(50 * time.Hour), "ended_at": ago(time.Hour), "prevented_use": false}
	for _, bearer := range []string{local.AppKey, token(t, unique("alice"))} {
		require.Equal(t, 403, ask(t, "POST", "/v1/outages", bearer, good, "Idempotency-Key", unique("key")).status)
	}
	key := unique("key")
	first := ask(t, "POST", "/v1/outages", local.OperatorKey, good, "Idempotency-Key", key)
	require.Equal(t, 201, first.status)
	require.Zero(t, first.body["preview"].(object)["purchases"], "everybody could use what they had bought")
	replay := ask(t, "POST", "/v1/outages", local.OperatorKey, good, "Idempotency-Key", key)
	require.Equal(t, []any{201, "true", first.body}, []any{replay.status, replay.header.Get("Idempotent-Replayed"), replay.body})
	missing := ask(t, "POST", "/v1/outages", local.OperatorKey, object{}, "Idempotency-Key", unique("key"))
	require.Equal(t, []any{400, []any{"prevented_use", "started_at"}}, []any{missing.status, missing.body["fields"]})
	backwards := with(good, object{"ended_at": ago(51 * time.Hour)})
	require.Equal(t, 400, ask(t, "POST", "/v1/outages", local.OperatorKey, backwards, "Idempotency-Key", unique("key")).status)
	require.Equal(t, 404, ask(t, "POST", "/v1/outages/out_of_nobody/run", local.OperatorKey, nil).status)
}

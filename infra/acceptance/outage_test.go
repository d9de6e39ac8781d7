package acceptance_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

const day = 24 * time.Hour

// eras is how many were given out.
var eras int

// era returns how long ago a test's outage of at most 49 hours began: before those of every earlier
// test and run, and touching none, since outages that touch are one. What is bought half a day
// before it is bought after the outages of the eras given out later, so nothing is owed for it
// there.
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

// gives starts the outage's run, which gives money, waits until it is over, and returns how far it
// came.
func gives(t *testing.T, outage string) object {
	t.Helper()
	asStaff(t, "POST", "/v1/outages/"+outage+"/run", object{"give": "money"}, 202)
	return ran(t, outage)
}

// offers starts the outage's run, which offers, waits until it is over, and returns how far it
// came.
func offers(t *testing.T, outage string) object {
	t.Helper()
	asStaff(t, "POST", "/v1/outages/"+outage+"/run", nil, 202)
	return ran(t, outage)
}

// offered returns the data of the posts that offer something for the payment, and the ids of the
// posts, repeats left out.
func offered(t *testing.T, payment string) (data []object, ids []string) {
	t.Helper()
	for _, sent := range stack.Notices() {
		var post object
		require.NoError(t, json.Unmarshal(sent.Body, &post))
		about := post["data"].(object)
		id := sent.Header.Get("webhook-id")
		if post["type"] == "outage.offered" && about["payment"] == payment && !slices.Contains(ids, id) {
			messages(t, "") // all posts are as their contract has it
			data, ids = append(data, about), append(ids, id)
		}
	}
	return data, ids
}

// ran sweeps until the run is over: where it died between a page and the message for the next,
// nobody else goes on.
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

// hit is who had bought before an outage of 49 hours: whole has all 120 credits left, partly 96;
// spent has none, after bought when it was over.
type hit struct {
	paid          map[string]string // by customer: the payment
	whole, partly []string
	spent, after  string
	declared      object
}

// hitBy has customers buy, some spend, and staff declare that nobody could use the app for 49
// hours.
func hitBy(t *testing.T, began time.Duration) hit {
	t.Helper()
	before, later := time.Now().Add(-began-day/2), time.Now().Add(-began+60*time.Hour)
	h := hit{paid: map[string]string{}, spent: unique("spent"), after: unique("after")}
	for n := range 10 {
		alice := unique("alice")
		h.paid[alice] = purchase(t, alice, before)
		if n < 6 {
			h.whole = append(h.whole, alice)
		} else {
			spend(t, alice, 8) // 24 of 120 credits
			h.partly = append(h.partly, alice)
		}
	}
	h.paid[h.spent], h.paid[h.after] = purchase(t, h.spent, before), purchase(t, h.after, later)
	spend(t, h.spent, 8, 8, 8, 8, 8)
	h.declared = declare(t, began, 49*time.Hour)
	require.Equal(t, object{
		"estimate": true, "complete": true, "purchases": 10.0, "unspent": 6*120 + 4*96.0, "money": []any{object{"currency": "USD", "minor": 6*1000 + 4*800.0}},
	}, h.declared["preview"])
	require.Nil(t, h.declared["run"])
	for alice := range h.paid {
		require.Empty(t, casesOf(t, alice), "nothing is given by declaring")
	}
	return h
}

// killedTwice has run-outage die once in the middle of its run and once at the end of a page, and
// returns the second death.
func killedTwice(t *testing.T) *deed {
	t.Helper()
	amidst := during(t, "run-outage", "SendMessage", 1, killAfter("run-outage"))
	atTheEnd := &deed{operation: "UpdateItem", do: killAfter("run-outage")}
	atTheEnd.left.Store(1)
	amidst.next = atTheEnd
	return atTheEnd
}

func TestAnOutageOf49HoursIsOfferedOnceToEachWhoseCreditsItHitThoughItsRunIsKilledTwice(t *testing.T) {
	under(t, "goopter")
	began := era(t)
	h := hitBy(t, began)
	outage, atTheEnd := h.declared["id"].(string), killedTwice(t)
	run := offers(t, outage)
	require.EqualValues(t, 1, atTheEnd.done.Load(), "it was killed a second time")
	require.NotContains(t, run, "give")
	until := time.Now().Add(-began - day/2 + 30*day).UTC()
	for minor, customers := range map[float64][]string{1000: h.whole, 800: h.partly} {
		for _, alice := range customers {
			soon(t, "the app is told what may be claimed", func() bool { data, _ := offered(t, h.paid[alice]); return len(data) > 0 })
			data, ids := offered(t, h.paid[alice])
			require.Len(t, data, 1, "once")
			require.Equal(t, fmt.Sprint(data[0]["offer"], ".outage.offered"), ids[0])
			require.Equal(t, []any{alice, outage}, []any{data[0]["customer"], data[0]["outage"]})
			require.Equal(t, object{"money": object{"currency": "USD", "minor": minor}, "to": "payment_method"}, data[0]["remedy"])
			claimable, err := time.Parse(time.RFC3339, data[0]["claim_until"].(string))
			require.NoError(t, err)
			require.WithinDuration(t, until, claimable, time.Minute)
			for _, says := range []string{fmt.Sprintf("%.2f USD", minor/100), claimable.Format("January 2, 2006")} {
				require.Contains(t, data[0]["words"], says)
			}
			wantNoticed(t, alice, ids[0], data[0]["words"])
			require.Empty(t, casesOf(t, alice), "nothing is given")
			require.Empty(t, stack.Provider.Refunds(h.paid[alice]))
		}
	}
	for _, alice := range []string{h.spent, h.after} {
		data, _ := offered(t, h.paid[alice])
		require.Empty(t, data)
	}

	again := declare(t, began, 49*time.Hour)
	offers(t, again["id"].(string))
	alice := h.whole[0]
	data, _ := offered(t, h.paid[alice])
	require.Len(t, data, 1, "declared and run again, it is offered no more")
	accepted := claim("outage", alice, h.paid[alice], object{"outage": outage})
	asApp(t, "POST", "/v1/refund-requests", accepted, 202)
	madeGood(t, alice, h.paid[alice], outage, 1000)
	wantBalance(t, alice, balance{})
	bob := h.partly[0] // who knows nothing of ids
	decided(t, request(t, "outage", bob, h.paid[bob]), "closed", "G2.3")
	require.EqualValues(t, 800, stack.Provider.RefundedMinor(h.paid[bob]))
	require.Equal(t, 409, ask(t, "POST", "/v1/outages/"+outage+"/run", local.OperatorKey, object{"give": "money"}).status)
}

func TestARunThatGivesCreditsLeavesTheMoneyAndWhatWasLeft(t *testing.T) {
	under(t, "goopter")
	began, alice := era(t), unique("alice")
	payment := purchase(t, alice, time.Now().Add(-began-day/2))
	spend(t, alice, 8) // 24 of 120 credits
	outage := declare(t, began, 49*time.Hour)["id"].(string)
	asStaff(t, "POST", "/v1/outages/"+outage+"/run", object{"give": "credits"}, 202)
	require.Equal(t, "credits", ran(t, outage)["give"])
	soon(t, "there is a case", func() bool { return len(casesOf(t, alice)) == 1 })
	made := decided(t, casesOf(t, alice)[0].(object)["id"].(string), "approved", "G2.3")
	require.Equal(t, object{"credits": 96.0, "to": "balance"}, made["decision"].(object)["remedy"])
	wantBalance(t, alice, balance{available: 96 + 96})
	require.Empty(t, stack.Provider.Refunds(payment))
}

func TestAnOutageOf49HoursPaysEachPurchaseItsUnspentShareOnceThoughItsRunIsKilledTwice(t *testing.T) {
	under(t, "goopter")
	began := era(t)
	h := hitBy(t, began)
	outage, paid, whole, atTheEnd := h.declared["id"].(string), h.paid, h.whole, killedTwice(t)
	run := gives(t, outage)
	require.EqualValues(t, 1, atTheEnd.done.Load(), "it was killed a second time")
	require.LessOrEqual(t, 12.0, run["seen"])
	require.LessOrEqual(t, 1.0, run["asked"])
	for _, alice := range whole {
		madeGood(t, alice, paid[alice], outage, 1000)
		wantBalance(t, alice, balance{})
	}
	for _, alice := range h.partly {
		madeGood(t, alice, paid[alice], outage, 800)
		wantBalance(t, alice, balance{})
	}
	for _, alice := range []string{h.spent, h.after} {
		require.Empty(t, casesOf(t, alice))
		require.Empty(t, stack.Provider.Refunds(paid[alice]))
	}

	again := asStaff(t, "POST", "/v1/outages/"+outage+"/run", object{"give": "money"}, 202)
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
	require.Zero(t, gives(t, short["id"].(string))["asked"])
	require.Empty(t, casesOf(t, alice))
	wantBalance(t, alice, kept(0))

	ends := short["ended_at"].(string)
	longer := asStaff(t, "POST", "/v1/outages", object{"started_at": ends, "ended_at": ago(began - 49*time.Hour), "prevented_use": true}, 201)
	require.Equal(t, 1.0, longer["preview"].(object)["purchases"])
	gives(t, longer["id"].(string))
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

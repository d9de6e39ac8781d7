package main

import (
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// waiting is the payment that the fixtures name.
const waiting = payment.ID("pi_1PgafyB7WZ01zgkWSjxsAJo3")

// shop is the desk of a world of goopter, where a purchase is 50 credits for 5 dollars.
func shop(t *testing.T) desk {
	t.Helper()
	w := storetest.NewWorldOf(t, memory.New(), "goopter")
	return over(t, w, w.Store)
}

// parks has alice pay for a package, otherwise than it is sold.
func (d desk) parks(id payment.ID, otherwise func(bought *payment.Purchase)) {
	d.t.Helper()
	facts := d.Paid(id, "alice")
	otherwise(facts.Purchase)
	d.Receives(facts)
	require.Equal(d.t, payment.StateParked, d.PaymentOf(id).State)
}

func cheap(bought *payment.Purchase) { bought.Subtotal.Minor, bought.Paid = 400, 400 }

var seen = regexp.MustCompile(`"waits": "[a-z_]+"`)

// waitsFor says in the body of a resolution that this is the reason that staff saw.
func waitsFor(reason payment.Reason) func(event map[string]any) {
	return func(event map[string]any) {
		event["body"] = seen.ReplaceAllLiteralString(event["body"].(string), `"waits": `+strconv.Quote(string(reason)))
	}
}

// lists returns the ids of a list, page after page, and how many stood on each.
func (d desk) lists(fixture string) (ids []string, pages []int) {
	d.t.Helper()
	next := ""
	for len(pages) < 20 {
		page := d.gets(fixture, func(event map[string]any) {
			if next != "" {
				event["rawQueryString"] = event["rawQueryString"].(string) + "&cursor=" + url.QueryEscape(next)
			}
		})
		shown := page["payments"].([]any)
		for _, entry := range shown {
			ids = append(ids, entry.(map[string]any)["id"].(string))
		}
		pages = append(pages, len(shown))
		if next, _ = page["next"].(string); next == "" {
			break
		}
	}
	return ids, pages
}

func TestAParkedPurchaseIsShownToStaffAndGrantedByThemOnce(t *testing.T) {
	d := shop(t)
	d.parks(waiting, cheap)
	shown := d.gets("payments")["payments"].([]any)
	require.Len(t, shown, 1)
	parked := shown[0].(map[string]any)
	assert.Equal(t, []any{string(waiting), "parked", "wrong_amount", "2026-03-01T12:00:00.000Z", "alice"},
		[]any{parked["id"], parked["state"], parked["waits"], parked["waits_since"], parked["customer"]})
	assert.Equal(t, parked, d.gets("payment"))
	d.WantAvailable("alice", 0)

	for range 2 {
		granted := d.gets("resolve-grant")
		assert.Equal(t, []any{"granted", 50.0, nil}, []any{granted["state"], granted["granted"], granted["waits"]})
		assert.Equal(t, []any{map[string]any{
			"action": "grant", "reason": "wrong_amount", "note": "the old price was still shown", "by": "operator", "at": "2026-03-01T12:00:00.000Z",
		}}, granted["resolutions"])
		assert.Equal(t, granted, d.gets("payment"))
		d.WantAvailable("alice", 50)
		assert.Empty(t, d.gets("payments")["payments"])
		assert.Equal(t, httptest.Refusal{409, "already_decided", nil}, d.Ask("resolve-again-otherwise").Refusal())
		d.Pass(time.Minute)
	}
	d.Drain()
	d.WantLaws("alice")
}

func TestWhatThePurchaseDidNotNameStaffName(t *testing.T) {
	for name, c := range map[string]struct {
		otherwise func(bought *payment.Purchase)
		refused   map[string]httptest.Refusal
		granted   string
	}{
		"its customer": {
			func(bought *payment.Purchase) { bought.Customer = "" },
			map[string]httptest.Refusal{"resolve-grant": {400, "missing_fields", "customer"}},
			"resolve-grant-to-alice",
		},
		"its package": {
			func(bought *payment.Purchase) { bought.Package = "beginner" },
			map[string]httptest.Refusal{
				"resolve-grant": {400, "missing_fields", "package"}, "resolve-grant-as-nothing-sold": {400, "invalid_request", "package"},
			},
			"resolve-grant-as-starter",
		},
		"nothing": {
			cheap,
			map[string]httptest.Refusal{
				"resolve-grant-to-mallory": {400, "invalid_request", "customer"}, "resolve-grant-as-starter": {400, "invalid_request", "package"},
			},
			"resolve-grant",
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := shop(t)
			d.parks(waiting, c.otherwise)
			for fixture, want := range c.refused {
				assert.Equal(t, want, d.Ask(fixture, waitsFor(d.PaymentOf(waiting).Waits())).Refusal(), fixture)
			}
			d.WantAvailable("alice", 0)
			assert.Equal(t, "alice", d.gets(c.granted)["customer"])
			d.WantAvailable("alice", 50)
			d.WantAvailable("mallory", 0)
		})
	}
}

func TestEveryReasonToParkIsShownAndMayBeGrantedOrLeft(t *testing.T) {
	live := true
	for reason, c := range map[payment.Reason]struct {
		otherwise func(bought *payment.Purchase)
		grant     string
	}{
		payment.ReasonNoCustomer:        {func(b *payment.Purchase) { b.Customer = "" }, "resolve-grant-to-alice"},
		payment.ReasonUnknownPackage:    {func(b *payment.Purchase) { b.Package = "beginner" }, "resolve-grant-as-starter"},
		payment.ReasonWrongCurrency:     {func(b *payment.Purchase) { b.Subtotal.Currency = "EUR" }, "resolve-grant"},
		payment.ReasonWrongAmount:       {cheap, "resolve-grant"},
		payment.ReasonWrongMode:         {func(b *payment.Purchase) { b.Livemode = &live }, "resolve-grant"},
		payment.ReasonNoPaymentRequired: {func(b *payment.Purchase) { b.Status, b.Paid = payment.StatusNotRequired, 0 }, "resolve-grant"},
	} {
		for resolve, credits := range map[string]ledger.Credits{c.grant: 50, "resolve": 0} {
			t.Run(string(reason)+" "+resolve, func(t *testing.T) {
				d := shop(t)
				receiver := payment.Receiver{Store: d.Store, Rules: payment.Rules{Catalog: d.World, Livemode: &testMode}}
				facts := d.Paid(waiting, "alice")
				c.otherwise(facts.Purchase)
				_, err := receiver.Receive(t.Context(), facts, d.Now)
				require.NoError(t, err)
				d.WantAvailable("alice", 0)
				parked := d.gets("payments")["payments"].([]any)[0].(map[string]any)
				assert.Equal(t, []any{"parked", string(reason)}, []any{parked["state"], parked["waits"]})

				d.gets(resolve, waitsFor(reason))
				d.WantAvailable("alice", credits)
				assert.Empty(t, d.gets("payments")["payments"])
				_, err = receiver.Receive(t.Context(), facts, d.Now) // and the provider tells again
				require.NoError(t, err)
				d.WantAvailable("alice", credits)
				assert.Empty(t, d.gets("payments")["payments"])
				d.WantLaws("alice")
			})
		}
	}
}

func TestTheMoneyOfAParkedPurchaseGoesBackWhereStaffWantIt(t *testing.T) {
	d := shop(t)
	d.parks(waiting, cheap)
	resolved := d.gets("resolve-refund")
	promised := resolved["promised"].([]any)[0].(map[string]any)
	assert.Equal(t, []any{map[string]any{"currency": "USD", "minor": 400.0}, "due", 0.0, true},
		[]any{promised["amount"], promised["progress"], promised["credits"], promised["money"]})
	d.gets("resolve-refund")
	d.Drain()
	paid := d.gets("payment")
	assert.Equal(t, "paid", paid["promised"].([]any)[0].(map[string]any)["progress"])
	assert.Equal(t, map[string]any{"currency": "USD", "minor": 400.0}, paid["gone_back"])
	assert.Len(t, paid["refunds"], 1)
	assert.Empty(t, d.gets("payments")["payments"])
}

func TestARepeatIsListedApartAndPaidBackByACaseOrLeft(t *testing.T) {
	for resolve, back := range map[string]bool{"resolve-refund-repeated": true, "resolve-repeated": false} {
		t.Run(resolve, func(t *testing.T) {
			d := shop(t)
			d.Receives(d.Paid("pi_3NqFirst", "alice"))
			d.Pass(time.Minute)
			d.Receives(d.Paid(waiting, "alice"))
			assert.Empty(t, d.gets("payments")["payments"])
			repeat := d.gets("payments-repeated")["payments"].([]any)[0].(map[string]any)
			assert.Equal(t, []any{string(waiting), "granted", "repeated", []any{"pi_3NqFirst"}},
				[]any{repeat["id"], repeat["state"], repeat["waits"], repeat["repeats"]})
			d.gets(resolve)
			d.Drain()
			assert.Empty(t, d.gets("payments-repeated")["payments"])
			promised := d.gets("payment")["promised"].([]any)
			if !back {
				assert.Empty(t, promised)
				d.WantAvailable("alice", 100)
				return
			}
			made := d.CaseOf(refund.CaseID(promised[0].(map[string]any)["case"].(string)))
			assert.Equal(t, []any{policy.KindDuplicateCharge, refund.StateClosed}, []any{made.Kind, made.State})
			d.WantAvailable("alice", 50)
			d.WantLaws("alice")
		})
	}
}

func TestADisputeIsListedByWhoIsToAnswer(t *testing.T) {
	d := shop(t)
	for id, by := range map[payment.ID]time.Time{"pi_late": d.Now.Add(72 * time.Hour), "pi_soon": d.Now.Add(24 * time.Hour)} {
		d.Receives(d.Paid(id, "alice"))
		disputed := d.Disputed(id, "dp_"+string(id), 500, payment.DisputeOpen)
		disputed.Dispute.Reason, disputed.Dispute.DueBy = "fraudulent", by
		d.Receives(disputed)
	}
	ids, _ := d.lists("payments-disputed")
	assert.Equal(t, []string{"pi_soon", "pi_late"}, ids, "the soonest due first")
	assert.Empty(t, d.gets("payments-contested")["payments"])
	d.Receives(d.Disputed("pi_soon", "dp_pi_soon", 500, payment.DisputeReview))
	ids, _ = d.lists("payments-disputed")
	assert.Equal(t, []string{"pi_late"}, ids)
	ids, _ = d.lists("payments-contested")
	assert.Equal(t, []string{"pi_soon"}, ids)
}

func TestLongListsOfPaymentsGoOnWhereTheyStopped(t *testing.T) {
	d := shop(t)
	var parked, repeated, all []string
	for i := range 60 { // a repeat after each parked one
		customer := ledger.CustomerID(fmt.Sprint("customer-", i))
		first, second, third := payment.ID(fmt.Sprint("pi_first_", i)), payment.ID(fmt.Sprint("pi_second_", i)), payment.ID(fmt.Sprint("pi_third_", i))
		d.parks(first, cheap)
		d.Pass(time.Second)
		d.Receives(d.Paid(second, customer))
		d.Pass(time.Second)
		d.Receives(d.Paid(third, customer))
		d.Pass(time.Second)
		parked, repeated = append(parked, string(first)), append(repeated, string(third))
		all = append(all, string(first), string(second), string(third))
	}
	for fixture, want := range map[string][]string{"payments": parked, "payments-repeated": repeated} {
		got, pages := d.lists(fixture)
		assert.Equal(t, want, got, "longest waiting first")
		assert.Equal(t, []int{50, 10}, pages, fixture)
	}
	got, pages := d.lists("payments-all")
	assert.ElementsMatch(t, all, got)
	assert.Equal(t, []int{50, 50, 50, 30}, pages)
}

func TestAPageThatIsJustFullEndsTheList(t *testing.T) {
	d := shop(t)
	for i := range paymentPage {
		d.parks(payment.ID(fmt.Sprint("pi_", i)), cheap)
		d.Pass(time.Second)
	}
	_, pages := d.lists("payments")
	assert.Equal(t, []int{paymentPage}, pages)
}

func TestWhatStaffMayNotDoToPaymentsIsRefusedAndChangesNothing(t *testing.T) {
	for fixture, want := range map[string]httptest.Refusal{
		"payments-by-app":              {403, "forbidden", nil},
		"payments-without-credential":  {401, "unauthenticated", nil},
		"payments-without-state":       {400, "invalid_request", "state"},
		"payments-other-state":         {400, "invalid_request", "state"},
		"payments-bad-cursor":          {400, "invalid_request", "cursor"},
		"payments-forged-cursor":       {400, "invalid_request", "cursor"},
		"payments-cursor-of-all":       {400, "invalid_request", "cursor"},
		"payments-cursor-of-parked":    {400, "invalid_request", "cursor"},
		"payment-of-nobody":            {404, "not_found", nil},
		"payment-of-no-form":           {404, "not_found", nil},
		"payment-by-app":               {403, "forbidden", nil},
		"payment-without-credential":   {401, "unauthenticated", nil},
		"resolve-ignore-with-customer": {400, "invalid_request", "customer"},
		"resolve-refund-with-package":  {400, "invalid_request", "package"},
		"resolve-bad-customer":         {400, "invalid_request", "customer"},
		"resolve-without-fields":       {400, "missing_fields", "action"},
		"resolve-blank-note":           {400, "missing_fields", "note"},
		"resolve-long-note":            {400, "invalid_request", "note"},
		"resolve-unknown-action":       {400, "invalid_request", "action"},
		"resolve-unknown-waits":        {400, "invalid_request", "waits"},
		"resolve-without-key":          {400, "invalid_request", "Idempotency-Key"},
		"resolve-take-back":            {409, "reason_changed", nil},
		"resolve-refund-repeated":      {409, "reason_changed", nil},
		"resolve-unknown-field":        {400, "invalid_request", "credits"},
		"resolve-of-nobody":            {404, "not_found", nil},
		"resolve-of-no-form":           {404, "not_found", nil},
		"resolve-by-app":               {403, "forbidden", nil},
		"resolve-without-credential":   {401, "unauthenticated", nil},
	} {
		t.Run(fixture, func(t *testing.T) {
			d := shop(t)
			d.parks(waiting, cheap)
			before := d.PaymentOf(waiting)
			assert.Equal(t, want, d.Ask(fixture).Refusal())
			assert.Equal(t, before, d.PaymentOf(waiting))
			assert.Zero(t, d.Deliver()+d.Pays())
		})
	}
}

func TestWhatCanBeNoPaymentIsNotLookedFor(t *testing.T) {
	desk := over(t, shop(t).World, nil)
	assert.Equal(t, httptest.Refusal{404, "not_found", nil}, desk.Ask("payment-of-no-form").Refusal())
}

func TestACustomerMayNeitherSeeNorResolvePayments(t *testing.T) {
	d := shop(t)
	d.parks(waiting, cheap)
	for _, fixture := range []string{"payments", "payments-all", "payment", "resolve-grant"} {
		assert.Equal(t, httptest.Refusal{403, "forbidden", nil}, d.Ask(fixture, d.As("alice")).Refusal(), fixture)
	}
	d.WantAvailable("alice", 0)
}

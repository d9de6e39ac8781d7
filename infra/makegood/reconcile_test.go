package main

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/makegood/reconcile"
	"makegood/infra/standin"
	"makegood/shared/api"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// found returns what reconcile prints as JSON, as "payment kind about".
func (r *running) found(args ...string) (lines []string, got result) {
	r.t.Helper()
	got = call("", append([]string{"reconcile", "--json"}, args...)...)
	var all []reconcile.Difference
	require.NoError(r.t, json.Unmarshal([]byte(got.out), &all), got.out+got.err)
	lines = []string{}
	for _, d := range all {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", d.Payment, d.Kind, d.About)))
	}
	return lines, got
}

// level makes payments of every sort on which both sides agree.
func (r *running) level() {
	old := 40 * 24 * time.Hour
	r.happens(paid("pi_paid"), bought{ago: old}.of("pi_old"), bought{total: 400}.of("pi_cheaper"))
	r.happens(bought{ago: old, status: "unpaid"}.of("pi_lost"), strings.Replace(bought{ago: old, status: "unpaid"}.of("pi_lost"), ".completed", ".async_payment_failed", 1))
	r.happens(paid("pi_half"), refunded("pi_half", "re_half", "succeeded", 250))
	r.happens(paid("pi_failed"), refunded("pi_failed", "re_failed", "pending", 250), refunded("pi_failed", "re_failed", "failed", 250))
	r.happens(paid("pi_won"), disputed("pi_won", "dp_won", "needs_response", 500), disputed("pi_won", "dp_won", "won", 500))
	r.happens(refunded("pi_late", "re_late", "succeeded", 500), paid("pi_late"))
	r.happens(bought{customer: "twice", ago: time.Hour}.of("pi_once"), bought{customer: "twice", ago: 59 * time.Minute}.of("pi_twice"))
}

func TestPaymentsThatAgreeHaveNoDifference(t *testing.T) {
	r := runs(t)
	lines, got := r.found()
	assert.Empty(t, lines)
	assert.Equal(t, exitDone, got.code)
	assert.Equal(t, "[]\n", got.out)
	r.level()
	lines, got = r.found()
	assert.Empty(t, lines)
	assert.Equal(t, exitDone, got.code)
	assert.Contains(t, got.err, "10 payments compared, 0 differences")
	assert.Equal(t, result{code: exitDone, err: got.err}, call("", "reconcile"), "and nothing is printed")
}

// promised lets a case promise money of a payment, which nobody has asked the provider for.
func (r *running) promised(id payment.ID, caseID string, ago time.Duration) {
	r.edits[id] = func(p *payment.Payment) {
		*p = p.Promise(caseID, payment.Promise{Minor: 500, Credits: 50, Money: true}, time.Now())
		p.Clawback.OwnLot = 50
	}
	now := time.Now()
	r.cases[caseID] = api.Case{ID: caseID, History: []api.CaseEvent{
		{At: api.MomentOf(now.Add(-48 * time.Hour)), State: "paying"}, {At: api.MomentOf(now.Add(-47 * time.Hour)), State: "in_review"}, {At: api.MomentOf(now.Add(-ago)), State: "paying"},
	}}
}

// resolves records what staff decided.
func (r *running) resolves(id payment.ID, resolution payment.Resolution, at time.Time) {
	r.t.Helper()
	resolution.Note = "asked by mail"
	_, err := r.receiver.Resolve(r.t.Context(), id, payment.Order{Resolution: resolution, Principal: "staff", Key: string(id) + string(resolution.Reason)}, at)
	require.NoError(r.t, err)
}

func TestAGapOfEveryKindIsFoundAndOnlyThose(t *testing.T) {
	r := runs(t)
	r.level()
	old := 40 * 24 * time.Hour
	r.missed(paid("pi_missing"), bought{ago: 29 * 24 * time.Hour}.of("pi_missing_long"), bought{status: "unpaid"}.of("pi_missing_open"))
	r.missed(paid("pi_missing_refunded"), refunded("pi_missing_refunded", "re_lone", "succeeded", 100))
	r.missed(paid("pi_refund_first"))
	r.happens(refunded("pi_refund_first", "re_first", "succeeded", 100))
	r.heard(paid("pi_unknown"), bought{ago: old}.of("pi_unknown_old"))
	r.heard(paid("pi_unpaid"))
	r.missed(bought{status: "unpaid"}.of("pi_unpaid"))
	r.heard(bought{status: "unpaid"}.of("pi_status"))
	r.missed(paid("pi_status"))
	for id, provider := range map[string]bought{
		"pi_amount": {total: 400}, "pi_price": {subtotal: 400, total: 500}, "pi_currency": {currency: "eur"}, "pi_customer": {customer: "mallory"}, "pi_package": {pack: "pro"},
	} {
		r.heard(paid(id))
		r.missed(provider.of(id))
	}
	r.happens(paid("pi_re"), paid("pi_dp"))
	r.missed(refunded("pi_re", "re_unheard", "succeeded", 10), disputed("pi_dp", "dp_unheard", "needs_response", 10))
	r.heard(refunded("pi_re", "re_unknown", "succeeded", 20), disputed("pi_dp", "dp_unknown", "lost", 20))
	r.heard(refunded("pi_re", "re_status", "succeeded", 30), disputed("pi_dp", "dp_status", "needs_response", 30))
	r.missed(refunded("pi_re", "re_status", "failed", 30), disputed("pi_dp", "dp_status", "won", 30))
	r.heard(refunded("pi_re", "re_amount", "succeeded", 40), disputed("pi_dp", "dp_amount", "needs_response", 40))
	r.missed(refunded("pi_re", "re_amount", "succeeded", 41), disputed("pi_dp", "dp_amount", "needs_response", 41))
	r.happens(paid("pi_due"), paid("pi_due_now"), paid("pi_credits"), bought{pack: "gold"}.of("pi_parked"), bought{status: "unpaid"}.of("pi_open"))
	r.promised("pi_due", "cas_due", 11*time.Minute)
	r.promised("pi_due_now", "cas_due_now", 9*time.Minute)
	r.edits["pi_credits"] = func(p *payment.Payment) { p.Clawback.OwnLot = 1 }

	want := []string{
		"pi_amount amount", "pi_credits credits", "pi_currency currency", "pi_customer customer",
		"pi_dp dispute_amount dp_amount", "pi_dp dispute_status dp_status", "pi_dp dispute_unheard dp_unheard", "pi_dp dispute_unknown dp_unknown",
		"pi_due refund_due cas_due", "pi_missing missing", "pi_missing_long missing", "pi_missing_open missing", "pi_missing_refunded missing", "pi_open waits",
		"pi_package package", "pi_parked waits", "pi_price amount",
		"pi_re refund_amount re_amount", "pi_re refund_status re_status", "pi_re refund_unheard re_unheard", "pi_re refund_unknown re_unknown",
		"pi_refund_first missing", "pi_status status", "pi_status waits", "pi_unknown unknown", "pi_unknown_old unknown", "pi_unpaid unpaid",
	}
	lines, got := r.found()
	assert.Equal(t, want, lines)
	assert.Equal(t, exitMismatch, got.code)
	text := call("", "reconcile")
	assert.Equal(t, exitMismatch, text.code)
	assert.Equal(t, len(want), strings.Count(text.out, "\n"))
	for _, asked := range r.calls {
		assert.True(t, strings.HasPrefix(asked, "GET /v1/"), asked)
	}
}

func TestDifferencesAreSaidInWords(t *testing.T) {
	r := runs(t)
	r.missed(bought{customer: "al ice", pack: "star\tt\u202eer", total: 400}.of("pi_1"))
	r.happens(paid("pi_2"))
	r.heard(refunded("pi_2", "re_1", "pending", 100))
	lines := strings.Split(call("", "reconcile").out, "\n")
	require.Len(t, lines, 3)
	assert.Regexp(t, `^pi_1  missing              paid: "star\\tt\\u202eer" for "al ice", 5\.00 USD, paid 4\.00 USD, 20..-..-..T..:..:..Z  nothing$`, lines[0])
	assert.Regexp(t, `^pi_2  refund_unknown re_1  nothing +pending 1\.00 USD$`, lines[1])
}

func TestWhatStaffDecidedIsNoDifference(t *testing.T) {
	r := runs(t)
	r.happens(bought{customer: "no one"}.of("pi_whose"), bought{pack: "gold"}.of("pi_what"), bought{subtotal: 100}.of("pi_less"), bought{status: "unpaid"}.of("pi_open"))
	for id, resolution := range map[payment.ID]payment.Resolution{
		"pi_whose": {Action: payment.ActionGrant, Reason: payment.ReasonNoCustomer, Customer: "alice"},
		"pi_what":  {Action: payment.ActionGrant, Reason: payment.ReasonUnknownPackage, Package: "starter"},
		"pi_less":  {Action: payment.ActionIgnore, Reason: payment.ReasonWrongAmount},
		"pi_open":  {Action: payment.ActionGrant, Reason: payment.ReasonUnpaid},
	} {
		lines, _ := r.found()
		assert.Contains(t, lines, string(id)+" waits")
		r.resolves(id, resolution, time.Now())
	}
	lines, got := r.found()
	assert.Empty(t, lines)
	assert.Equal(t, exitDone, got.code)
}

func TestCreditsThatStaffGaveForMoneyThatNeverCameAreNoDifferenceOnceTheyDecided(t *testing.T) {
	for _, action := range []payment.Action{payment.ActionTakeBack, payment.ActionIgnore} {
		r := runs(t)
		r.happens(bought{status: "unpaid"}.of("pi_open"))
		r.resolves("pi_open", payment.Resolution{Action: payment.ActionGrant, Reason: payment.ReasonUnpaid}, time.Now())
		r.happens(strings.Replace(bought{status: "unpaid"}.of("pi_open"), "checkout.session.completed", "checkout.session.async_payment_failed", 1))
		lines, _ := r.found()
		assert.Equal(t, []string{"pi_open waits"}, lines, "they have not decided about this yet")
		r.resolves("pi_open", payment.Resolution{Action: action, Reason: payment.ReasonPaymentFailed}, time.Now())
		lines, got := r.found()
		assert.Empty(t, lines)
		assert.Equal(t, exitDone, got.code)
	}
}

func TestAStatusThatNobodyKnowsCountsAsNothingOnEitherSide(t *testing.T) {
	r := runs(t)
	r.happens(paid("pi_new"), refunded("pi_new", "re_new", "perhaps", 500))
	before := event("refund.updated", 40*time.Minute,
		`"id":"re_known","object":"refund","amount":500,"currency":"usd","status":"pending","payment_intent":"pi_known","metadata":{}`)
	r.happens(paid("pi_known"), before, refunded("pi_known", "re_known", "perhaps", 500))
	r.happens(paid("pi_bank"), disputed("pi_bank", "dp_1", "perhaps", 500))
	r.happens(paid("pi_failed"), refunded("pi_failed", "re_failed", "failed", 500))
	lines, _ := r.found()
	assert.Equal(t, []string{"pi_bank waits", "pi_known waits", "pi_new waits"}, lines)
	for _, id := range []payment.ID{"pi_bank", "pi_known", "pi_new"} {
		r.resolves(id, payment.Resolution{Action: payment.ActionIgnore, Reason: payment.ReasonUnknownStatus}, time.Now())
	}
	lines, got := r.found()
	assert.Empty(t, lines)
	assert.Equal(t, exitDone, got.code)
	r.heard(event("refund.updated", 20*time.Minute,
		`"id":"re_new","object":"refund","amount":500,"currency":"usd","status":"maybe","payment_intent":"pi_new","metadata":{}`))
	lines, _ = r.found()
	assert.Contains(t, lines, "pi_new waits", "another word is another matter")
}

func TestCreditsThatStaffLeaveUntakenAreNoDifference(t *testing.T) {
	r := runs(t)
	r.happens(paid("pi_1"))
	left := payment.Resolution{Action: payment.ActionIgnore, Reason: payment.ReasonNotClawedBack, Note: "leave it", At: time.Now()}
	r.edits["pi_1"] = func(p *payment.Payment) {
		p.Parked, p.Clawback.OwnLot = payment.ReasonNotClawedBack, 1
		p.Resolutions = []payment.Resolution{left}
	}
	lines, _ := r.found()
	assert.Empty(t, lines)
	left.Undone = true
	lines, _ = r.found()
	assert.Equal(t, []string{"pi_1 credits"}, lines, "what is undone decides nothing")
}

func TestAPurchaseOfTheOtherModeThatStaffLeftIsNoDifference(t *testing.T) {
	r := runs(t)
	live := true
	r.heard(paid("pi_live"))
	r.edits["pi_live"] = func(p *payment.Payment) {
		p.State, p.Parked, p.Purchase.Livemode, p.Clawback = payment.StateParked, payment.ReasonWrongMode, &live, ledger.Clawback{}
		p.Resolutions = []payment.Resolution{{Action: payment.ActionIgnore, Reason: payment.ReasonWrongMode, Note: "a test", At: time.Now()}}
	}
	lines, _ := r.found()
	assert.Empty(t, lines)
}

func TestAProviderThatTakesBackItsWordIsADifference(t *testing.T) {
	r := runs(t)
	r.happens(bought{customer: "first", ago: 2 * time.Hour}.of("pi_1"), bought{customer: "second"}.of("pi_1"))
	lines, _ := r.found()
	assert.Equal(t, []string{"pi_1 customer"}, lines, "what was granted stays with the first")
}

func TestALedgerThatCatchesUpMeanwhileHasNoDifference(t *testing.T) {
	r := runs(t)
	r.happens(paid("pi_1"))
	r.missed(refunded("pi_1", "re_1", "succeeded", 100))
	listed := 0
	r.edits["pi_1"] = func(p *payment.Payment) { // as if the webhook came between the list and the second look
		if listed++; listed > 1 {
			p.Refunds = map[string]payment.Refund{"re_1": {Amount: money.Amount{Currency: "USD", Minor: 100}, Status: payment.RefundSucceeded}}
			p.Clawback.OwnLot = 10
		}
	}
	lines, got := r.found()
	assert.Empty(t, lines)
	assert.Equal(t, exitDone, got.code)
}

func TestACurrencyThatNobodyNamedIsNoDifference(t *testing.T) {
	r := runs(t)
	r.happens(bought{currency: "-"}.of("pi_1"))
	lines, _ := r.found()
	assert.Equal(t, []string{"pi_1 waits"}, lines)
}

func TestRefundsThatTheProviderOnlyCountsAreLookedUp(t *testing.T) {
	r := runs(t)
	r.happens(paid("pi_1"))
	r.missed(event("charge.refunded", time.Minute, `"id":"ch_1","object":"charge","amount_refunded":100,"currency":"usd","payment_intent":"pi_1"`))
	lines, _ := r.found()
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "pi_1 refund_unheard re_")
}

func TestAPromiseWhoseRefundWasNotHeardOfIsOneDifference(t *testing.T) {
	r := runs(t)
	r.happens(paid("pi_1"))
	r.promised("pi_1", "cas_1", time.Hour)
	r.missed(strings.Replace(refunded("pi_1", "re_1", "succeeded", 500), `"metadata":{}`, `"metadata":{"case":"cas_1"}`, 1))
	lines, _ := r.found()
	assert.Equal(t, []string{"pi_1 refund_unheard re_1"}, lines)
	r.missed(strings.Replace(refunded("pi_1", "re_1", "failed", 500), `"metadata":{}`, `"metadata":{"case":"cas_1"}`, 1))
	lines, _ = r.found()
	assert.Equal(t, []string{"pi_1 refund_due cas_1", "pi_1 refund_unheard re_1"}, lines, "a failed one keeps no promise")
}

func TestAPromiseWithoutACaseIsDueSinceStaffDecided(t *testing.T) {
	r := runs(t)
	r.happens(bought{pack: "gold"}.of("pi_1"), bought{pack: "gold"}.of("pi_2"))
	for id, ago := range map[payment.ID]time.Duration{"pi_1": 9 * time.Minute, "pi_2": 11 * time.Minute} {
		r.resolves(id, payment.Resolution{Action: payment.ActionRefund, Reason: payment.ReasonUnknownPackage}, time.Now().Add(-ago))
	}
	r.edits["pi_2"] = func(p *payment.Payment) {
		p.Resolutions = append(p.Resolutions, payment.Resolution{Action: payment.ActionIgnore, Reason: payment.ReasonDuplicate, Note: "later", At: time.Now()})
	}
	lines, _ := r.found()
	require.Len(t, lines, 1)
	assert.Contains(t, lines[0], "pi_2 refund_due res_")
}

func TestPaymentsOfAProviderThatIsNotAskedAreCounted(t *testing.T) {
	r := runs(t)
	r.happens(paid("pi_1"))
	r.edits["pi_1"] = func(p *payment.Payment) { p.Provider = "standard"; p.Clawback.OwnLot = 3 }
	r.heard(paid("pi_2"))
	r.edits["pi_2"] = r.edits["pi_1"]
	lines, got := r.found()
	assert.Equal(t, []string{"pi_1 credits", "pi_2 credits"}, lines, "what the ledger shows by itself")
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "standard: nobody can be asked about 1 payments", "Stripe itself tells of the other")
}

func TestAPaymentThatCannotBeLookedUpIsNamed(t *testing.T) {
	r := runs(t)
	r.heard(paid("pi_1"), paid("pi_2"))
	require.NoError(t, r.provider.Fault(standin.Fault{Kind: standin.FaultServerError, Times: 1000, Payment: "pi_1", Read: true}))
	lines, got := r.found()
	assert.Equal(t, []string{"pi_2 unknown"}, lines)
	assert.Equal(t, exitUndone, got.code, "2 wins over 1")
	assert.Contains(t, got.err, "pi_1: it cannot be looked up: ")
}

func TestLookupsAreBoundedAndWhatIsLeftIsSaid(t *testing.T) {
	r := runs(t)
	old := 40 * 24 * time.Hour
	r.heard(bought{ago: old}.of("pi_a"), bought{ago: old - time.Hour}.of("pi_b"), paid("pi_new"), bought{ago: old}.of("pi_unlevel"))
	r.edits["pi_unlevel"] = func(p *payment.Payment) { p.Clawback.OwnLot = 1 }
	r.missed(paid("pi_missing"))
	lines, got := r.found("--lookups", "4")
	assert.Equal(t, []string{"pi_b unknown", "pi_missing missing", "pi_new unknown", "pi_unlevel credits", "pi_unlevel unknown"}, lines)
	assert.Equal(t, exitMismatch, got.code)
	assert.Contains(t, got.err, "1 older payments were not looked up")
	lines, got = r.found("--lookups", "2")
	assert.Equal(t, []string{"pi_missing missing", "pi_unlevel credits", "pi_unlevel unknown"}, lines)
	assert.Contains(t, got.err, "2 older payments were not looked up")
	assert.Contains(t, got.err, "1 payments were not looked up: no more than 2 are")
	r.ids = r.ids[:3]
	lines, got = r.found("--lookups", "1")
	assert.Equal(t, []string{"pi_missing missing"}, lines, "what the provider told first")
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "1 payments were not looked up: no more than 1 are")
	lines, _ = r.found("--since", "1000h", "--lookups", "2")
	assert.Len(t, lines, 2)
	lines, got = r.found("--lookups", "0")
	assert.Empty(t, lines)
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "2 payments were not looked up: no more than 0 are")
}

func TestTheAppsOwnAdapterIsAskedToo(t *testing.T) {
	const secret = "whsec_c2VjcmV0LW9mLTMyLWJ5dGVzLWZvci10ZXN0cw=="
	r := runs(t)
	adapter := standin.New(standin.Options{Adapters: []standin.Adapter{{Name: "standard", Webhook: "/webhooks/standard", Below: "/standard", Secret: secret}}})
	t.Cleanup(adapter.Close)
	server := httptest.NewServer(adapter)
	t.Cleanup(server.Close)
	t.Setenv("STANDARD_API_URL", server.URL+"/standard")
	t.Setenv("STANDARD_WEBHOOK_SECRETS", secret)
	require.NoError(t, adapter.Plant([]byte(`{"type":"payment.paid","timestamp":"`+time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)+
		`","data":{"payment":"order-7","customer":"alice","package":"starter","amount":{"currency":"USD","minor":500}}}`)))
	lines, got := r.found()
	assert.Equal(t, []string{"order-7 missing"}, lines, got.err)
	assert.Equal(t, exitMismatch, got.code)
}

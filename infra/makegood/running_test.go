package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/standin"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/memory"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/provider/stripe"
	"makegood/shared/refund"
)

const operatorKey = "mk_test_operator"

// running is a provider, and a stack that heard some of what happened there. The stack answers by
// its HTTP API, two things a page.
type running struct {
	t        *testing.T
	provider *standin.Provider
	receiver payment.Receiver
	ids      []payment.ID
	edits    map[payment.ID]func(*payment.Payment)
	policy   api.Policy
	cases    map[string]api.Case
	decided  []refund.Case
	made     map[string]api.Generation
	rows     []api.StatementEntry
	calls    []string // methods and paths, with their queries
	stuck    bool     // every page of a list points at itself
	wallet   api.Customer
	lag      int // answers in which a wallet has less than it has
	givenUp  []api.StuckItem
	labels   []api.Label
	insights api.Insights
	breaks   string // the cursor at which a list of labels or verdicts is refused
	accuracy []api.Accuracy
	retries  []string // ids and bodies
	away     string   // where every question is sent

	refuseRetry string             // of this id, a retry is refused
	personal    []api.PersonalData // pages of what there is of a customer
	doneSince   string             // this id owes nothing any more, though it is listed
	mutex       sync.Mutex
	busy        int // answers that are 503 first
	url         string
}

// runs starts both sides, and names them to the command in the environment.
func runs(t *testing.T) *running {
	t.Helper()
	pause = time.Millisecond // between two looks at a balance
	published, err := policy.Open("goopter")
	require.NoError(t, err)
	current := published.Current(time.Now())
	r := &running{
		t: t, provider: standin.New(standin.Options{}), receiver: payment.Receiver{Store: memory.New(), Rules: payment.Rules{Catalog: published}},
		edits: map[payment.ID]func(*payment.Payment){}, cases: map[string]api.Case{}, made: map[string]api.Generation{},
		policy: api.Policy{Name: current.Name, Revision: current.Revision, Digest: current.Digest},
	}
	t.Cleanup(r.provider.Close)
	provider, stack := httptest.NewServer(r.provider), httptest.NewServer(r)
	t.Cleanup(provider.Close)
	t.Cleanup(stack.Close)
	r.url = stack.URL
	for name, value := range map[string]string{
		"MAKEGOOD_URL": stack.URL, "MAKEGOOD_KEY": operatorKey, "STRIPE_API_URL": provider.URL, "STRIPE_KEY": standin.ReadKey,
		"STANDARD_API_URL": "", "STANDARD_WEBHOOK_SECRETS": "",
	} {
		t.Setenv(name, value)
	}
	return r
}

// personalPage answers a page; the last one of an erasure leaves nothing, unless the stack is
// stuck.
func (r *running) personalPage(method, cursor string) api.PersonalData {
	if len(r.personal) == 0 {
		return api.PersonalData{Customer: "alice", Complete: true}
	}
	page := r.personal[0]
	if cursor != "" {
		page = r.personal[1]
	}
	if method == http.MethodDelete && page.Next == "" && !r.stuck {
		r.personal = nil
	}
	return page
}

// ServeHTTP answers as the stack.
func (r *running) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.calls = append(r.calls, request.Method+" "+request.URL.String())
	if r.away != "" {
		http.Redirect(w, request, r.away, http.StatusFound)
		return
	}
	if request.Header.Get("Authorization") != "Bearer "+operatorKey {
		say(w, http.StatusUnauthorized, api.Problem{Code: "unauthenticated"})
		return
	}
	if r.busy > 0 {
		r.busy--
		say(w, http.StatusServiceUnavailable, api.Problem{Code: "busy"})
		return
	}
	cursor := request.URL.Query().Get("cursor")
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/policy", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, r.policy) })
	mux.HandleFunc("GET /v1/verdicts", func(w http.ResponseWriter, _ *http.Request) {
		if r.breaks != "" && cursor == r.breaks {
			say(w, http.StatusBadRequest, api.Problem{Code: "invalid_request"})
			return
		}
		page, next := paged(r.decided, cursor)
		list := api.VerdictList{Cases: []api.CaseVerdicts{}, Next: next}
		for _, c := range page {
			list.Cases = append(list.Cases, api.CaseVerdicts{
				Case: string(c.ID), Kind: string(c.Kind), ChangedAt: api.MomentOf(c.OpenedAt), Verdicts: view.Verdicts(c),
			})
		}
		say(w, http.StatusOK, list)
	})
	mux.HandleFunc("GET /v1/payments", func(w http.ResponseWriter, request *http.Request) {
		page, next := paged(r.ids, cursor)
		if r.stuck {
			next = "2"
		}
		list := api.PaymentList{Payments: []api.Payment{}, Next: next}
		for _, id := range page {
			if p := r.payment(id); request.URL.Query().Get("state") == "all" || p.Waits != nil {
				list.Payments = append(list.Payments, *p)
			}
		}
		say(w, http.StatusOK, list)
	})
	mux.HandleFunc("GET /v1/customers/{id}", func(w http.ResponseWriter, request *http.Request) {
		say(w, http.StatusOK, r.customer(request.PathValue("id")))
	})
	mux.HandleFunc("/v1/customers/{id}/personal", func(w http.ResponseWriter, request *http.Request) {
		say(w, http.StatusOK, r.personalPage(request.Method, cursor))
	})
	mux.HandleFunc("GET /v1/labels", func(w http.ResponseWriter, _ *http.Request) {
		if r.breaks != "" && cursor == r.breaks {
			say(w, http.StatusBadRequest, api.Problem{Code: "invalid_request"})
			return
		}
		page, next := paged(r.labels, cursor)
		say(w, http.StatusOK, api.LabelList{Labels: page, Next: next})
	})
	mux.HandleFunc("GET /v1/accuracy", func(w http.ResponseWriter, _ *http.Request) {
		page, next := paged(r.accuracy, cursor)
		say(w, http.StatusOK, api.AccuracyList{Counts: page, Next: next})
	})
	mux.HandleFunc("GET /v1/insights", func(w http.ResponseWriter, request *http.Request) {
		if request.Header.Get("Accept") == api.MediaCSV {
			_, _ = w.Write([]byte("day,verdicts\n2026-03-01,3\n"))
			return
		}
		say(w, http.StatusOK, r.insights)
	})
	mux.HandleFunc("GET /v1/stuck", func(w http.ResponseWriter, _ *http.Request) {
		page, next := paged(r.givenUp, cursor)
		say(w, http.StatusOK, api.StuckList{Stuck: page, Next: next})
	})
	mux.HandleFunc("POST /v1/stuck/{id}/retry", r.retry)
	mux.HandleFunc("GET /v1/payments/{id}", func(w http.ResponseWriter, request *http.Request) {
		tell(w, r.payment(payment.ID(request.PathValue("id"))))
	})
	mux.HandleFunc("GET /v1/cases/{id}", func(w http.ResponseWriter, request *http.Request) {
		tell(w, of(r.cases, request.PathValue("id")))
	})
	mux.HandleFunc("GET /v1/generations/{id}", func(w http.ResponseWriter, request *http.Request) {
		tell(w, of(r.made, request.PathValue("id")))
	})
	mux.HandleFunc("GET /v1/customers/{id}/statement", func(w http.ResponseWriter, _ *http.Request) {
		page, next := paged(r.rows, cursor)
		say(w, http.StatusOK, api.Statement{Entries: page, Next: next})
	})
	mux.HandleFunc("GET /v1/customers/{id}/cases", func(w http.ResponseWriter, request *http.Request) {
		var all []api.Case
		for _, c := range r.cases {
			if c.Customer == request.PathValue("id") {
				all = append(all, c)
			}
		}
		slices.SortFunc(all, func(a, b api.Case) int { return strings.Compare(a.ID, b.ID) })
		page, next := paged(all, cursor)
		say(w, http.StatusOK, api.CaseList{Cases: page, Next: next})
	})
	mux.ServeHTTP(w, request)
}

// customer returns the wallet, which lags for as many answers as it is told to.
func (r *running) customer(id string) api.Customer {
	wallet := r.wallet
	wallet.ID, wallet.Standing, wallet.Unit = id, "good", api.Unit{Name: "credits"}
	if r.lag > 0 {
		r.lag--
		wallet.Balance.Available--
	}
	return wallet
}

func (r *running) retry(w http.ResponseWriter, request *http.Request) {
	id := request.PathValue("id")
	switch id {
	case r.refuseRetry:
		say(w, http.StatusForbidden, api.Problem{Code: "forbidden"})
		return
	case r.doneSince:
		say(w, http.StatusNotFound, api.Problem{Code: "not_found"})
		return
	}
	body, _ := io.ReadAll(request.Body)
	r.retries = append(r.retries, id+" "+string(body))
	r.givenUp = slices.DeleteFunc(r.givenUp, func(item api.StuckItem) bool { return item.ID == id })
	say(w, http.StatusOK, api.RetriedItem{ID: id})
}

func say(w http.ResponseWriter, status int, body any) {
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func tell[T any](w http.ResponseWriter, one *T) {
	if one == nil {
		say(w, http.StatusNotFound, api.Problem{Code: "not_found"})
		return
	}
	say(w, http.StatusOK, one)
}

func of[T any](all map[string]T, id string) *T {
	if one, ok := all[id]; ok {
		return &one
	}
	return nil
}

// paged returns the two of a list that a cursor points at, and the cursor after them.
func paged[T any](all []T, cursor string) ([]T, string) {
	from, _ := strconv.Atoi(cursor)
	if from+2 >= len(all) {
		return all[from:], ""
	}
	return all[from : from+2], strconv.Itoa(from + 2)
}

func (r *running) payment(id payment.ID) *api.Payment {
	if !slices.Contains(r.ids, id) {
		return nil
	}
	read, err := r.receiver.Store.LoadPayment(r.t.Context(), id, "")
	require.NoError(r.t, err)
	p := *read.Payment
	if edit := r.edits[id]; edit != nil {
		edit(&p)
	}
	shown := view.Payment(p)
	return &shown
}

// happens tells both sides of an event, heard the ledger alone, missed the provider alone.
func (r *running) happens(events ...string) {
	r.heard(events...)
	r.missed(events...)
}

func (r *running) missed(events ...string) {
	for _, event := range events {
		require.NoError(r.t, r.provider.Plant([]byte(event)))
	}
}

func (r *running) heard(events ...string) {
	now := time.Now()
	webhook := stripe.New(func(context.Context) ([]string, error) { return []string{"whsec_test"}, nil }, "")
	for _, event := range events {
		header := http.Header{stripe.Header: {stripe.Sign("whsec_test", now, []byte(event))}}
		facts, err := webhook.Verify(r.t.Context(), []byte(event), header, now)
		require.NoError(r.t, err)
		_, err = r.receiver.Receive(r.t.Context(), facts, now)
		require.NoError(r.t, err)
		if !slices.Contains(r.ids, facts.Payment) {
			r.ids = append(r.ids, facts.Payment)
		}
	}
}

// bought is what a checkout sold; the zero one is a paid starter of alice's, an hour ago.
type bought struct {
	customer, pack, currency, status string
	subtotal, total                  int
	ago                              time.Duration
}

func (b bought) of(intent string) string {
	or := func(text, other string) string {
		if text == "" {
			return other
		}
		return text
	}
	if b.subtotal == 0 {
		b.subtotal = 500
	}
	if b.total == 0 {
		b.total = b.subtotal
	}
	if b.ago == 0 {
		b.ago = time.Hour
	}
	return event("checkout.session.completed", b.ago, fmt.Sprintf(
		`"id":"cs_%s","object":"checkout.session","mode":"payment","status":"complete","payment_intent":%q,"client_reference_id":%q,
		"metadata":{"package":%q},"currency":%q,"payment_status":%q,"amount_subtotal":%d,"amount_total":%d,"created":%d,"livemode":false`,
		intent, intent, or(b.customer, "customer-of-"+intent), or(b.pack, "starter"), or(b.currency, "usd"), or(b.status, "paid"), b.subtotal, b.total,
		time.Now().Add(-b.ago).Unix()))
}

func paid(intent string) string { return bought{}.of(intent) }

func refunded(intent, id, status string, minor int) string {
	return event("refund.updated", 30*time.Minute, fmt.Sprintf(
		`"id":%q,"object":"refund","amount":%d,"currency":"usd","status":%q,"payment_intent":%q,"metadata":{}`, id, minor, status, intent))
}

func disputed(intent, id, status string, minor int) string {
	return event("charge.dispute.updated", 30*time.Minute, fmt.Sprintf(
		`"id":%q,"object":"dispute","amount":%d,"currency":"usd","status":%q,"payment_intent":%q`, id, minor, status, intent))
}

var events int

func event(kind string, ago time.Duration, object string) string {
	events++
	return fmt.Sprintf(`{"id":"evt_%d","object":"event","type":%q,"created":%d,"livemode":false,"data":{"object":{%s}}}`,
		events, kind, time.Now().Add(-ago).Unix(), object)
}

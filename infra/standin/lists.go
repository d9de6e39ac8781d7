package standin

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"makegood/shared/provider/fake"
)

// page answers with one page of a list, of items in their order.
func page[T any](w http.ResponseWriter, r *http.Request, what string, all []T, id func(T) string, view func(T) any) {
	query := r.URL.Query()
	// The parameters are checked as Stripe does, so that a wrong call fails here and not in
	// production.
	limit, refusal := number(query, "limit", 1)
	if refusal == nil && limit > largestPage {
		refusal = invalid("parameter_invalid_integer", "limit", "This value must be less than or equal to 100.")
	}
	// A page begins behind the id that the last one ended with; an id that is gone is refused.
	after := query.Get("starting_after")
	items, more, ok := fake.Page(all, after, int(cmp.Or(limit, usualPage)), id)
	if refusal == nil && !ok {
		refusal = missing(what, "starting_after", after)
	}
	if refusal != nil {
		stripeRefuse(w, *refusal)
		return
	}
	data := []any{}
	for _, one := range items {
		data = append(data, view(one))
	}
	body := map[string]any{"object": "list", "data": data, "has_more": more, "url": r.URL.Path}
	write(w, answer{status: http.StatusOK, body: marshal(body)})
}

// filtered reads the payment that a list is asked for, and meets the faults of reads. It returns
// false when the answer is written. A list of a payment that the provider does not know is refused.
// expand names the parts that may be shown whole.
func (p *Provider) filtered(w http.ResponseWriter, r *http.Request, expand ...string) (string, bool) {
	query := r.URL.Query()
	refusal := known(query, "payment_intent", "limit", "starting_after", "expand")
	if refusal == nil {
		refusal = expandable(query, expand...)
	}
	if refusal != nil {
		stripeRefuse(w, *refusal)
		return "", false
	}
	payment := query.Get("payment_intent")
	if !p.ready(w, payment) {
		return "", false
	}
	p.mu.Lock()
	page := p.books.Payments[payment]
	p.mu.Unlock()
	// Stripe refuses a list of a payment that it does not know, rather than giving an empty one.
	if query.Has("payment_intent") && (page == nil || page.Provider != providerStripe) {
		stripeRefuse(w, *missing("payment_intent", "payment_intent", payment))
		return "", false
	}
	return payment, true
}

// listed gives all values of a parameter that is a list: "types[0]", "types[]".
func listed(values url.Values, name string) []string {
	var all []string
	for key, several := range values {
		if strings.HasPrefix(key, name+"[") {
			all = append(all, several...)
		}
	}
	return all
}

// expandable refuses to show parts whole that the stand-in shows as ids only.
func expandable(query url.Values, parts ...string) *denial {
	for _, part := range listed(query, "expand") {
		if !slices.Contains(parts, part) {
			return invalid("", "expand", fmt.Sprintf("This property cannot be expanded (%s).", part))
		}
	}
	return nil
}

// ready waits for an event that may tell of the payment, and meets the faults of reads.
func (p *Provider) ready(w http.ResponseWriter, payment string) bool {
	p.await(payment)
	return p.reading(w, payment, stripeRefuse)
}

// item says whose an entry of the books is.
type item struct{ id, payment, provider string }

// newest answers with a page of the items of a payment, or of all, the newest first. all is read
// under the lock.
func newest[T, O any](p *Provider, w http.ResponseWriter, r *http.Request, what string, all *[]T, of func(T) item, view func(T) O) {
	payment, ok := p.filtered(w, r)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	var items []T
	// The standard door's entries lie in the same books, and are not Stripe's to show.
	for _, one := range slices.Backward(*all) {
		if is := of(one); is.provider == providerStripe && (payment == "" || is.payment == payment) {
			items = append(items, one)
		}
	}
	page(w, r, what, items, func(one T) string { return of(one).id }, func(one T) any { return view(one) })
}

func (p *Provider) listRefunds(w http.ResponseWriter, r *http.Request) {
	newest(p, w, r, "refund", &p.books.Refunds, func(one *Refund) item { return item{one.ID, one.Payment, one.Provider} }, p.refundObject)
}

func (p *Provider) getRefund(w http.ResponseWriter, r *http.Request) {
	p.get(w, r, "refund", func(id string) any {
		if one := p.books.Refund(id); one != nil && one.Provider == providerStripe {
			return p.refundObject(one)
		}
		return nil
	})
}

// get answers with one object; find runs under the lock, and returns nil for one that is not there.
func (p *Provider) get(w http.ResponseWriter, r *http.Request, what string, find func(id string) any, expand ...string) {
	id, payment := r.PathValue("id"), ""
	if what == "payment_intent" || what == "checkout.session" { // either may be what a payment is known by
		payment = id
	}
	refusal := known(r.URL.Query(), "expand")
	if refusal == nil {
		refusal = expandable(r.URL.Query(), expand...)
	}
	if refusal != nil {
		stripeRefuse(w, *refusal)
		return
	}
	if !p.ready(w, payment) {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if object := find(id); object != nil {
		write(w, answer{status: http.StatusOK, body: marshal(object)})
		return
	}
	stripeRefuse(w, *missing(what, "id", id))
}

func (p *Provider) listEvents(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	refusal := known(query, "created", "types", "type", "limit", "starting_after")
	bounds := map[string]int64{}
	for _, name := range []string{"created[gte]", "created[gt]", "created[lte]", "created[lt]"} {
		if refusal == nil && query.Has(name) {
			bounds[name], refusal = number(query, name, 0)
		}
	}
	if refusal != nil {
		stripeRefuse(w, *refusal)
		return
	}
	if !p.ready(w, "") {
		return
	}
	kinds := append(listed(query, "types"), query["type"]...)
	p.mu.Lock()
	defer p.mu.Unlock()
	var events []*event
	for _, e := range p.newestFirst(providerStripe) {
		if (len(kinds) == 0 || slices.Contains(kinds, e.kind)) && within(e.at, bounds) {
			events = append(events, e)
		}
	}
	page(w, r, "event", events, func(e *event) string { return e.id }, func(e *event) any { return json.RawMessage(e.raw) })
}

func within(at time.Time, bounds map[string]int64) bool {
	for name, bound := range bounds {
		unix := at.Unix()
		if name == "created[gte]" && unix < bound || name == "created[gt]" && unix <= bound ||
			name == "created[lte]" && unix > bound || name == "created[lt]" && unix >= bound {
			return false
		}
	}
	return true
}

func (p *Provider) getEvent(w http.ResponseWriter, r *http.Request) {
	p.get(w, r, "event", func(id string) any {
		if e := p.known[id]; e != nil && e.provider == providerStripe && !e.at.Before(p.now().Add(-keptFor)) {
			return json.RawMessage(e.raw)
		}
		return nil
	})
}

package standin

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"

	"makegood/shared/provider/fake"
)

// serveAdmin adds what only a developer asks for: the books, faults, and what the provider's own
// people do. No idempotency key stands in their way.
func (p *Provider) serveAdmin(mux *http.ServeMux) {
	mux.HandleFunc("GET /_standin/state", func(w http.ResponseWriter, _ *http.Request) { p.reply(w, p.state(), nil) })
	mux.HandleFunc("POST /_standin/events", p.postEvent)
	mux.HandleFunc("POST /_standin/checkouts", p.postCheckout)
	mux.HandleFunc("POST /_standin/faults", p.postFaults)
	mux.HandleFunc("DELETE /_standin/faults", func(w http.ResponseWriter, _ *http.Request) {
		p.reply(w, map[string]int{"left": p.Heal()}, nil)
	})
	mux.HandleFunc("POST /_standin/refunds", p.postRefund)
	mux.HandleFunc("POST /_standin/refunds/{id}", p.postRefundStatus)
	mux.HandleFunc("POST /_standin/disputes", p.postDispute)
}

func (p *Provider) postEvent(w http.ResponseWriter, r *http.Request) {
	// A raw event is kept as it came: its bytes are what a list gives back.
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
	if err == nil {
		err = p.Plant(raw)
	}
	p.reply(w, nil, err)
}

func (p *Provider) postCheckout(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Customer string `json:"customer"`
		Package  string `json:"package"`
	}
	var sale Checkout
	err := p.decode(w, r, &request)
	if err == nil {
		sale, err = p.Checkout(r.Context(), request.Customer, request.Package)
	}
	p.reply(w, sale, err)
}

func (p *Provider) postFaults(w http.ResponseWriter, r *http.Request) {
	var request struct{ Refund, Read *faultBody }
	err := p.decode(w, r, &request)
	// One request may ask for a fault of a refund and for one of a read.
	if err == nil && request.Refund != nil {
		err = p.Fault(request.Refund.fault(false))
	}
	if err == nil && request.Read != nil {
		err = p.Fault(request.Read.fault(true))
	}
	p.reply(w, nil, err)
}

func (p *Provider) postRefund(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Payment string `json:"payment"`
		Amount  int64  `json:"amount"`
	}
	var refund Refund
	err := p.decode(w, r, &request)
	if err == nil {
		refund, err = p.DashboardRefund(request.Payment, request.Amount)
	}
	p.reply(w, refund, err)
}

func (p *Provider) postRefundStatus(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Status string `json:"status"`
	}
	var refund Refund
	err := p.decode(w, r, &request)
	if err == nil {
		refund, err = p.MoveRefund(r.PathValue("id"), request.Status)
	}
	p.reply(w, refund, err)
}

func (p *Provider) postDispute(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Payment string `json:"payment"`
		Amount  int64  `json:"amount"`
		Status  string `json:"status"`
	}
	var dispute Dispute
	err := p.decode(w, r, &request)
	if err == nil {
		dispute, err = p.Dispute(request.Payment, request.Amount, firstOf(request.Status, fake.StatusNeedsResponse))
	}
	p.reply(w, dispute, err)
}

// decode reads a developer's request; a field that is not known is refused.
func (p *Provider) decode(w http.ResponseWriter, r *http.Request, into any) error {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForm))
	if err != nil {
		return err
	}
	return strictly(raw, into)
}

func strictly(raw []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// reply answers a developer: 200 with what came of it, 204 with nothing, 400 with what was wrong.
func (p *Provider) reply(w http.ResponseWriter, body any, err error) {
	switch {
	// A developer gets the plain text of what was wrong: nobody else asks here.
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case body == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		write(w, answer{status: http.StatusOK, body: marshal(body)})
	}
}

// state shows the books, what was asked, and what is still to happen.
func (p *Provider) state() map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	// Sorted by id, so that two looks at the same books are the same bytes.
	payments := []Payment{}
	for _, id := range slices.Sorted(maps.Keys(p.books.Payments)) {
		payments = append(payments, *p.books.View(id))
	}
	posts := map[string]int{}
	for _, e := range p.events {
		// Only events of our own have a fate worth showing: the others came from the stack.
		if e.ours {
			posts[e.state]++
		}
	}
	faults := []faultBody{}
	for _, f := range p.faults {
		faults = append(faults, faultBody{Kind: f.Kind, Times: f.Times, Payment: f.Payment, DelayMS: f.Delay.Milliseconds()})
	}
	overlaps := map[string]int{}
	for _, of := range p.keys {
		maps.Copy(overlaps, of.overlaps)
	}
	return map[string]any{
		"payments": payments, "refunds": append([]*Refund{}, p.books.Refunds...), "disputes": append([]*Dispute{}, p.books.Disputes...), "calls": p.calls,
		"overlaps": overlaps, "faults": faults, "events": len(p.events), "posts": posts,
	}
}

package standin

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
)

// serveDesk adds what only a developer asks for: the books, faults, and what the provider's own people do.
func (p *Provider) serveDesk(mux *http.ServeMux) {
	mux.HandleFunc("GET /_standin/state", func(w http.ResponseWriter, _ *http.Request) { p.said(w, p.state(), nil) })
	mux.HandleFunc("POST /_standin/events", func(w http.ResponseWriter, r *http.Request) {
		raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
		if err == nil {
			err = p.Plant(raw)
		}
		p.said(w, nil, err)
	})
	mux.HandleFunc("POST /_standin/checkouts", func(w http.ResponseWriter, r *http.Request) {
		var order struct {
			Customer string `json:"customer"`
			Package  string `json:"package"`
		}
		var sale Checkout
		err := p.told(w, r, &order)
		if err == nil {
			sale, err = p.Checkout(r.Context(), order.Customer, order.Package)
		}
		p.said(w, sale, err)
	})
	mux.HandleFunc("POST /_standin/faults", func(w http.ResponseWriter, r *http.Request) {
		var asked struct{ Refund, Read *faultBody }
		err := p.told(w, r, &asked)
		if err == nil && asked.Refund != nil {
			err = p.Fault(asked.Refund.fault(false))
		}
		if err == nil && asked.Read != nil {
			err = p.Fault(asked.Read.fault(true))
		}
		p.said(w, nil, err)
	})
	mux.HandleFunc("DELETE /_standin/faults", func(w http.ResponseWriter, _ *http.Request) {
		p.said(w, map[string]int{"left": p.Heal()}, nil)
	})
	mux.HandleFunc("POST /_standin/refunds", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Payment string `json:"payment"`
			Amount  int64  `json:"amount"`
		}
		var made Refund
		err := p.told(w, r, &asked)
		if err == nil {
			made, err = p.DashboardRefund(asked.Payment, asked.Amount)
		}
		p.said(w, made, err)
	})
	mux.HandleFunc("POST /_standin/refunds/{id}", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Status string `json:"status"`
		}
		var moved Refund
		err := p.told(w, r, &asked)
		if err == nil {
			moved, err = p.MoveRefund(r.PathValue("id"), asked.Status)
		}
		p.said(w, moved, err)
	})
	mux.HandleFunc("POST /_standin/disputes", func(w http.ResponseWriter, r *http.Request) {
		var asked struct {
			Payment string `json:"payment"`
			Amount  int64  `json:"amount"`
			Status  string `json:"status"`
		}
		var moved Dispute
		err := p.told(w, r, &asked)
		if err == nil {
			moved, err = p.Dispute(asked.Payment, asked.Amount, firstOf(asked.Status, statusNeedsResponse))
		}
		p.said(w, moved, err)
	})
}

// told reads a developer's request; a field that is not known is refused.
func (p *Provider) told(w http.ResponseWriter, r *http.Request, into any) error {
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

// said answers a developer: 200 with what came of it, 204 with nothing, 400 with what was wrong.
func (p *Provider) said(w http.ResponseWriter, shown any, err error) {
	switch {
	case err != nil:
		http.Error(w, err.Error(), http.StatusBadRequest)
	case shown == nil:
		w.WriteHeader(http.StatusNoContent)
	default:
		write(w, answer{status: http.StatusOK, body: marshal(shown)})
	}
}

// state shows the books, what was asked, and what is still to happen.
func (p *Provider) state() map[string]any {
	p.mu.Lock()
	defer p.mu.Unlock()
	payments := []Payment{}
	for _, id := range slices.Sorted(maps.Keys(p.books.payments)) {
		page := *p.books.payments[id]
		page.Refunded = p.books.refunded(id)
		payments = append(payments, page)
	}
	posts := map[string]int{}
	for _, e := range p.events {
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
		"payments": payments, "refunds": orEmpty(p.books.refunds), "disputes": orEmpty(p.books.disputes), "calls": p.calls,
		"overlaps": overlaps, "faults": faults, "events": len(p.events), "posts": posts,
	}
}

func orEmpty[T any](all []T) []T {
	if all == nil {
		return []T{}
	}
	return all
}

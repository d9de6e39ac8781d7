package standin

import (
	"fmt"
	"net/http"
	"slices"
)

func (p *Provider) listSessions(w http.ResponseWriter, r *http.Request) {
	payment, ok := p.filtered(w, r, "data."+sessionExpansion)
	if !ok {
		return
	}
	view := p.sessionView(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	var pages []*Payment
	for _, page := range p.books.Payments {
		if page.Sale.session != nil && (payment == "" || page.ID == payment) {
			pages = append(pages, page)
		}
	}
	slices.SortFunc(pages, func(a, b *Payment) int { return b.Created.Compare(a.Created) })
	id := func(page *Payment) string { return fmt.Sprint(page.Sale.session["id"]) }
	page(w, r, "checkout.session", pages, id, func(page *Payment) any { return view(page) })
}

// sessionView gives how the caller wants sessions shown; what it may expand was checked.
func (p *Provider) sessionView(r *http.Request) func(*Payment) map[string]any {
	if len(listed(r.URL.Query(), "expand")) > 0 {
		return p.expandedSession
	}
	return sessionObject
}

func (p *Provider) getSession(w http.ResponseWriter, r *http.Request) {
	view := p.sessionView(r)
	p.get(w, r, "checkout.session", func(id string) any {
		for _, page := range p.books.Payments {
			if page.Sale.session["id"] == id {
				return view(page)
			}
		}
		return nil
	}, sessionExpansion)
}

func (p *Provider) listDisputes(w http.ResponseWriter, r *http.Request) {
	newest(p, w, r, "dispute", &p.books.Disputes, func(one *Dispute) item { return item{one.ID, one.Payment, one.Provider} }, p.disputeObject)
}

func (p *Provider) getIntent(w http.ResponseWriter, r *http.Request) {
	p.get(w, r, "payment_intent", func(id string) any {
		if page := p.books.Payments[id]; page != nil && page.Provider == providerStripe && page.Sale.session["id"] != id {
			return p.intentObject(page)
		}
		return nil
	})
}

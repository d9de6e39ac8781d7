package standin

import (
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
	for _, page := range p.books.payments {
		if page.session != nil && (payment == "" || page.ID == payment) {
			pages = append(pages, page)
		}
	}
	slices.SortFunc(pages, func(a, b *Payment) int { return b.created.Compare(a.created) })
	ids := make([]string, 0, len(pages))
	for _, page := range pages {
		id, _ := page.session["id"].(string)
		ids = append(ids, id)
	}
	p.page(w, r, "checkout.session", ids, func(at int) any { return view(pages[at]) })
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
		for _, page := range p.books.payments {
			if page.session["id"] == id {
				return view(page)
			}
		}
		return nil
	}, sessionExpansion)
}

func (p *Provider) listDisputes(w http.ResponseWriter, r *http.Request) {
	newest(p, w, r, "dispute", &p.books.disputes, func(one *Dispute) item { return item{one.ID, one.Payment, one.provider} }, p.disputeObject)
}

func (p *Provider) getIntent(w http.ResponseWriter, r *http.Request) {
	p.get(w, r, "payment_intent", func(id string) any {
		if page := p.books.payments[id]; page != nil && page.Provider == providerStripe && page.session["id"] != id {
			return p.intentObject(page)
		}
		return nil
	})
}

package console

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/refund"
	"makegood/shared/standing"
	"makegood/shared/statement"
)

// The bounds of the pages about customers.
const (
	nearPage      = 25  // how many customers one page of those near a limit looks at
	timelineMost  = 100 // rows of a statement, about
	timelineCases = 50
)

// customerStore is what the pages about customers read.
type customerStore interface {
	refund.Frequents
	statement.Store
}

// customerRoutes are those near a limit, and the page of one customer.
func (c Console) customerRoutes() []route {
	return []route{
		get("GET /console/customers", access.PermissionRead, c.nearLimits),
		get("GET /console/customers/{id}", access.PermissionRead, c.customer),
		post("POST /console/customers/{id}/standing", access.PermissionStanding, c.setStanding, c.customer),
	}
}

func customerPath(id string) string { return "/console/customers/" + url.PathEscape(id) }

// queryOf returns a query of names and values, which alternate.
func queryOf(words ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(words); i += 2 {
		values.Set(words[i], words[i+1])
	}
	return "?" + values.Encode()
}

// nearRow is a customer near a limit, with what is proposed.
type nearRow struct {
	api.NearLimits
	Path string
	// Over: past one of the limits.
	Over bool
	// Proposal is the path of a form that would restrict them, "" where nothing is proposed.
	Proposal string
}

// nearData is what the list's template reads.
type nearData struct {
	Rows []nearRow
	Next string
}

// nearCursor is where the list goes on.
type nearCursor struct {
	After string `json:"after"`
}

// nearLimits lists who is near a limit of the policy, or over it, with a proposal.
func (c Console) nearLimits(r request) (page, error) {
	var from nearCursor
	if err := api.DecodeCursor(r.URL.Query().Get("cursor"), &from); err != nil {
		return page{}, err
	}
	near, next, err := refund.ListNear(r.Context(), c.Store, c.Published.At(r.Now).Abuse, from.After, nearPage, r.Now)
	if err != nil {
		return page{}, fault.At("console: customers near limits", "", err)
	}
	var data nearData
	for _, one := range near {
		row := nearRow{NearLimits: view.NearLimits(one), Path: customerPath(string(one.Customer))}
		for _, limit := range one.Limits {
			row.Over = row.Over || limit.Over
		}
		// Whoever is past a limit and still good may do all: staff decide whether they shall.
		if row.Over && (one.Standing == ledger.StandingGood || one.Standing == "") {
			row.Proposal = row.Path + queryOf("standing", string(ledger.StandingRestricted)) + "#standing"
		}
		data.Rows = append(data.Rows, row)
	}
	if next != "" {
		data.Next = "/console/customers" + queryOf("cursor", api.EncodeCursor(nearCursor{next}))
	}
	return page{Template: "customers", Title: "Near a limit", Data: data}, nil
}

// timelineRow is one thing that happened: a movement, or a case.
type timelineRow struct {
	At time.Time
	// What says what it is, Note the words of whoever gave credits, By their name where it was one
	// of staff.
	What, Note, By string
	// Credits moved From To; 0 where none did.
	Credits  ledger.Credits
	From, To string
	// Case, Payment and Generation are what it is about, "" for none.
	Case, Payment, Generation string
}

// customerData is what the page of one customer reads.
type customerData struct {
	Customer string
	Balance  balance
	Standing api.CustomerStanding
	Rows     []timelineRow
	// Older is the path of what came before, "" for none.
	Older string
	// Proposed is the standing that the form begins with.
	Proposed string
	May      bool
}

// customer is the page of one customer: what they have, and what happened, in one column.
func (c Console) customer(r request) (page, error) {
	id, err := ledger.ParseCustomer(r.PathValue("id"))
	if err != nil {
		return page{}, fault.NotFound("customer")
	}
	data := customerData{Customer: string(id), May: r.Caller.May(access.PermissionStanding)}
	if data.Balance, err = c.balanceOf(r, id); err != nil {
		return page{}, err
	}
	current, err := c.Standings.Find(r.Context(), id)
	if err != nil {
		return page{}, fault.At("console: standing", id.Key(), err)
	}
	data.Standing = view.Standing(current)
	data.Proposed = cmp.Or(r.URL.Query().Get("standing"), string(data.Standing.Standing))
	return page{Template: "customer", Title: "Customer", Data: &data}, c.addTimeline(r, id, &data)
}

// addTimeline merges a page of the statement with the cases of its time, newest first.
func (c Console) addTimeline(r request, id ledger.CustomerID, data *customerData) error {
	var cursor statement.Cursor
	if err := api.DecodeCursor(r.URL.Query().Get("cursor"), &cursor); err != nil {
		return err
	}
	if err := cursor.Validate(id); err != nil {
		return err
	}
	next, err := statement.Read(r.Context(), c.Store, id, cursor, func(rows []statement.Row) bool {
		if len(data.Rows) >= timelineMost {
			return false
		}
		for _, row := range rows {
			data.Rows = append(data.Rows, timelineRow{
				At: row.At, What: plain(row.Reason), Note: row.Note, By: row.By, Credits: row.Amount, From: string(row.From), To: string(row.To),
				Case: row.Case, Payment: row.Payment, Generation: row.Generation,
			})
		}
		return true
	})
	if err != nil {
		return fault.At("console: statement", id.Key(), err)
	}
	var oldest time.Time
	if next != nil {
		data.Older = customerPath(string(id)) + queryOf("cursor", api.EncodeCursor(next))
		oldest = data.Rows[len(data.Rows)-1].At
	}
	// The newest cases stand on the first page, as far back as its movements.
	if r.URL.Query().Get("cursor") == "" {
		cases, _, err := c.Store.ListCases(r.Context(), id, nil, timelineCases)
		if err != nil {
			return fault.At("console: cases", id.Key(), err)
		}
		for _, one := range cases {
			if !one.OpenedAt.Before(oldest) {
				data.Rows = append(data.Rows, timelineRow{At: one.OpenedAt, What: "case of " + plain(one.Kind) + ": " + plain(one.State), Case: string(one.ID)})
			}
		}
		slices.SortStableFunc(data.Rows, func(a, b timelineRow) int { return b.At.Compare(a.At) })
	}
	return nil
}

// setStanding changes what a customer may do, and lets them be notified.
func (c Console) setStanding(r request) (string, error) {
	id, err := ledger.ParseCustomer(r.PathValue("id"))
	if err != nil {
		return "", fault.NotFound("customer")
	}
	_, err = c.Standings.Set(r.Context(), id, standing.Change{
		Standing: ledger.Standing(r.PostForm.Get("standing")), Note: r.PostForm.Get("note"), By: r.Caller.Name,
	}, r.Now)
	return customerPath(string(id)) + "#standing", fault.At("console: set standing", id.Key(), err)
}

package console

import (
	"context"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/search"
	"makegood/shared/todo"
)

// stuckPage is how many stuck items a page lists.
const stuckPage = 100

// stuckStore is what the desk of stuck items reads and lets be due again.
type stuckStore interface {
	due.Retries
	// Stuck returns at most limit of the items that were given up, the longest stuck first, and
	// where to go on, nil at the end.
	Stuck(ctx context.Context, after *due.Position, limit int) ([]due.Item, *due.Position, error)
}

// stuckRoutes are the desk of what the sweep gave up.
func (c Console) stuckRoutes() []route {
	return []route{
		get("GET /console/stuck", access.PermissionRead, c.stuck),
		post("POST /console/stuck", access.PermissionRetry, c.retry, c.stuck),
	}
}

// stuckRow is a stuck item, with the page of what it is, "" where it has none.
type stuckRow struct {
	api.StuckItem
	Path string
	// Retried: a person may let it be due again. A wallet is due as it is.
	Retried bool
}

// stuckData is what the desk's template reads.
type stuckData struct {
	Rows []stuckRow
	// Next is the path of the page behind this one, "" for none; Done what was just retried.
	Next, Done string
	May        bool
}

// stuck lists what the sweep gave up, the longest stuck first.
func (c Console) stuck(r request) (page, error) {
	var after *due.Position
	if err := api.DecodeCursor(r.URL.Query().Get("cursor"), &after); err != nil {
		return page{}, err
	}
	items, next, err := c.Store.Stuck(r.Context(), after, stuckPage)
	if err != nil {
		return page{}, fault.At("console: stuck items", "", err)
	}
	data := stuckData{May: r.Caller.May(access.PermissionRetry), Done: r.URL.Query().Get("done")}
	for _, item := range items {
		row := stuckRow{StuckItem: view.Stuck(item), Retried: item.Kind != todo.KindWallet}
		if kind := search.Kind(item.Kind); kind == search.KindCase || kind == search.KindGeneration || kind == search.KindPayment || kind == search.KindOutage {
			row.Path = hitPath(search.Hit{Kind: kind, ID: row.ID})
		} else if item.Customer != "" {
			row.Path = customerPath(string(item.Customer))
		}
		data.Rows = append(data.Rows, row)
	}
	if next != nil {
		data.Next = "/console/stuck?cursor=" + api.EncodeCursor(next)
	}
	return page{Template: "stuck", Title: "Stuck", Data: data}, nil
}

// retry lets an item be due again: the next sweep sends what it owes.
func (c Console) retry(r request) (string, error) {
	key, err := view.StuckKey(todo.Kind(r.PostForm.Get("kind")), r.PostForm.Get("id"))
	if err != nil {
		return "", err
	}
	if _, err := due.Retry(r.Context(), c.Store, key, r.Caller.Name); err != nil {
		return "", fault.At("console: retry", r.PostForm.Get("id"), err)
	}
	return "/console/stuck" + queryOf("done", r.PostForm.Get("id")), nil
}

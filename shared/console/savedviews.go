package console

import (
	"net/url"
	"strings"

	"makegood/shared/access"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// savedViewRoutes are the views of the review queue that a person saves. A form is sent with the
// filter that it is about in its URL, as the queue's own are.
func (c Console) savedViewRoutes() []route {
	return []route{
		post("POST /console/cases/views", access.PermissionRead, c.saveView, c.queue),
		post("POST /console/cases/views/remove", access.PermissionRead, c.removeView, c.queue),
	}
}

// saveView saves the filter of the URL under the name of the form. A view is of no customer and of
// no page: it outlives both.
func (c Console) saveView(r request) (string, error) {
	filter, err := filterOf(r.URL.Query(), r.Caller.Name)
	if err != nil {
		return "", err
	}
	filter.Customer, filter.Page = "", 1
	query := filter.Query()
	err = refund.SaveView(r.Context(), c.Store, r.Caller.Name, refund.SavedView{
		Name: r.PostForm.Get("name"), Filter: strings.TrimPrefix(query, "?"),
	})
	return "/console/cases" + query, fault.At("console: save view", "", err)
}

// removeView removes the person's view of that name.
func (c Console) removeView(r request) (string, error) {
	err := refund.RemoveView(r.Context(), c.Store, r.Caller.Name, r.PostForm.Get("name"))
	return "/console/cases", fault.At("console: remove view", "", err)
}

// savedFilters returns the person's views as filters. One that no longer means anything is left
// out.
func (c Console) savedFilters(r request) ([]namedFilter, error) {
	saved, err := c.Store.FindViews(r.Context(), r.Caller.Name)
	if err != nil {
		return nil, fault.At("console: saved views", "", err)
	}
	var named []namedFilter
	for _, view := range saved {
		query, err := url.ParseQuery(view.Filter)
		if err != nil {
			continue
		}
		if filter, err := filterOf(query, r.Caller.Name); err == nil {
			named = append(named, namedFilter{title: view.Name, filter: filter, own: true})
		}
	}
	return named, nil
}

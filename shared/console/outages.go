package console

import (
	"crypto/rand"
	"net/url"
	"strings"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/outage"
)

// outagePage is how many outages a page lists.
const outagePage = 50

// outageRoutes are the desk of outages.
func (c Console) outageRoutes() []route {
	return []route{
		get("GET /console/outages", access.PermissionRead, c.outages),
		post("POST /console/outages", access.PermissionOutage, c.declare, c.outages),
		get("GET /console/outages/{id}", access.PermissionRead, c.outage),
		post("POST /console/outages/{id}/run", access.PermissionOutage, c.runOutage, c.outage),
		post("POST /console/outages/{id}/withdraw", access.PermissionOutage, c.withdrawOutage, c.outage),
	}
}

// outageRow is an outage with its page.
type outageRow struct {
	api.Outage
	Path string
}

// outagesData is what the list's template reads.
type outagesData struct {
	Rows []outageRow
	Next string
	// Key tells this form from another: sent twice, it declares once.
	Key string
	May bool
}

func outagePath(id outage.ID) string { return "/console/outages/" + url.PathEscape(string(id)) }

// outages lists every outage, the latest declared first, and takes a new one.
func (c Console) outages(r request) (page, error) {
	var after *outage.Position
	if err := api.DecodeCursor(r.URL.Query().Get("cursor"), &after); err != nil {
		return page{}, err
	}
	all, more, err := c.Outages.Store.ListOutages(r.Context(), after, outagePage)
	if err != nil {
		return page{}, fault.At("console: outages", "", err)
	}
	data := outagesData{Key: rand.Text(), May: r.Caller.May(access.PermissionOutage)}
	for _, one := range all {
		data.Rows = append(data.Rows, outageRow{view.Outage(one), outagePath(one.ID)})
	}
	if more && len(all) > 0 {
		data.Next = "/console/outages" + queryOf("cursor", api.EncodeCursor(all[len(all)-1].Position()))
	}
	return page{Template: "outages", Title: "Outages", Data: data}, nil
}

// formInstant is how a browser writes an instant of a form; ours are UTC.
const formInstant = "2006-01-02T15:04"

// declare declares the outage of the form, and goes to what it would give.
func (c Console) declare(r request) (string, error) {
	form := r.PostForm
	startedAt, err := time.Parse(formInstant, form.Get("started_at"))
	if err != nil {
		return "", fault.Invalid("started_at", "must be a date and a time (UTC)")
	}
	var endedAt *time.Time
	if words := form.Get("ended_at"); words != "" {
		end, err := time.Parse(formInstant, words)
		if err != nil {
			return "", fault.Invalid("ended_at", "must be a date and a time (UTC), or nothing while it goes on")
		}
		endedAt = &end
	}
	features := strings.FieldsFunc(form.Get("features"), func(r rune) bool { return r == ',' || r == ' ' })
	declared, _, err := c.Outages.Declare(r.Context(), outage.Declaration{
		StartedAt: startedAt, EndedAt: endedAt, Features: features, PreventedUse: form.Get("prevented_use") == "yes", Confirm: form.Get("confirm") == "yes",
		By: r.Caller.Name, Principal: r.Caller.Principal(), Key: form.Get("key"),
	}, r.Now)
	return outagePath(declared.ID), err
}

// outageData is what the page of one outage reads.
type outageData struct {
	api.Outage
	May bool
}

// outage is the page of one outage: what it would give, and how far its run is.
func (c Console) outage(r request) (page, error) {
	id, err := outage.ParseID(r.PathValue("id"))
	if err != nil {
		return page{}, err
	}
	found, err := outage.Find(r.Context(), c.Outages.Store, id)
	return page{Template: "outage", Title: "Outage", Data: outageData{view.Outage(found), r.Caller.May(access.PermissionOutage)}}, err
}

// runOutage begins to make the outage good, by an offer unless the form says how to give.
func (c Console) runOutage(r request) (string, error) {
	id, err := outage.ParseID(r.PathValue("id"))
	if err != nil {
		return "", err
	}
	_, _, err = c.Runs.Start(r.Context(), id, outage.Give(r.PostForm.Get("give")), r.Caller.Name, r.Now)
	return outagePath(id), err
}

// withdrawOutage takes the declaration back; it stays on record.
func (c Console) withdrawOutage(r request) (string, error) {
	id, err := outage.ParseID(r.PathValue("id"))
	if err != nil {
		return "", err
	}
	_, err = c.Outages.Withdraw(r.Context(), id, r.Caller.Name, r.Now)
	return outagePath(id), err
}

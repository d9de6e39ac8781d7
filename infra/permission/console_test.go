package permission_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/access"
	"makegood/shared/console"
)

// isJudgedInTheConsole reports a picture; staff rule on it on the console's pages, and take that
// back.
func (c *caller) isJudgedInTheConsole(customer string) {
	c.t.Helper()
	c.posts("/v1/grants", fmt.Sprintf(`{"customer":%q,"credits":50,"source":"promotion"}`, customer), http.StatusCreated)
	id := c.starts(customer, 1)
	c.ends(id, `{"status":"succeeded","outputs":[{"url":"https://images.example/1.png"}]}`, "captured")
	opened := c.posts("/v1/reports", fmt.Sprintf(`{"generation":%q,"description":"three hands"}`, id), http.StatusAccepted)["case"].(string)
	c.decidesOn(opened, "in_review")
	page := "/console/cases/" + opened
	require.Contains(c.t, c.opens("/console/cases"), page)
	require.Contains(c.t, c.opens(page), "three hands")
	// What is ruled here waits half a minute for second thoughts; by the API it is carried out at
	// once.
	key := url.Values{"outcome": {"approved"}, "key": {"permission-" + customer}}
	c.sends(page+"/rule", key)
	require.Contains(c.t, c.opens("/console/cases?done="+opened+"&key="+key.Get("key")), "Take it back")
	c.sends(page+"/take-back", key)
	byAPI := "/v1/cases/" + opened
	c.asStaff(http.MethodPut, byAPI+"/assignment", "", http.StatusOK)
	c.asStaff(http.MethodDelete, byAPI+"/assignment", "", http.StatusOK)
	c.asStaff(http.MethodPost, byAPI+"/skips", `{"reason":"no rule for mirrored text"}`, http.StatusOK)
	c.asStaff(http.MethodPost, byAPI+"/preview", `{"outcome":"approved"}`, http.StatusOK)
	c.asStaff(http.MethodPost, byAPI+"/verdict", `{"outcome":"approved","note":"three"}`, http.StatusOK)
	c.decidesOn(opened, "approved")
	claimed := c.asksBack("abnormal_charge", customer, "pay_of_"+customer).(string)
	c.decidesOn(claimed, "in_review")
	require.Contains(c.t, c.opens("/console/cases/"+claimed), "names nothing of ours")
}

// opens reads a page of the console.
func (c *caller) opens(path string) string {
	c.t.Helper()
	return c.browses(http.MethodGet, path, "", http.StatusOK)
}

// sends a form of the console, and returns the path that it is answered with.
func (c *caller) sends(path string, fields url.Values) string {
	c.t.Helper()
	return c.browses(http.MethodPost, path, fields.Encode(), http.StatusSeeOther)
}

// browses asks the console as an admin who is signed in.
func (c *caller) browses(method, path, form string, want int) string {
	c.t.Helper()
	secrets := func(context.Context) ([]string, error) { return []string{local.SessionSecret}, nil }
	token, _, err := access.StaffSessions{Secrets: secrets}.Open(c.t.Context(), access.StaffSession{Name: "eve", Roles: access.StaffRoles()}, time.Now())
	require.NoError(c.t, err)
	request, err := http.NewRequestWithContext(c.t.Context(), method, c.stack.BaseURL+path, strings.NewReader(form))
	require.NoError(c.t, err)
	request.AddCookie(&http.Cookie{Name: console.SessionCookie, Value: token})
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Sec-Fetch-Site", "same-origin")
	response, err := http.DefaultTransport.RoundTrip(request) // no redirect is followed
	require.NoError(c.t, err)
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	require.NoError(c.t, err)
	require.Equal(c.t, want, response.StatusCode, "%s: %s", path, text)
	if location := response.Header.Get("Location"); location != "" {
		return location
	}
	return string(text)
}

// worksAtTheDesks has staff do by the console's pages what the API does elsewhere in the story: a
// payment that is parked is granted and another paid back, a standing is set, an outage declared
// and run, and each list is read.
func (c *caller) worksAtTheDesks(customer string) {
	c.t.Helper()
	for _, list := range []string{"/console/payments?list=repeated", "/console/payments?list=failed", "/console/payments?list=disputed", "/console/appeals", "/console/customers", "/console/stuck", "/console/outages"} {
		c.opens(list)
	}
	for id, action := range map[string]string{"pi_deskgrant" + customer: "grant", "pi_deskback" + customer: "refund"} {
		c.tells(c.session(customer, id, boughtMinor-1))
		require.Contains(c.t, c.opens("/console/payments/"+id), "Decide")
		waits := fmt.Sprint(c.gets("/v1/payments/" + id)["waits"])
		c.sends("/console/payments/"+id+"/resolve", url.Values{"action": {action}, "waits": {waits}, "note": {"seen"}, "key": {id}})
	}
	c.refundedAtLast("pi_deskback" + customer)
	require.Contains(c.t, c.opens("/console/payments/pi_deskgrant"+customer+"/evidence"), "fields are ready")
	c.sends("/console/customers/"+customer+"/standing", url.Values{"standing": {"restricted"}, "note": {"seen"}})
	require.Contains(c.t, c.opens("/console/customers/"+customer), "restricted, eve")
	c.gets("/v1/find?q=nobody@example.com")
	c.gets("/v1/insights?from=" + time.Now().UTC().Add(-48*time.Hour).Format(time.DateOnly))
	c.opens("/console/insights?from=" + time.Now().UTC().Add(-72*time.Hour).Format(time.DateOnly))
	c.opens("/console/insights/cases")
	draft, err := os.ReadFile("../../shared/policy/published/goopter/2026-02-13.yaml")
	require.NoError(c.t, err)
	simulation := c.sends("/console/simulations", url.Values{"draft": {strings.ReplaceAll(string(draft), "2026-02-13", "2099-01-01")}})
	require.Contains(c.t, c.opens(simulation), "recorded verdict is reproduced exactly")
	c.browses(http.MethodPost, "/console/find", url.Values{"q": {"nobody@example.com"}}.Encode(), http.StatusOK)
	// An hour in which nobody bought anything.
	c.sends("/console/outages", url.Values{
		"key": {"desk-" + customer}, "started_at": {time.Now().Add(-2000 * time.Hour).UTC().Format("2006-01-02T15:04")},
		"ended_at": {time.Now().Add(-1999 * time.Hour).UTC().Format("2006-01-02T15:04")}, "prevented_use": {"yes"}, "confirm": {"yes"},
	})
}

package permission_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// reportsAndIsHeard spends, reports what came, is told again, and has staff give the credits back.
func (c *caller) reportsAndIsHeard(customer string) {
	c.t.Helper()
	c.posts("/v1/grants", fmt.Sprintf(`{"customer":%q,"credits":50,"source":"promotion"}`, customer), http.StatusCreated)
	id := c.starts(customer, 1)
	c.ends(id, `{"status":"succeeded","outputs":[{"url":"https://images.example/1.png"}]}`, "captured")
	used := fmt.Sprintf(`{"output":0,"downloaded":true,"at":%q}`, time.Now().UTC().Format(time.RFC3339Nano))
	c.posts("/v1/generations/"+id+"/usage", used, http.StatusOK)
	proof := c.attaches(local.AppKey, customer, "application/pdf", "%PDF-1.7 and so on")
	report := fmt.Sprintf(`{"generation":%q,"description":"three hands","attachments":[%q]}`, id, proof)
	opened := c.posts("/v1/reports", report, http.StatusAccepted)["case"]
	c.decidesOn(opened, "in_review")
	require.Contains(c.t, c.opens("/console/cases/"+opened.(string)), "Download")
	c.owesSomethingOld("CasesTable", "notice", 0) // the customer was not told of it
	c.sweeps()
	waiting := c.asStaff(http.MethodGet, "/v1/cases?state=in_review", "", http.StatusOK)["cases"].([]any)
	require.NotEmpty(c.t, waiting)
	verdict := "/v1/cases/" + opened.(string) + "/verdict"
	c.asStaff(http.MethodPost, verdict, `{"outcome":"declined","note":"two, I think"}`, http.StatusOK)
	c.decidesOn(opened, "declined")
	c.posts("/v1/cases/"+opened.(string)+"/appeal", `{"words":"count again"}`, http.StatusAccepted)
	c.as(local.OperatorKey2, http.MethodPost, verdict, `{"outcome":"approved","note":"three indeed"}`, http.StatusOK)
	c.decidesOn(opened, "approved")
	c.becomes(id, "refunded")
	require.NotEmpty(c.t, c.gets("/v1/appeals")["clauses"])
	notices := c.as(local.AppKey, http.MethodGet, "/v1/customers/"+customer+"/notices", "", http.StatusOK)["notices"].([]any)
	require.NotEmpty(c.t, notices)
	c.posts("/v1/customers/"+customer+"/notices/read", fmt.Sprintf(`{"up_to":%q}`, notices[0].(map[string]any)["at"]), http.StatusOK)
}

// claimsAndIsHeard pays twice over for one thing; staff decline one claim, give credits for another
// and money for a third.
func (c *caller) claimsAndIsHeard(customer string) {
	c.t.Helper()
	own := c.posts("/v1/sessions", fmt.Sprintf(`{"customer":%q}`, customer), http.StatusCreated)["token"].(string)
	claim := func(kind, payment string) any {
		body := fmt.Sprintf(`{"kind":%q,"customer":%q,"payment":%q,"claim":{"email":"c@shop.example","paid_at":%q,`+
			`"amount":{"currency":"USD","minor":1000},"reason":"I paid twice","attachments":[%q]}}`, kind, customer, payment,
			time.Now().UTC().Format(time.RFC3339), c.attaches(own, customer, "image/png", "\x89PNG\r\n\x1a\n and so on"))
		opened := c.as(own, http.MethodPost, "/v1/refund-requests", body, http.StatusAccepted)["case"]
		c.decidesOn(opened, "in_review")
		return opened
	}
	for _, payment := range []string{"pay_first_", "pay_second_"} {
		c.event(fmt.Sprintf(`{"type":"payment.paid","data":{"payment":%q,"customer":%q,"package":"credits-100","amount":{"currency":"USD","minor":1000}}}`,
			payment+customer, customer))
	}
	rules := func(id any, ruling, state string) {
		c.asStaff(http.MethodPost, "/v1/cases/"+id.(string)+"/verdict", ruling, http.StatusOK)
		c.decidesOn(id, state)
	}
	rules(claim("duplicate_charge", "pay_second_"+customer), `{"outcome":"declined","note":"bought twice"}`, "declined")
	rules(claim("abnormal_charge", "pay_second_"+customer), `{"outcome":"approved","remedy":{"credits":5},"note":"to make peace"}`, "approved")
	rules(claim("outage", "pay_first_"+customer), `{"outcome":"approved","remedy":{"money":{"currency":"USD","minor":100}},"note":"a bad day"}`, "closed")
	claim("change_of_mind", "pay_of_nobody")
}

// attaches opens an attachment with that credential, uploads its bytes, and returns its id.
func (c *caller) attaches(credential, customer, mediaType, file string) string {
	c.t.Helper()
	opened := c.as(credential, http.MethodPost, "/v1/attachments", fmt.Sprintf(`{"customer":%q,"media_type":%q,"bytes":%d,"sha256":"%x"}`,
		customer, mediaType, len(file), sha256.Sum256([]byte(file))), http.StatusCreated)
	upload := opened["upload"].(map[string]any)
	request, err := http.NewRequestWithContext(c.t.Context(), upload["method"].(string), upload["url"].(string), strings.NewReader(file))
	require.NoError(c.t, err)
	for name, value := range upload["headers"].(map[string]any) {
		request.Header.Set(name, value.(string))
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(c.t, err)
	require.NoError(c.t, answer.Body.Close())
	require.Equal(c.t, http.StatusOK, answer.StatusCode)
	return opened["id"].(string)
}

// asksOften has three pictures given back, and staff look who does so.
func (c *caller) asksOften(customer string) {
	c.t.Helper()
	c.posts("/v1/grants", fmt.Sprintf(`{"customer":%q,"credits":50,"source":"promotion"}`, customer), http.StatusCreated)
	id := c.starts(customer, 3)
	c.ends(id, `{"status":"succeeded"}`, "captured")
	for output := range 3 {
		opened := c.posts("/v1/reports", fmt.Sprintf(`{"generation":%q,"output":%d,"description":"three hands"}`, id, output), http.StatusAccepted)["case"]
		c.decidesOn(opened, "in_review")
		c.asStaff(http.MethodPost, "/v1/cases/"+opened.(string)+"/verdict", `{"outcome":"approved","note":"three"}`, http.StatusOK)
		c.decidesOn(opened, "approved")
	}
	assert.Empty(c.t, c.gets("/v1/customers?near_limits")["customers"], "three of three are too few to tell")
}

// isRestricted sets a standing before the customer has any credits, and lifts it again when there
// are some.
func (c *caller) isRestricted(customer string) {
	c.t.Helper()
	at := "/v1/customers/" + customer + "/standing"
	c.asStaff(http.MethodPut, at, `{"standing":"restricted","note":"asks too often"}`, http.StatusOK)
	c.posts("/v1/grants", fmt.Sprintf(`{"customer":%q,"credits":50,"source":"promotion"}`, customer), http.StatusCreated)
	c.posts("/v1/generations", fmt.Sprintf(`{"customer":%q,"feature":"recolor","platform":"web"}`, customer), http.StatusForbidden)
	c.asStaff(http.MethodPut, at, `{"standing":"good","note":"explained"}`, http.StatusOK)
	shown := c.asStaff(http.MethodGet, at, "", http.StatusOK)
	assert.Equal(c.t, "good", shown["standing"])
	assert.Len(c.t, shown["history"], 2)
	c.starts(customer, 1)
}

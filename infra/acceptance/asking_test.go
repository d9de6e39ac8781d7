package acceptance_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// wrong is a request that must be refused: with the status, the code and the field.
type wrong struct {
	body   any
	status int
	code   string
	field  string
}

// another is an id of the same form that nobody has: id with another last letter.
func another(id string) string {
	last := "x"
	if strings.HasSuffix(id, last) {
		last = "y"
	}
	return id[:len(id)-1] + last
}

// refuses sends each wrong request and demands its refusal.
func refuses(t *testing.T, method, path, bearer string, all map[string]wrong) {
	t.Helper()
	for name, want := range all {
		got := ask(t, method, path, bearer, want.body, "Idempotency-Key", unique("key"))
		field, _ := got.body["field"].(string)
		assert.Equal(t, []any{want.status, want.code, want.field}, []any{got.status, got.body["code"], field}, "%s %s: %s: %v", method, path, name, got.body)
	}
}

func TestAWrongReportIsRefusedByName(t *testing.T) {
	alice := customer(t, 16)
	id, held, broken, other := picture(t, alice), start(t, alice), start(t, alice), unique("gen")
	failed(t, broken, failure("platform"))
	without := func(field string) object {
		body := complaint(id)
		delete(body, field)
		return body
	}
	refuses(t, "POST", "/v1/reports", local.AppKey, map[string]wrong{
		"no JSON":                {[]byte("nonsense"), 400, "invalid_request", "body"},
		"no generation":          {without("generation"), 400, "missing_fields", "generation"},
		"no description":         {without("description"), 400, "missing_fields", "description"},
		"a blank description":    {complaint(id, object{"description": " \n"}), 400, "missing_fields", "description"},
		"too many words":         {complaint(id, object{"description": strings.Repeat("é", 2001)}), 400, "invalid_request", "description"},
		"words that are none":    {complaint(id, object{"description": 7}), 400, "invalid_request", "description"},
		"an unknown field":       {complaint(id, object{"price": 0}), 400, "invalid_request", "price"},
		"an unknown use":         {complaint(id, object{"usage": object{"printed": true}}), 400, "invalid_request", "usage.printed"},
		"a use that is no truth": {complaint(id, object{"usage": object{"commercial_use": "yes"}}), 400, "invalid_request", "usage.commercial_use"},
		"an unknown issue":       {complaint(id, object{"issue": "ugly"}), 400, "invalid_request", "issue"},
		"the output before":      {complaint(id, object{"output": -1}), 400, "invalid_request", "output"},
		"no output of any":       {complaint(id, object{"output": 8}), 400, "invalid_request", "output"},
		"no output of this":      {complaint(id, object{"output": 1}), 400, "invalid_request", "output"},
		"half an output":         {complaint(id, object{"output": 0.5}), 400, "invalid_request", "output"},
		"no result yet":          {complaint(held), 409, "result_pending", ""},
		"never one of this":      {complaint(held, object{"output": 1}), 400, "invalid_request", "output"},
		"a failure":              {complaint(broken), 400, "invalid_request", "generation"},
		"no such generation":     {complaint(other), 404, "not_found", ""},
		"nor one of that id":     {complaint(another(id)), 404, "not_found", ""},
		"a body of 300 KiB":      {complaint(id, object{"description": strings.Repeat("a", 300<<10)}), 413, "too_large", "body"},
	})
	keyless := ask(t, "POST", "/v1/reports", local.AppKey, complaint(id))
	require.Equal(t, []any{400, "Idempotency-Key"}, []any{keyless.status, keyless.body["field"]})
	require.Empty(t, generation(t, id)["cases"], "nothing was opened")
}

func TestAWrongClaimIsRefusedByName(t *testing.T) {
	alice := unique("alice")
	good := claim("outage", alice, "pi_1")
	said := func(change object) object { return with(good, object{"claim": with(good["claim"].(object), change)}) }
	many := make([]string, 21)
	for i := range many {
		many[i] = "tx"
	}
	refuses(t, "POST", "/v1/refund-requests", local.AppKey, map[string]wrong{
		"an unknown kind":      {with(good, object{"kind": "bad_mood"}), 400, "invalid_request", "kind"},
		"a generation's kind":  {with(good, object{"kind": "bad_result"}), 400, "invalid_request", "kind"},
		"no customer's id":     {with(good, object{"customer": "a b"}), 400, "invalid_request", "customer"},
		"a blank payment":      {with(good, object{"payment": " "}), 400, "invalid_request", "payment"},
		"a long payment":       {with(good, object{"payment": strings.Repeat("p", 256)}), 400, "invalid_request", "payment"},
		"no email":             {said(object{"email": "alice"}), 400, "invalid_request", "claim.email"},
		"an email and a name":  {said(object{"email": "Alice <a@example.com>"}), 400, "invalid_request", "claim.email"},
		"no date":              {said(object{"paid_at": "yesterday"}), 400, "invalid_request", "claim.paid_at"},
		"a date ahead":         {said(object{"paid_at": "2999-01-01T00:00:00Z"}), 400, "invalid_request", "claim.paid_at"},
		"a date before all":    {said(object{"paid_at": "1999-12-31T00:00:00Z"}), 400, "invalid_request", "claim.paid_at"},
		"nothing paid":         {said(object{"amount": object{"currency": "USD", "minor": 0}}), 400, "invalid_request", "claim.amount.minor"},
		"less than nothing":    {said(object{"amount": object{"currency": "USD", "minor": -5}}), 400, "invalid_request", "claim.amount.minor"},
		"no currency":          {said(object{"amount": object{"currency": "us", "minor": 5}}), 400, "invalid_request", "claim.amount.currency"},
		"a broken amount":      {said(object{"amount": object{"currency": "USD", "minor": 5.5}}), 400, "invalid_request", "claim.amount.minor"},
		"too many words":       {said(object{"reason": strings.Repeat("a", 2001)}), 400, "invalid_request", "claim.reason"},
		"too many proofs":      {said(object{"transaction_ids": many}), 400, "invalid_request", "claim.transaction_ids"},
		"an empty proof":       {said(object{"attachments": []string{"https://files.example/a", ""}}), 400, "invalid_request", "claim.attachments[1]"},
		"an unknown field":     {said(object{"vip": true}), 400, "invalid_request", "claim.vip"},
		"a claim that is none": {with(good, object{"claim": "please"}), 400, "invalid_request", "claim"},
	})
	keyless := ask(t, "POST", "/v1/refund-requests", local.AppKey, good)
	require.Equal(t, []any{400, "Idempotency-Key"}, []any{keyless.status, keyless.body["field"]})
	require.Empty(t, asApp(t, "GET", "/v1/customers/"+alice+"/cases", nil, 200)["cases"], "nothing was opened")
}

func TestAWrongOrderOfStaffIsRefusedByName(t *testing.T) {
	alice := customer(t, 4)
	caseID := report(t, picture(t, alice))
	decided(t, caseID, "in_review", "R8")
	declined := object{"outcome": "declined", "note": "seen"}
	refuses(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, map[string]wrong{
		"nothing":              {object{}, 400, "missing_fields", "note"},
		"no note":              {object{"outcome": "approved"}, 400, "missing_fields", "note"},
		"a blank note":         {with(declined, object{"note": "\t"}), 400, "missing_fields", "note"},
		"too many words":       {with(declined, object{"note": strings.Repeat("a", 501)}), 400, "invalid_request", "note"},
		"an unknown outcome":   {with(declined, object{"outcome": "maybe"}), 400, "invalid_request", "outcome"},
		"review again":         {with(declined, object{"outcome": "in_review"}), 400, "invalid_request", "outcome"},
		"a gift to the sorry":  {with(declined, object{"remedy": object{"credits": 1}}), 400, "invalid_request", "remedy"},
		"an unknown remedy":    {with(declined, object{"remedy": object{"cake": 1}}), 400, "invalid_request", "remedy.cake"},
		"money without a name": {with(declined, object{"outcome": "approved", "remedy": object{"money": object{"currency": "", "minor": 5}}}), 400, "invalid_request", "remedy.money"},
	})
	refuses(t, "POST", "/v1/cases/cas_nobody/verdict", local.OperatorKey, map[string]wrong{"no such case": {declined, 404, "not_found", ""}})
	refuses(t, "POST", "/v1/cases/"+another(caseID)+"/verdict", local.OperatorKey, map[string]wrong{"no such case": {declined, 404, "not_found", ""}})
	keyless := ask(t, "POST", "/v1/cases/"+caseID+"/verdict", local.OperatorKey, declined)
	require.Equal(t, []any{400, "Idempotency-Key"}, []any{keyless.status, keyless.body["field"]})
	decided(t, caseID, "in_review", "R8")

	refuses(t, "PUT", "/v1/customers/"+alice+"/standing", local.OperatorKey, map[string]wrong{
		"nothing":             {object{}, 400, "missing_fields", "note"},
		"no note":             {object{"standing": "restricted"}, 400, "missing_fields", "note"},
		"an unknown standing": {object{"standing": "banned", "note": "bots"}, 400, "invalid_request", "standing"},
		"too many words":      {object{"standing": "restricted", "note": strings.Repeat("a", 501)}, 400, "invalid_request", "note"},
		"an unknown field":    {object{"standing": "restricted", "note": "bots", "until": now()}, 400, "invalid_request", "until"},
	})
	refuses(t, "PUT", "/v1/customers/a%20b/standing", local.OperatorKey, map[string]wrong{
		"no customer's id": {object{"standing": "restricted", "note": "bots"}, 404, "not_found", ""},
	})
	require.Equal(t, "good", asStaff(t, "GET", "/v1/customers/"+alice+"/standing", nil, 200)["standing"])
	for query, field := range map[string]string{"": "state", "?state=approved": "state", "?state=in_review&cursor=x": "cursor", "?state=in_review&cursor=e30": ""} {
		got := ask(t, "GET", "/v1/cases"+query, local.OperatorKey, nil)
		if field != "" {
			require.Equal(t, []any{400, "invalid_request", field}, []any{got.status, got.body["code"], got.body["field"]}, query)
		}
	}
}

func TestWhoMayAskAndWhoMayDecide(t *testing.T) {
	alice, mallory := customer(t, 8), customer(t, 8)
	id, second := picture(t, alice), picture(t, alice)
	hers, theirs := token(t, alice), token(t, mallory)

	foreign := ask(t, "POST", "/v1/reports", theirs, complaint(id), "Idempotency-Key", unique("key"))
	require.Equal(t, []any{404, "not_found"}, []any{foreign.status, foreign.body["code"]}, "as if it did not exist")
	require.Empty(t, generation(t, id)["cases"])
	own := ask(t, "POST", "/v1/reports", hers, complaint(id), "Idempotency-Key", unique("key"))
	require.Equal(t, 202, own.status)
	caseID := own.body["case"].(string)
	decided(t, caseID, "in_review", "R8")
	require.Equal(t, "customer", matter(t, caseID)["history"].([]any)[0].(object)["actor"])
	require.Equal(t, 202, ask(t, "POST", "/v1/reports", local.OperatorKey, complaint(second), "Idempotency-Key", unique("key")).status)

	of := claim("outage", alice, unique("pi"))
	require.Equal(t, 404, ask(t, "POST", "/v1/refund-requests", theirs, of, "Idempotency-Key", unique("key")).status)
	wrong := ask(t, "POST", "/v1/refund-requests", theirs, with(of, object{"kind": "bad_mood"}), "Idempotency-Key", unique("key"))
	require.Equal(t, []any{400, "kind"}, []any{wrong.status, wrong.body["field"]}, "fields come before existence")
	require.Equal(t, 202, ask(t, "POST", "/v1/refund-requests", hers, of, "Idempotency-Key", unique("key")).status)

	cases := ask(t, "GET", "/v1/customers/"+alice+"/cases", hers, nil)
	require.Len(t, cases.body["cases"], 3)
	require.Equal(t, 404, ask(t, "GET", "/v1/customers/"+alice+"/cases", theirs, nil).status)
	require.Equal(t, 404, ask(t, "GET", "/v1/cases/"+caseID, theirs, nil).status)

	for _, route := range [][2]string{
		{"GET", "/v1/cases?state=in_review"},
		{"POST", "/v1/cases/" + caseID + "/verdict"},
		{"GET", "/v1/customers/" + alice + "/standing"},
		{"PUT", "/v1/customers/" + alice + "/standing"},
	} {
		for name, bearer := range map[string]string{"the app": local.AppKey, "its customer": hers, "another": theirs} {
			var body any
			if route[0] != "GET" {
				body = object{}
			}
			got := ask(t, route[0], route[1], bearer, body, "Idempotency-Key", unique("key"))
			require.Equal(t, []any{403, "forbidden"}, []any{got.status, got.body["code"]}, "%v of %s", route, name)
		}
	}
	decided(t, caseID, "in_review", "R8")
}

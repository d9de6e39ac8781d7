package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/fault"
)

func post(body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
}

// refused returns what Decode says of a result's body.
func refused(t *testing.T, body string) *fault.Error {
	t.Helper()
	var result api.GenerationResult
	err := api.Decode(post(body), &result)
	known := &fault.Error{}
	require.ErrorAs(t, err, &known, body)
	return known
}

const done = `"status":"succeeded","finished_at":"2026-03-01T12:00:00Z"`

func TestABodyOfTheRightShapeIsRead(t *testing.T) {
	var result api.GenerationResult
	require.NoError(t, api.Decode(post(`
		{"status":"failed", "finished_at":"2026-03-01T14:00:00.5+02:00", "failure":{"cause":"platform","code":"oom","message":"😀 \ud83d\ude00"},
		 "outputs":[{"url":"https://x/1"},{"url":"https://x/2","sha256":"ab","media_type":"image/png"}], "input":{}, "failed_attempts":0}
	`), &result))
	assert.Equal(t, api.ResultStatusFailed, result.Status)
	assert.Equal(t, "😀 😀", *result.Failure.Message)
	assert.Equal(t, "2026-03-01T12:00:00.5Z", result.FinishedAt.UTC().Format("2006-01-02T15:04:05.999Z"))
	require.Len(t, *result.Outputs, 2)
	assert.Equal(t, "image/png", *(*result.Outputs)[1].MediaType)
	assert.Zero(t, *result.FailedAttempts)
}

func TestAbsentAndEmptyOutputsAreToldApart(t *testing.T) {
	var all, none api.GenerationResult
	require.NoError(t, api.Decode(post(`{`+done+`}`), &all))
	require.NoError(t, api.Decode(post(`{`+done+`,"outputs":[]}`), &none))
	assert.Nil(t, all.Outputs)
	require.NotNil(t, none.Outputs)
	assert.Empty(t, *none.Outputs)
}

func TestABadShapeIsRefusedWithACodeAndAField(t *testing.T) {
	deep := strings.Repeat(`[`, api.MaxDepth) + strings.Repeat(`]`, api.MaxDepth)
	for name, c := range map[string]struct{ body, field string }{
		"an unknown field":                {`{` + done + `,"price":1}`, "price"},
		"an unknown field in a list":      {`{` + done + `,"outputs":[{"url":"u"},{"url":"u","size":1}]}`, "outputs[1].size"},
		"an unknown field in an object":   {`{` + done + `,"input":{"href":"u"}}`, "input.href"},
		"a field in another case":         {`{` + done + `,"Outputs":[]}`, "Outputs"},
		"a field with a folding letter":   {`{` + done + `,"ſtatus":"failed"}`, "ſtatus"},
		"an empty name":                   {`{` + done + `,"":1}`, `""`},
		"a long name is cut":              {`{"` + strings.Repeat("é", 400) + `":1}`, strings.Repeat("é", 32) + "…"},
		"a key given twice":               {`{` + done + `,"status":"failed"}`, "status"},
		"a key given twice, once escaped": {`{` + done + `,"st\u0061tus":"failed"}`, "status"},
		"a key given twice in a list":     {`{` + done + `,"outputs":[{"url":"a","url":"b"}]}`, "outputs[0].url"},
		"a second object":                 {`{` + done + `}{}`, "body"},
		"text after the object":           {`{` + done + `} x`, "body"},
		"a comma at the end":              {`{` + done + `,}`, "body"},
		"half an object":                  {`{` + done, "body"},
		"a comment":                       {`{/*x*/` + done + `}`, "body"},
		"no quotes":                       {`{status:"failed"}`, "body"},
		"a byte order mark":               {"\ufeff{" + done + `}`, "body"},
		"not UTF-8":                       {"{\"status\":\"\xff\"}", "body"},
		"a surrogate cut short":           {"{\"status\":\"\xed\xa0\x80\"}", "body"},
		"half a pair of surrogates":       {`{"status":"\ud83d"}`, "body"},
		"half a pair and a letter":        {`{"status":"\ud83d\u0041"}`, "body"},
		"a control character":             {"{\"status\":\"a\nb\"}", "body"},
		"an array":                        {`[{` + done + `}]`, "body"},
		"a string":                        {`"x"`, "body"},
		"null":                            {`null`, "body"},
		"deep nesting":                    {`{"outputs":` + deep + `}`, "body"},
		"deeper nesting than Go's own":    {`{"a":` + strings.Repeat(`[`, 20000) + strings.Repeat(`]`, 20000) + `}`, "body"},
		"a number for a word":             {`{"status":1}`, "status"},
		"an object for a word":            {`{"status":{}}`, "status"},
		"null for a word":                 {`{"status":null}`, "status"},
		"null for what may be absent":     {`{` + done + `,"outputs":null}`, "outputs"},
		"null in a list":                  {`{` + done + `,"outputs":[null]}`, "outputs[0]"},
		"an object for a list":            {`{` + done + `,"outputs":{}}`, "outputs"},
		"a list for an object":            {`{` + done + `,"failure":[]}`, "failure"},
		"a word for an object":            {`{` + done + `,"input":"u"}`, "input"},
		"a number with a fraction":        {`{` + done + `,"failed_attempts":1.5}`, "failed_attempts"},
		"a whole number with a fraction":  {`{` + done + `,"failed_attempts":1.0}`, "failed_attempts"},
		"a number with an exponent":       {`{` + done + `,"failed_attempts":1e2}`, "failed_attempts"},
		"a number in quotes":              {`{` + done + `,"failed_attempts":"1"}`, "failed_attempts"},
		"a number past 64 bits":           {`{` + done + `,"failed_attempts":9223372036854775808}`, "failed_attempts"},
		"a day for an instant":            {`{"status":"failed","finished_at":"2026-03-01"}`, "finished_at"},
		"an instant without zone":         {`{"status":"failed","finished_at":"2026-03-01T12:00:00"}`, "finished_at"},
		"an instant that never was":       {`{"status":"failed","finished_at":"2026-02-30T12:00:00Z"}`, "finished_at"},
		"an instant in seconds":           {`{"status":"failed","finished_at":1772366400}`, "finished_at"},
		"an instant with a comma":         {`{"status":"failed","finished_at":"2026-03-01T12:00:00,5Z"}`, "finished_at"},
		"an instant of a day's offset":    {`{"status":"failed","finished_at":"2026-03-01T12:00:00+24:00"}`, "finished_at"},
		"the zero instant":                {`{"status":"failed","finished_at":"0001-01-01T00:00:00Z"}`, "finished_at"},
	} {
		t.Run(name, func(t *testing.T) {
			problem := refused(t, c.body)
			assert.Equal(t, fault.KindInvalid, problem.Kind)
			assert.Equal(t, fault.CodeInvalidRequest, problem.Code)
			assert.Equal(t, c.field, problem.Field)
			assert.NotEmpty(t, problem.Detail)
		})
	}
}

func TestABodyOverItsLimitIsTooLarge(t *testing.T) {
	full := `{` + done + `,"input":{"url":"` + strings.Repeat("x", api.MaxBody) + `"}}`
	for _, body := range []string{full, strings.Repeat(" ", 400_000), strings.Repeat("[", 400_000), full[:api.MaxBody+1]} {
		problem := refused(t, body)
		assert.Equal(t, fault.KindTooLarge, problem.Kind)
		assert.Equal(t, fault.CodeTooLarge, problem.Code)
		assert.Equal(t, "body", problem.Field)
	}
	padded := `{` + done + `}`
	padded += strings.Repeat(" ", api.MaxBody-len(padded))
	require.NoError(t, api.Decode(post(padded), &api.GenerationResult{}), "exactly the limit is allowed")
}

func TestEveryMissingFieldIsNamed(t *testing.T) {
	for body, want := range map[string][]string{
		``:                  {"finished_at", "status"},
		"  \n":              {"finished_at", "status"},
		`{}`:                {"finished_at", "status"},
		`{"failure":{}}`:    {"failure.cause", "failure.code", "finished_at", "status"},
		`{"outputs":[{}]}`:  {"outputs[0].url", "finished_at", "status"},
		`{"status":"soon"}`: {"finished_at"},
	} {
		problem := refused(t, body)
		assert.Equal(t, fault.CodeMissingFields, problem.Code, body)
		assert.Equal(t, want, problem.Fields, body)
		assert.Equal(t, want[0], problem.Field, body)
	}
}

func TestAnUnknownWordIsRefusedWhereItStands(t *testing.T) {
	for body, field := range map[string]string{
		`{"status":"soon","finished_at":"2026-03-01T12:00:00Z"}`:        "status",
		`{"status":"","finished_at":"2026-03-01T12:00:00Z"}`:            "status",
		`{"status":"Succeeded","finished_at":"2026-03-01T12:00:00Z"}`:   "status",
		`{` + done + `,"failure":{"cause":"x","code":"","message":""}}`: "failure.cause",
	} {
		problem := refused(t, body)
		assert.Equal(t, fault.CodeInvalidRequest, problem.Code, body)
		assert.Equal(t, field, problem.Field, body)
	}
}

func TestARequestWithoutABodyLacksItsFields(t *testing.T) {
	err := api.Decode(&http.Request{}, &api.OpenSession{})
	require.Error(t, err)
	assert.Equal(t, fault.CodeMissingFields, fault.CodeOf(err))
}

const claimed = `"kind":"not_credited","customer":"alice"`

func TestWhateverAClaimLacksIsNamedAtOnce(t *testing.T) {
	inAClaim := []string{"claim.amount", "claim.email", "claim.paid_at", "claim.reason"}
	for body, want := range map[string][]string{
		`{` + claimed + `,"claim":{}}`: inAClaim,
		`{` + claimed + `}`:            append([]string{"claim"}, inAClaim...),
		`{}`:                           append([]string{"claim", "customer", "kind"}, inAClaim...),
		`{"claim":{}}`:                 append([]string{"customer", "kind"}, inAClaim...),
		`{` + claimed + `,"claim":{"email":"","paid_at":" ","reason":" \t\n","amount":{}}}`: {
			"claim.amount.currency", "claim.amount.minor", "claim.email", "claim.paid_at", "claim.reason",
		},
		`{` + claimed + `,"claim":{"email":"\u2003","paid_at":"2026-03-01T12:00:00Z","reason":"x","amount":{"currency":"USD","minor":1}}}`:  {"claim.email"},
		`{"kind":"weather","customer":"","claim":{"email":"a@b.c","paid_at":"2026-03-01T12:00:00Z","amount":{"currency":"USD","minor":1}}}`: {"claim.reason"},
	} {
		var request api.RequestRefund
		known := &fault.Error{}
		require.ErrorAs(t, api.Decode(post(body), &request), &known, body)
		assert.Equal(t, fault.CodeMissingFields, known.Code, body)
		assert.ElementsMatch(t, want, known.Fields, body)
		assert.Equal(t, known.Fields[0], known.Field, body)
	}
}

func TestABlankInstantThatMayBeAbsentIsAMistake(t *testing.T) {
	known := &fault.Error{}
	require.ErrorAs(t, api.Decode(post(`{"expires_at":""}`), &api.GrantCredits{}), &known)
	assert.Equal(t, []string{fault.CodeInvalidRequest, "expires_at"}, []string{known.Code, known.Field})
}

func TestAClaimIsReadAsItIsWritten(t *testing.T) {
	var request api.RequestRefund
	require.NoError(t, api.Decode(post(`{`+claimed+`,"payment":"pi_1","claim":{"email":" a@b.c ","paid_at":"2026-03-01T12:00:00Z",
		"amount":{"currency":"USD","minor":500},"reason":"Paid, and nothing came.","transaction_ids":["ch_1"]}}`), &request))
	assert.Equal(t, api.ClaimKindNotCredited, request.Kind)
	assert.Equal(t, api.RequiredText(" a@b.c "), request.Claim.Email, "what was said is not mended")
	assert.Equal(t, int64(500), request.Claim.Amount.Minor)
	assert.Equal(t, []string{"ch_1"}, request.Claim.TransactionIds)
	assert.Nil(t, request.Claim.Attachments)
}

func TestAClaimIsAboutAPurchase(t *testing.T) {
	claim := `"claim":{"email":"a@b.c","paid_at":"2026-03-01T12:00:00Z","reason":"x","amount":{"currency":"USD","minor":1}}}`
	for _, kind := range []string{"bad_result", "technical_failure", "weather", "", "Outage"} {
		known := &fault.Error{}
		require.ErrorAs(t, api.Decode(post(`{"customer":"alice","kind":"`+kind+`",`+claim), &api.RequestRefund{}), &known, kind)
		assert.Equal(t, fault.CodeInvalidRequest, known.Code, kind)
		assert.Equal(t, "kind", known.Field, kind)
	}
}

func TestABadShapeWithinAClaimIsNamedByItsPlace(t *testing.T) {
	for body, field := range map[string]string{
		`{"claim":{"amount":{"currency":"USD","minor":1,"scale":2}}}`: "claim.amount.scale",
		`{"claim":{"amount":{"currency":"USD","minor":1.5}}}`:         "claim.amount.minor",
		`{"claim":{"amount":500}}`:                                    "claim.amount",
		`{"claim":{"amount":{"currency":"USD","currency":"EUR"}}}`:    "claim.amount.currency",
		`{"claim":{"phone":"1"}}`:                                     "claim.phone",
		`{"claim":{"email":7}}`:                                       "claim.email",
		`{"claim":{"email":null}}`:                                    "claim.email",
		`{"claim":{"paid_at":"1 March"}}`:                             "claim.paid_at",
		`{"claim":{"attachments":"https://x/1"}}`:                     "claim.attachments",
		`{"claim":{"transaction_ids":["a",2]}}`:                       "claim.transaction_ids[1]",
		`{"claim":[]}`:                                                "claim",
		`{"claim":null}`:                                              "claim",
		`{"price":1}`:                                                 "price",
		`{"kind":"outage","kind":"outage"}`:                           "kind",
	} {
		known := &fault.Error{}
		require.ErrorAs(t, api.Decode(post(body), &api.RequestRefund{}), &known, body)
		assert.Equal(t, fault.CodeInvalidRequest, known.Code, body)
		assert.Equal(t, field, known.Field, body)
	}
}

func TestAnInstantMayBeWrittenInLowerCaseAndWithEscapes(t *testing.T) {
	for _, written := range []string{
		`"2026-03-01T12:00:00Z"`, `"2026-03-01t12:00:00z"`, `"2026-03-01\u005412:00:00\u007a"`, `"2026-03-01t13:00:00+01:00"`,
	} {
		var result api.GenerationResult
		body := `{ "finished_at" :  ` + written + ` ,"status":"failed","failure":{"cause":"platform","code":"tz"}}`
		require.NoError(t, api.Decode(post(body), &result), written)
		assert.Equal(t, "2026-03-01T12:00:00Z", result.FinishedAt.UTC().Format(time.RFC3339), written)
		assert.Equal(t, "tz", result.Failure.Code, "only the instant is put otherwise")
	}
}

func TestWhatNobodySeesIsMissing(t *testing.T) {
	for _, blank := range []string{"\u200b", "\ufeff", "\u3164", "\u2800", " \u200d\n"} {
		known := &fault.Error{}
		require.ErrorAs(t, api.Decode(post(`{"generation":"gen_1","description":"`+strings.ReplaceAll(blank, "\n", `\n`)+`"}`), &api.ReportBadResult{}), &known)
		assert.Equal(t, []string{fault.CodeMissingFields, "description"}, []string{known.Code, known.Field}, "%+q", blank)
	}
}

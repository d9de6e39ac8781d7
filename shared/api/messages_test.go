package api_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/message"
	"makegood/shared/money"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

const (
	aGeneration = "gen_aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb"
	aCase       = "cas_aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb"
	anOutage    = "out_aaaaaaaaaaaaaaaaaaaa"
	anOffer     = "off_aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb"
)

func schemaOf(t *testing.T, messageType string) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile("messages/" + messageType + ".v1.schema.json")
	require.NoError(t, err)
	return schema
}

func validate(t *testing.T, messageType, body string) error {
	t.Helper()
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(body))
	if err != nil {
		return err
	}
	return schemaOf(t, messageType).Validate(value)
}

func TestANoticeIsWhatItsSchemaSays(t *testing.T) {
	post := notice.Posted{
		Type: refund.MessageDecided, Timestamp: "2026-03-01T12:00:00.000Z",
		Data: notice.Data{
			Case: aCase, Kind: policy.KindBadResult, Customer: "alice", Generation: aGeneration, Payment: "pi_1", Outcome: policy.OutcomeApproved,
			Clause: "R8", Reason: "It is no good.", Notice: "refunded", Words: "Your credits are back.",
			Remedy: policy.InCredits(4),
		},
	}
	says := func(change func(*notice.Posted)) error {
		changed := post
		change(&changed)
		text, err := json.Marshal(changed)
		require.NoError(t, err)
		return validate(t, "notice", string(text))
	}
	for _, kind := range []refund.MessageType{refund.MessageDecided, refund.MessagePaid, refund.MessageFailed} {
		assert.NoError(t, says(func(p *notice.Posted) { p.Type = kind }))
	}
	assert.NoError(t, says(func(p *notice.Posted) {
		p.Type, p.Data.Outcome, p.Data.Remedy, p.Data.Generation, p.Data.Payment = refund.MessageReceived, policy.OutcomeInReview, nil, "", ""
	}))
	assert.Error(t, says(func(p *notice.Posted) { p.Type = refund.MessageReceived }), "a person will look at what is decided")
	assert.Error(t, says(func(p *notice.Posted) { p.Type = "refund.forgotten" }))
	assert.Error(t, says(func(p *notice.Posted) { p.Timestamp = "2026-03-01T12:00:00Z" }))
	assert.Error(t, says(func(p *notice.Posted) { p.Data.Remedy = policy.RemedyOf(0, nil, policy.ToBalance) }))
	assert.Error(t, says(func(p *notice.Posted) { p.Data.Clause = "" }))
}

func TestANoticeOfAGenerationIsWhatItsSchemaSays(t *testing.T) {
	post := notice.PartialPosted{
		Type: notice.TypePartial, Timestamp: "2026-03-01T12:00:00.000Z",
		Data: notice.PartialData{
			Generation: aGeneration, Customer: "alice", Reference: "job-17", Outputs: 4, Came: 1, Charged: 4, Released: 12, Words: "1 of 4 results came.",
		},
	}
	says := func(change func(*notice.PartialPosted)) error {
		changed := post
		change(&changed)
		text, err := json.Marshal(changed)
		require.NoError(t, err)
		return validate(t, "notice", string(text))
	}
	assert.NoError(t, says(func(*notice.PartialPosted) {}))
	assert.NoError(t, says(func(p *notice.PartialPosted) { p.Data.Reference = "" }))
	assert.Error(t, says(func(p *notice.PartialPosted) { p.Type = string(refund.MessageDecided) }), "a case has other data")
	assert.Error(t, says(func(p *notice.PartialPosted) { p.Data.Came = 8 }))
	assert.Error(t, says(func(p *notice.PartialPosted) { p.Data.Generation = aCase }))
	assert.Error(t, says(func(p *notice.PartialPosted) { p.Data.Words = "" }))
}

func TestANoticeOfAnOfferIsWhatItsSchemaSays(t *testing.T) {
	says := func(edit func(*notice.OfferPosted)) error {
		post := notice.OfferPosted{
			Type: notice.TypeOffered, Timestamp: "2026-03-01T12:00:00.000Z",
			Data: notice.OfferData{
				Offer: anOffer, Customer: "alice", Payment: "pi_1", Outage: anOutage, StartedAt: "2026-03-01T12:00:00.000Z",
				EndedAt: "2026-03-03T13:00:00.000Z", ClaimUntil: "2026-03-31T12:00:00.000Z", Words: "You can claim it.",
				Remedy: *policy.InMoney(money.Amount{Currency: "USD", Minor: 1}),
			},
		}
		edit(&post)
		text, err := json.Marshal(post)
		require.NoError(t, err)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
		require.NoError(t, err)
		return schemaOf(t, "notice").Validate(value)
	}
	require.NoError(t, says(func(*notice.OfferPosted) {}))
	require.NoError(t, says(func(p *notice.OfferPosted) { p.Data.EndedAt, p.Data.ClaimUntil = "", "" }))
	for name, spoil := range map[string]func(*notice.OfferPosted){
		"a case's type":      func(p *notice.OfferPosted) { p.Type = string(refund.MessageDecided) },
		"no offer":           func(p *notice.OfferPosted) { p.Data.Offer = aCase },
		"no outage":          func(p *notice.OfferPosted) { p.Data.Outage = "" },
		"no remedy":          func(p *notice.OfferPosted) { p.Data.Remedy = *policy.RemedyOf(0, nil, policy.ToBalance) },
		"no words":           func(p *notice.OfferPosted) { p.Data.Words = "" },
		"an end without day": func(p *notice.OfferPosted) { p.Data.EndedAt = "13:00" },
	} {
		assert.Error(t, says(spoil), name)
	}
}

func TestWhatWeSendIsWhatTheSchemasSay(t *testing.T) {
	attempts := 3
	result := message.GenerationFinished{
		Generation: aGeneration, Status: message.StatusSucceeded, FinishedAt: time.Date(2026, 3, 1, 12, 0, 0, 5e6, time.UTC),
		Outputs: []message.Output{{URL: "https://x/1", SHA256: "ab", MediaType: "image/png"}, {URL: "https://x/2"}}, Input: &message.Input{},
	}
	failed := message.GenerationFinished{
		Generation: aGeneration, Status: message.StatusFailed, FinishedAt: result.FinishedAt,
		Failure: &message.Failure{Cause: "platform", Code: "oom"}, FailedAttempts: &attempts,
	}
	checked := map[string]bool{}
	for _, c := range []struct {
		messageType string
		message     message.Message
	}{
		{message.TypeGenerationFinished, message.NewGenerationFinished(result)},
		{message.TypeGenerationFinished, message.NewGenerationFinished(failed)},
		{message.TypeGenerationPartial, message.NewGenerationPartial(aGeneration)},
		{message.TypeRefundRequested, message.NewTechnicalFailure(aGeneration, message.ReasonFailed)},
		{message.TypeRefundRequested, message.NewTechnicalFailure(aGeneration, message.ReasonOverdue)},
		{message.TypeRefundRequested, message.NewCaseRequested(aCase, aGeneration, "")},
		{message.TypeRefundRequested, message.NewCaseRequested(aCase, "", "pi_3Nq")},
		{message.TypeRefundRequested, message.NewCaseRequested(aCase, "", "")},
		{message.TypeRefundRequested, message.NewPaymentRequested("pi_3Nq")},
		{message.TypeRefundRequested, message.NewOutageRequested(anOutage, "pi_3Nq")},
		{message.TypeResultReported, message.NewResultReported(aCase, aGeneration)},
		{message.TypeResultReported, message.NewResultReported(aCase, "")},
		{message.TypeRefundDecided, message.NewRefundDecided(aCase)},
		{message.TypeOutageOffered, message.NewOutageOffered(anOffer)},
		{message.TypeStandingChanged, message.NewStandingChanged("std_aaaaaaaaaaaaaaaaaaaa_1772366400000")},
		{message.TypeAttachmentExpired, message.NewAttachmentExpired("att_aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb")},
		{message.TypePaymentUnsettled, message.NewPaymentUnsettled("pi_3Nq")},
		{message.TypeOutageStarted, message.NewOutageStarted(anOutage, 0)},
		{message.TypeOutageStarted, message.NewOutageStarted(anOutage, 3)},
		{message.TypeOutageChanged, message.NewOutageChanged(anOutage)},
		{message.TypeOutageChanged, message.OutageChanged{
			Header: message.Header{Type: message.TypeOutageChanged, Version: message.Version}, Outage: anOutage, Began: time.Unix(1, 0).UTC(),
			After: &message.Waiting{At: 1, Case: aCase},
		}},
	} {
		text, err := json.Marshal(c.message)
		require.NoError(t, err)
		assert.NoError(t, validate(t, c.messageType, string(text)), "%s", text)
		assert.Equal(t, c.messageType, c.message.Head().Type)
		checked[c.messageType] = true
	}
	for _, route := range message.Routes {
		assert.True(t, checked[route.Type], "%s travels on %s: hold one of it against its schema here", route.Type, route.Queue)
	}
}

func TestTheSchemasRefuseWhatReadersRefuse(t *testing.T) {
	finished := `{"type":"generation.finished","version":1,"generation":"` + aGeneration + `",`
	requested := `{"type":"refund.requested","version":1,`
	for name, c := range map[string]struct{ messageType, body string }{
		"another version":        {message.TypeRefundDecided, `{"type":"refund.decided","version":2,"case":"` + aCase + `"}`},
		"no generation":          {message.TypeGenerationPartial, `{"type":"generation.partial","version":1}`},
		"a case as generation":   {message.TypeGenerationPartial, `{"type":"generation.partial","version":1,"generation":"` + aCase + `"}`},
		"another type":           {message.TypeRefundDecided, `{"type":"refund.requested","version":1,"case":"` + aCase + `"}`},
		"no case":                {message.TypeRefundDecided, `{"type":"refund.decided","version":1}`},
		"no id of ours":          {message.TypeRefundDecided, `{"type":"refund.decided","version":1,"case":"cas_1"}`},
		"an unknown kind":        {message.TypeRefundRequested, requested + `"kind":"taste","generation":"` + aGeneration + `","reason":"failed"}`},
		"an unknown reason":      {message.TypeRefundRequested, requested + `"kind":"technical_failure","generation":"` + aGeneration + `","reason":"x"}`},
		"a report with no case":  {message.TypeRefundRequested, requested + `"kind":"bad_result","generation":"` + aGeneration + `"}`},
		"neither of the two":     {message.TypeRefundRequested, requested + `"generation":"` + aGeneration + `"}`},
		"both of the two":        {message.TypeRefundRequested, requested + `"case":"` + aCase + `","kind":"technical_failure","generation":"` + aGeneration + `","reason":"failed"}`},
		"a kind beside a case":   {message.TypeRefundRequested, requested + `"case":"` + aCase + `","kind":"technical_failure"}`},
		"a foreign case":         {message.TypeRefundRequested, requested + `"case":"case-7"}`},
		"a foreign generation":   {message.TypeRefundRequested, requested + `"case":"` + aCase + `","generation":"img-7"}`},
		"an outage of nobody":    {message.TypeRefundRequested, requested + `"kind":"outage","outage":"` + anOutage + `"}`},
		"no outage":              {message.TypeRefundRequested, requested + `"kind":"outage","payment":"pi_1"}`},
		"an outage without kind": {message.TypeRefundRequested, requested + `"outage":"` + anOutage + `","payment":"pi_1"}`},
		"an outage and a case":   {message.TypeRefundRequested, requested + `"kind":"outage","outage":"` + anOutage + `","payment":"pi_1","case":"` + aCase + `"}`},
		"another subject":        {message.TypeRefundRequested, requested + `"about":"payment_cases","case":"` + aCase + `"}`},
		"an unknown subject":     {message.TypeRefundRequested, requested + `"about":"weather","case":"` + aCase + `"}`},
		"a failed payment":       {message.TypeRefundRequested, requested + `"kind":"technical_failure","payment":"pi_1","reason":"failed"}`},
		"a payment with spaces":  {message.TypeRefundRequested, requested + `"payment":"pi 1"}`},
		"a reason of a payment":  {message.TypeRefundRequested, requested + `"payment":"pi_1","reason":"failed"}`},
		"no payment":             {message.TypePaymentUnsettled, `{"type":"payment.unsettled","version":1}`},
		"a payment's later word": {message.TypePaymentUnsettled, `{"type":"payment.unsettled","version":2,"payment":"pi_1"}`},
		"an empty payment":       {message.TypePaymentUnsettled, `{"type":"payment.unsettled","version":1,"payment":""}`},
		"no change":              {message.TypeStandingChanged, `{"type":"standing.changed","version":1}`},
		"no attachment":          {message.TypeAttachmentExpired, `{"type":"attachment.expired","version":1}`},
		"a case as attachment":   {message.TypeAttachmentExpired, `{"type":"attachment.expired","version":1,"attachment":"` + aCase + `"}`},
		"no offer":               {message.TypeOutageOffered, `{"type":"outage.offered","version":1}`},
		"a case as an offer":     {message.TypeOutageOffered, `{"type":"outage.offered","version":1,"offer":"` + aCase + `"}`},
		"a foreign outage":       {message.TypeOutageStarted, `{"type":"outage.started","version":1,"outage":"out_1"}`},
		"a foreign change":       {message.TypeOutageChanged, `{"type":"outage.changed","version":1,"outage":"out_1"}`},
		"after no case":          {message.TypeOutageChanged, `{"type":"outage.changed","version":1,"outage":"` + anOutage + `","after":{"at":1}}`},
		"a page before one":      {message.TypeOutageStarted, `{"type":"outage.started","version":1,"outage":"` + anOutage + `","page":0}`},
		"an outage's later word": {message.TypeOutageStarted, `{"type":"outage.started","version":2,"outage":"` + anOutage + `"}`},
		"a later version":        {message.TypeRefundRequested, `{"type":"refund.requested","version":2,"case":"` + aCase + `"}`},
		"no instant":             {message.TypeGenerationFinished, finished + `"status":"succeeded"}`},
		"a bad instant":          {message.TypeGenerationFinished, finished + `"status":"succeeded","finished_at":"noon"}`},
		"a failure unexplained":  {message.TypeGenerationFinished, finished + `"status":"failed","finished_at":"2026-03-01T12:00:00Z"}`},
		"a success that failed":  {message.TypeGenerationFinished, finished + `"status":"succeeded","finished_at":"2026-03-01T12:00:00Z","failure":{"cause":"input","code":"x"}}`},
		"an unknown cause":       {message.TypeGenerationFinished, finished + `"status":"failed","finished_at":"2026-03-01T12:00:00Z","failure":{"cause":"moon","code":"x"}}`},
		"a failure with outputs": {message.TypeGenerationFinished, finished + `"status":"failed","finished_at":"2026-03-01T12:00:00Z","failure":{"cause":"input","code":"x"},"outputs":[]}`},
		"no JSON":                {message.TypeGenerationFinished, `hello world`},
	} {
		assert.Error(t, validate(t, c.messageType, c.body), name)
	}
	later := `{"type":"refund.decided","version":1,"case":"` + aCase + `","added_later":true}`
	assert.NoError(t, validate(t, message.TypeRefundDecided, later), "fields are added within a version")
}

// Files of bad messages have "poison" in their name; every other message in events/ is as its
// schema says.
func TestTheMessagesInEventsAreAsTheSchemasSay(t *testing.T) {
	files, err := filepath.Glob("../../events/*/*.json")
	require.NoError(t, err)
	checked := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var batch struct {
			Records []struct {
				Body           string `json:"body"`
				EventSource    string `json:"eventSource"`
				EventSourceARN string `json:"eventSourceARN"`
			}
		}
		if strings.Contains(file, "poison") || !bytes.Contains(text, []byte(`"aws:sqs"`)) || json.Unmarshal(text, &batch) != nil {
			continue
		}
		for _, record := range batch.Records {
			queue := record.EventSourceARN[strings.LastIndex(record.EventSourceARN, ":")+1:]
			var header message.Header
			require.NoError(t, json.Unmarshal([]byte(record.Body), &header), file)
			route, _ := message.RouteOf(header.Type)
			require.Equal(t, route.Queue, queue, file)
			assert.NoError(t, validate(t, header.Type, record.Body), file)
			checked++
		}
	}
	assert.NotZero(t, checked)
}

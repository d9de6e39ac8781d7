package message_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/message"
)

var finishedAt = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestMessagesHaveTheirWireForm(t *testing.T) {
	attempts := 2
	for want, sent := range map[string]any{
		`{"type":"refund.requested","version":1,"about":"failed_generation","kind":"technical_failure","generation":"gen_1","reason":"overdue"}`: message.NewTechnicalFailure("gen_1", message.ReasonOverdue),
		`{"type":"refund.requested","version":1,"about":"case","case":"cas_1","generation":"gen_1"}`:                                             message.NewCaseRequested("cas_1", "gen_1", ""),
		`{"type":"refund.requested","version":1,"about":"case","case":"cas_1","payment":"pi_1"}`:                                                 message.NewCaseRequested("cas_1", "", "pi_1"),
		`{"type":"refund.requested","version":1,"about":"payment_cases","payment":"pi_1"}`:                                                       message.NewPaymentRequested("pi_1"),
		`{"type":"refund.requested","version":1,"about":"outage_payment","kind":"outage","payment":"pi_1","outage":"out_1"}`:                     message.NewOutageRequested("out_1", "pi_1"),
		`{"type":"payment.unsettled","version":1,"payment":"pi_1"}`:                                                                              message.NewPaymentUnsettled("pi_1"),
		`{"type":"outage.started","version":1,"outage":"out_1"}`:                                                                                 message.NewOutageStarted("out_1", 0),
		`{"type":"outage.changed","version":1,"outage":"out_1"}`:                                                                                 message.NewOutageChanged("out_1"),
		`{"type":"outage.changed","version":1,"outage":"out_1","began":"2026-03-01T12:00:00Z","after":{"at":1,"case":"cas_1"}}`: message.OutageChanged{
			Header: message.Header{Type: message.TypeOutageChanged, Version: message.Version}, Outage: "out_1", Began: finishedAt,
			After: &message.Waiting{At: 1, Case: "cas_1"},
		},
		`{"type":"refund.decided","version":1,"case":"cas_1"}`: message.NewRefundDecided("cas_1"),
		`{"type":"generation.finished","version":1,"generation":"gen_1","status":"failed","finished_at":"2026-03-01T12:00:00Z",
		  "failure":{"cause":"platform","code":"gpu_lost","message":"lost"},"failed_attempts":2}`: message.NewGenerationFinished(message.GenerationFinished{
			Generation: "gen_1", Status: message.StatusFailed, FinishedAt: finishedAt, FailedAttempts: &attempts,
			Failure: &message.Failure{Cause: "platform", Code: "gpu_lost", Message: "lost"},
		}),
	} {
		text, err := json.Marshal(sent)
		require.NoError(t, err)
		assert.JSONEq(t, want, string(text))
	}
}

// Messages of the older shape may wait on a queue, or in its dead-letter queue, for two weeks after
// a deployment.
func TestARequestForADecisionNamesItsSubjectInBothShapes(t *testing.T) {
	for shape, want := range map[string]message.About{
		`"about":"case","case":"cas_1"`: message.AboutCase,
		`"about":"failed_generation","kind":"technical_failure","generation":"gen_1","reason":"failed"`: message.AboutFailedGeneration,
		`"about":"outage_payment","kind":"outage","outage":"out_1","payment":"pi_1"`:                    message.AboutOutagePayment,
		`"about":"payment_cases","payment":"pi_1"`:                                                      message.AboutPaymentCases,
		`"case":"cas_1"`:                                                     message.AboutCase,
		`"case":"cas_1","payment":"pi_1"`:                                    message.AboutCase,
		`"case":"cas_1","generation":"gen_1"`:                                message.AboutCase,
		`"kind":"technical_failure","generation":"gen_1","reason":"overdue"`: message.AboutFailedGeneration,
		`"kind":"outage","outage":"out_1","payment":"pi_1"`:                  message.AboutOutagePayment,
		`"payment":"pi_1"`:                                                   message.AboutPaymentCases,
		`"about":"weather","case":"cas_1"`:                                   "",
		`"kind":"bad_weather","generation":"gen_1"`:                          "",
		`"kind":"bad_result","payment":"pi_1"`:                               "",
		`"generation":"gen_1"`:                                               "",
	} {
		var request message.RefundRequested
		require.NoError(t, json.Unmarshal([]byte(`{"type":"refund.requested","version":1,`+shape+`}`), &request), shape)
		assert.Equal(t, want, request.Subject(), shape)
	}
}

func TestNoOutputsAndUnsaidOutputsDiffer(t *testing.T) {
	for _, outputs := range [][]message.Output{nil, {}, {{URL: "https://images.example/1.png"}}} {
		text, err := json.Marshal(message.NewGenerationFinished(message.GenerationFinished{FinishedAt: time.Unix(0, 0), Outputs: outputs}))
		require.NoError(t, err)
		var read message.GenerationFinished
		require.NoError(t, json.Unmarshal(text, &read))
		assert.Equal(t, outputs, read.Outputs)
	}
}

func TestAnInstantOnTheQueueIsOneByRFC3339(t *testing.T) {
	for given, want := range map[string]string{
		`"2026-03-01t12:00:00.5z"`: "2026-03-01T12:00:00.5Z", `"2026-03-01T13:00:00+01:00"`: "2026-03-01T12:00:00Z",
	} {
		var read message.GenerationFinished
		require.NoError(t, json.Unmarshal([]byte(`{"type":"generation.finished","version":1,"generation":"gen_1","finished_at":`+given+`}`), &read), given)
		assert.Equal(t, want, read.FinishedAt.UTC().Format(time.RFC3339Nano))
		assert.Equal(t, "gen_1", read.Generation)
	}
	for _, given := range []string{`"2026-03-01T12:00:00,5Z"`, `"2026-03-01T12:00:00+24:00"`, `"0001-01-01T00:00:00Z"`, `"noon"`, `1`} {
		require.Error(t, json.Unmarshal([]byte(`{"finished_at":`+given+`}`), &message.GenerationFinished{}), given)
	}
	var none message.GenerationFinished
	require.NoError(t, json.Unmarshal([]byte(`{"status":"failed"}`), &none))
	assert.True(t, none.FinishedAt.IsZero())
}

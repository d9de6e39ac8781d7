package message_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/golden"
	"makegood/shared/message"
)

// filled returns the messages with every field that they may have.
func filled() map[string]any {
	return map[string]any{
		message.TypeGenerationFinished: new(golden.Fill[message.GenerationFinished]()),
		message.TypeGenerationPartial:  new(golden.Fill[message.GenerationPartial]()),
		message.TypeResultReported:     new(golden.Fill[message.ResultReported]()),
		message.TypeRefundRequested:    new(golden.Fill[message.RefundRequested]()),
		message.TypeRefundDecided:      new(golden.Fill[message.RefundDecided]()),
		message.TypePaymentUnsettled:   new(golden.Fill[message.PaymentUnsettled]()),
		message.TypeOutageStarted:      new(golden.Fill[message.OutageStarted]()),
		message.TypeOutageChanged:      new(golden.Fill[message.OutageChanged]()),
		message.TypeOutageOffered:      new(golden.Fill[message.OutageOffered]()),
		message.TypeStandingChanged:    new(golden.Fill[message.StandingChanged]()),
		message.TypeAttachmentExpired:  new(golden.Fill[message.AttachmentExpired]()),
	}
}

func TestEveryMessageIsAsItsGoldenBodyHasIt(t *testing.T) {
	golden.Equal(t, "testdata/filled.golden.json", filled())
}

func TestGoldenMessagesAreReadAsTheyWereSent(t *testing.T) {
	var bodies map[string]json.RawMessage
	golden.Read(t, "testdata/filled.golden.json", &bodies)
	for name, want := range filled() {
		read := reflect.New(reflect.TypeOf(want).Elem()).Interface()
		require.NoError(t, json.Unmarshal(bodies[name], read), name)
		require.Equal(t, want, read, name)
	}
}

// TestEachMessageIsSentAsItsGoldenBodyHasIt freezes what each constructor sends: one message may
// have several shapes.
func TestEachMessageIsSentAsItsGoldenBodyHasIt(t *testing.T) {
	golden.Equal(t, "testdata/sent.golden.json", map[string]any{
		"generation finished": message.NewGenerationFinished(message.GenerationFinished{Generation: "gen_1", Status: message.StatusSucceeded}),
		"no output came":      message.NewGenerationFinished(message.GenerationFinished{Generation: "gen_1", Outputs: []message.Output{}}),
		"generation partial":  message.NewGenerationPartial("gen_1"),
		"result reported":     message.NewResultReported("cas_1", "gen_1"),
		"result, by a sweep":  message.NewResultReported("cas_1", ""),
		"generation failed":   message.NewTechnicalFailure("gen_1", message.ReasonFailed),
		"generation overdue":  message.NewTechnicalFailure("gen_1", message.ReasonOverdue),
		"case":                message.NewCaseRequested("cas_1", "", ""),
		"case of generation":  message.NewCaseRequested("cas_1", "gen_1", ""),
		"case of payment":     message.NewCaseRequested("cas_1", "", "pi_1"),
		"cases of a payment":  message.NewPaymentRequested("pi_1"),
		"outage of payment":   message.NewOutageRequested("out_1", "pi_1"),
		"refund decided":      message.NewRefundDecided("cas_1"),
		"payment unsettled":   message.NewPaymentUnsettled("pi_1"),
		"outage started":      message.NewOutageStarted("out_1", 0),
		"outage page":         message.NewOutageStarted("out_1", 2),
		"outage changed":      message.NewOutageChanged("out_1"),
		"outage offered":      message.NewOutageOffered("off_1"),
		"standing changed":    message.NewStandingChanged("std_1"),
		"attachment expired":  message.NewAttachmentExpired("att_1"),
	})
}

// TestARequestOfTheOlderShapeIsReadAsTheOneOfToday holds the bodies that were sent before About
// existed against those of today: some may still wait on a queue when a new build reads it.
func TestARequestOfTheOlderShapeIsReadAsTheOneOfToday(t *testing.T) {
	var older, today map[string]message.RefundRequested
	golden.Read(t, "testdata/beforeabout.golden.json", &older)
	golden.Read(t, "testdata/sent.golden.json", &today)
	require.Len(t, older, 7)
	for name, request := range older {
		require.Empty(t, request.About, name)
		require.Equal(t, today[name].About, request.Subject(), name)
		request.About = request.Subject()
		require.Equal(t, today[name], request, name)
	}
}

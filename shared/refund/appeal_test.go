package refund_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/refund"
)

// drawer holds one case, and remembers the appeal that was recorded.
type drawer struct {
	found    *refund.Case
	recorded *refund.Case
	most     int
}

func (d *drawer) FindCase(context.Context, refund.CaseID) (*refund.Case, error) { return d.found, nil }

func (d *drawer) RecordAppeal(_ context.Context, _, after refund.Case, most int) error {
	d.recorded, d.most = &after, most
	return nil
}

func (*drawer) Request(context.Context, message.RefundRequested) error { return nil }

// appealable is unruled with appeals of a day from 2 March on.
func appealable() (refund.Policy, error) {
	first, err := policyfile.Parse("first.yaml", minimal)
	if err != nil {
		return nil, err
	}
	text := bytes.Replace(minimal, []byte("revision: 2026-03-01"), []byte("revision: 2026-03-02\nwindows: {appeal: 24h}"), 1)
	text = append(text, []byte("  appealed: {name: appealed, words: Received.}\n")...)
	second, err := policyfile.Parse("second.yaml", text)
	if err != nil {
		return nil, err
	}
	return policy.New(first, second)
}

// declinedUnder is a case opened and declined at noon, by the revision that the name gives.
func declinedUnder(ref policy.Ref) *drawer {
	return &drawer{found: &refund.Case{
		ID: "cas_1", Customer: "alice", State: refund.StateDeclined, OpenedAt: noon,
		Decision: &policy.Decision{Outcome: policy.OutcomeDeclined, Clause: "X2", Policy: ref},
		History: []refund.Event{
			{At: noon.Add(-time.Hour), State: refund.StateReceived, Actor: ledger.ActorApp},
			{At: noon, State: refund.StateDeclined, Actor: ledger.ActorStaff, By: "ann"},
			{At: noon.Add(time.Hour), State: refund.StateDeclined, Actor: ledger.ActorSystem, Note: "the money did not go back"},
		},
	}}
}

func TestTheRevisionThatDeclinedSaysUntilWhenItIsAppealed(t *testing.T) {
	published, err := appealable()
	require.NoError(t, err)
	with := published.At(noon.Add(48 * time.Hour)).Ref()
	without := published.At(noon.Add(-48 * time.Hour)).Ref()
	gone := with
	gone.Digest = "sha256:0"
	order := refund.AppealOrder{Words: "no", Principal: "app", Key: "k", Actor: ledger.ActorApp, By: "nobody of staff"}
	try := func(d *drawer, now time.Time) string {
		_, err := refund.Appealer{Store: d, Policy: published, Requests: d}.Appeal(t.Context(), "cas_1", order, now)
		if err != nil {
			return fault.CodeOf(err)
		}
		return "taken"
	}
	require.Equal(t, refund.CodeNoAppeal, try(declinedUnder(without), noon))
	require.Equal(t, refund.CodeNoAppeal, try(declinedUnder(gone), noon), "its file is gone, and that of the day takes none")
	require.Equal(t, refund.CodeAppealLate, try(declinedUnder(with), noon.Add(24*time.Hour+time.Millisecond)), "from its decline on, whatever was noted later")
	d := declinedUnder(with)
	require.Equal(t, "taken", try(d, noon.Add(24*time.Hour)))
	require.Equal(t, "ann", d.recorded.Appeal.Reviewer)
	require.Empty(t, d.recorded.History[3].By)
	require.Zero(t, d.most, "the app is trusted to know when it is enough")
	order.Actor = ledger.ActorCustomer
	require.Equal(t, "taken", try(d, noon))
	require.Equal(t, refund.MaxAppeals, d.most)
	require.Nil(t, d.found.Statement, "what was read is left alone")
}

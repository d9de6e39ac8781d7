package main

import (
	"context"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/stretchr/testify/require"

	"makegood/shared/memory"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// charged is the payment that the fixtures name: the second of two for one purchase.
const charged = payment.ID("pi_1PgafyB7WZ01zgkWSjxsAJo3")

// promised returns a world in which alice was charged twice and the policy gives the second charge
// back, and the handler over it.
func promised(t *testing.T) (*storetest.World, handler, refund.CaseID) {
	t.Helper()
	w := storetest.NewWorldOf(t, memory.New(), "goopter")
	w.Receives(w.Paid("pi_3NqFirst", "alice"))
	w.Pass(time.Minute)
	w.Receives(w.Paid(charged, "alice"))
	w.Pass(time.Minute)
	claimed := w.Claims(policy.KindDuplicateCharge, "alice", charged)
	w.Deliver()
	require.Equal(t, refund.StatePaying, w.CaseOf(claimed).State)
	w.WantAvailable("alice", 50)
	return w, over(w), claimed
}

// over returns the handler of a world.
func over(w *storetest.World) handler {
	return handler{
		settler: w.Payer(),
		now:     func() time.Time { return w.Now.Add(100 * time.Microsecond) },
	}
}

// invoke hands over a fixture and returns the last digits of the messages that failed.
func invoke(t *testing.T, h handler, fixture string) (failed string) {
	t.Helper()
	text, err := os.ReadFile("../../events/pay-refund/" + fixture + ".json")
	require.NoError(t, err)
	var batch events.SQSEvent
	require.NoError(t, json.Unmarshal(text, &batch))
	response, err := h.handle(context.Background(), batch)
	require.NoError(t, err)
	for _, failure := range response.BatchItemFailures {
		failed += failure.ItemIdentifier[len(failure.ItemIdentifier)-1:]
	}
	return failed
}

// wantPaid demands that the provider has given all of the charge back, by one refund for the case.
func wantPaid(t *testing.T, w *storetest.World, claimed refund.CaseID) {
	t.Helper()
	heard, err := w.Provider.Look(t.Context(), charged)
	require.NoError(t, err)
	var refunds []payment.Refund
	for _, facts := range heard {
		if facts.Refund != nil {
			refunds = append(refunds, *facts.Refund)
		}
	}
	require.Len(t, refunds, 1)
	require.Equal(t, []any{string(claimed), int64(500)}, []any{refunds[0].Case, refunds[0].Amount.Minor})
}

func TestWhatIsDueIsPaidOnceAndItsCaseIsAskedToFollow(t *testing.T) {
	w, h, claimed := promised(t)
	for range 3 {
		require.Empty(t, invoke(t, h, "unsettled"))
		wantPaid(t, w, claimed)
	}
	p := w.PaymentOf(charged)
	require.Equal(t, payment.ProgressPaid, p.Progress(string(claimed)))
	require.Equal(t, refund.StatePaying, w.CaseOf(claimed).State, "its case has not followed yet")
	w.Deliver()
	require.Equal(t, refund.StateClosed, w.CaseOf(claimed).State)
	w.WantAvailable("alice", 50)
	w.WantLaws("alice")
}

func TestTwoMessagesAboutOnePaymentPayOnce(t *testing.T) {
	w, h, claimed := promised(t)
	for range 3 {
		require.Less(t, len(invoke(t, h, "repeated")), 2, "one of the two gets through")
		wantPaid(t, w, claimed)
	}
	require.Empty(t, invoke(t, h, "repeated"))
}

func TestAPaymentThatTheProviderKeepsBusyGoesBackAloneAndIsPaidLater(t *testing.T) {
	w, h, claimed := promised(t)
	w.Provider.Has(storetest.FaultDrop)
	require.Equal(t, "1", invoke(t, h, "unsettled"))
	wantPaid(t, w, claimed) // it was done, and nobody knew
	require.Empty(t, invoke(t, h, "unsettled"))
	wantPaid(t, w, claimed)
	w.Deliver()
	require.Equal(t, refund.StateClosed, w.CaseOf(claimed).State)
}

func TestARefusedRefundIsGivenUpAndTheCreditsComeBackOnce(t *testing.T) {
	w, h, claimed := promised(t)
	w.Pass(time.Second)
	w.Provider.Has(storetest.FaultRefusal)
	for range 2 {
		require.Empty(t, invoke(t, h, "unsettled"))
		w.Deliver()
		require.True(t, w.CaseOf(claimed).Waiting())
		w.WantAvailable("alice", 100)
	}
	require.Equal(t, w.Now, w.PaymentOf(charged).MovedAt, "in whole milliseconds")
	w.WantLaws("alice")
}

func TestPoisonHurtsNoNeighbour(t *testing.T) {
	w, h, claimed := promised(t)
	// 2: no JSON, 3: a version we do not read, 4: another queue's, 5: nobody's payment, 6: no id of
	// one, 7: about none
	require.Equal(t, "234567", invoke(t, h, "poison"))
	wantPaid(t, w, claimed)
}

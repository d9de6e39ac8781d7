package payment_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/payment"
)

func TestWhatIsToldOfADisputeEndsTheSameInAnyOrder(t *testing.T) {
	statuses := []payment.DisputeStatus{payment.DisputeInquiryOpen, payment.DisputeInquiryReview, payment.DisputeOpen, payment.DisputeReview, payment.DisputeLost, payment.DisputeWon}
	told := rapid.Custom(func(t *rapid.T) payment.Facts {
		facts := disputed("dp_1", rapid.Int64Range(1, 3).Draw(t, "minor"), rapid.SampledFrom(statuses).Draw(t, "status"))
		facts.Dispute.Reason = rapid.SampledFrom([]string{"", "duplicate", "fraudulent"}).Draw(t, "reason")
		if days := rapid.IntRange(0, 3).Draw(t, "days"); days > 0 {
			facts.Dispute.DueBy = noon.Add(time.Duration(days) * 24 * time.Hour)
		}
		return facts
	})
	rapid.Check(t, func(r *rapid.T) {
		all := rapid.SliceOfN(told, 1, 5).Draw(r, "facts")
		first, other := newDesk(t), newDesk(t)
		first.hears(append([]payment.Facts{paid()}, all...)...)
		other.hears(append(rapid.Permutation(append(all, all...)).Draw(r, "another order"), paid())...)
		p, q := first.payment("pi_1"), other.payment("pi_1")
		require.Equal(r, p.Disputes, q.Disputes)
		for _, facts := range all {
			require.False(r, facts.Dispute.DueBy.After(p.Disputes["dp_1"].DueBy), "an answer is never due sooner than we were told last")
		}
		for _, queue := range payment.ReviewQueues() {
			at, in := p.PositionIn(queue)
			require.True(r, !in || at.Payment == "pi_1")
			require.False(r, in && queue == payment.ReviewQueueDisputed && !p.Disputes["dp_1"].Unanswered())
		}
	})
}

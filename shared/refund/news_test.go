package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
	"makegood/shared/refund"
)

func TestALineThatOnlyNotesSomethingIsNoNews(t *testing.T) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	inReview := policy.Decision{Outcome: policy.OutcomeInReview, Clause: "X3", Notice: "in_review"}
	another := policy.Decision{Outcome: policy.OutcomeInReview, Clause: "X2", Notice: "in_review"}
	c := refund.Case{
		Earlier:  []policy.Decision{inReview, another},
		Decision: &policy.Decision{Outcome: policy.OutcomeApproved, Notice: "refunded"},
	}
	for i, state := range []refund.State{
		refund.StateReceived, refund.StateInReview, refund.StateInReview, refund.StateInReview, refund.StatePaying, refund.StateClosed, refund.StateClosed,
	} {
		c.History = append(c.History, refund.Event{At: at.Add(time.Duration(i) * time.Minute), State: state})
	}
	var keys []string
	for _, news := range c.News() {
		keys = append(keys, news.Message.Key())
	}
	require.Equal(t, []string{"refund.received.in_review", "refund.decided.refunded", "refund.paid.refunded"}, keys)
	require.Equal(t, inReview, *c.News()[0].Case.Decision, "what was told first")
	require.Equal(t, at.Add(5*time.Minute), c.News()[2].At)
	require.Empty(t, refund.Case{History: c.History[:1]}.News(), "nothing is decided yet")
}

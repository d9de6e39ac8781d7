package storetest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/adjudication"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/refund"
)

// model is an adjudicator that is played: it has one opinion, or fails.
type model struct {
	opinion evidence.Opinion
	err     error
	claims  []adjudication.Claim
}

// Adjudicate implements assessment.Adjudicator.
func (m *model) Adjudicate(_ context.Context, claim adjudication.Claim, _ time.Time) (evidence.Opinion, error) {
	m.claims = append(m.claims, claim)
	return m.opinion, m.err
}

// assessesBy has the case looked at where the stack has that model.
func (w *World) assessesBy(m *model, id refund.CaseID) error {
	assessor := w.Assessor()
	assessor.Adjudicator = m
	return again(func() error { return assessor.Assess(w.ctx(), message.NewResultReported(string(id), ""), 1, w.Now) })
}

// opinionStories are about a model's opinion on what was seen.
var opinionStories = map[string]func(*testing.T, *World){
	"a model's support refunds an output under the cap, and its opinion is on the record": func(t *testing.T, w *World) {
		id := w.reported("alice", sharp)
		supports := &model{opinion: evidence.Opinion{
			Outcome: evidence.OpinionSupports, Sentence: "It is melted.", Model: "played", CostMicros: 48000,
			Passes: []evidence.Pass{{Order: "output", Supported: evidence.Yes}, {Order: "input", Supported: evidence.Yes}},
		}}
		require.NoError(t, w.assessesBy(supports, id))
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "R2")
		w.WantAvailable(w.Customer("alice"), 4)
		record := w.evidenceOf(id)
		require.Equal(t, supports.opinion, *record.Opinion)
		require.Equal(t, []any{evidence.VerdictUnusable, []evidence.Name{evidence.Adjudicated}}, []any{record.Verdict, record.Defects})
		require.Len(t, supports.claims, 1)
		require.Equal(t, []any{string(id), "recolor", w.CaseOf(id).Statement.Description}, []any{supports.claims[0].Case, supports.claims[0].Feature, supports.claims[0].Description})
		require.NotEmpty(t, supports.claims[0].Output)
		w.WantLaws(w.Customer("alice"))
	},
	"whatever else a model says leaves the case to a person": func(t *testing.T, w *World) {
		for _, outcome := range []evidence.OpinionOutcome{evidence.OpinionNothing, evidence.OpinionDisagrees, evidence.OpinionLate, evidence.OpinionBudget} {
			id := w.reported("alice-"+string(outcome), sharp)
			require.NoError(t, w.assessesBy(&model{opinion: adjudication.Without(outcome)}, id))
			w.Deliver()
			w.WantVerdict(id, refund.StateInReview, "R8")
			record := w.evidenceOf(id)
			require.Equal(t, []any{outcome, evidence.VerdictUnsure}, []any{record.Opinion.Outcome, record.Verdict})
			require.Empty(t, record.Defects)
		}
	},
	"no model is asked about what a signal decided, or what nobody could see": func(t *testing.T, w *World) {
		supports := &model{opinion: evidence.Opinion{Outcome: evidence.OpinionSupports}}
		require.NoError(t, w.assessesBy(supports, w.reported("alice", blank)))
		missing := w.reported("bob", nil)
		delete(w.Pictures, outputLink)
		require.NoError(t, w.assessesBy(supports, missing))
		require.Empty(t, supports.claims)
		require.Nil(t, w.evidenceOf(missing).Opinion)
	},
	"a model is not asked about an output that cost more than the cap": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 6)
		w.Pictures[outputLink] = sharp
		order := w.order(alice, 1)
		order.Feature, order.Seconds = "video-generator", 6
		start, err := w.start(order)
		require.NoError(t, err)
		w.Settles(start.ID, w.Success(1))
		id := w.Reports(start.ID, 0)
		supports := &model{opinion: evidence.Opinion{Outcome: evidence.OpinionSupports}}
		require.NoError(t, w.assessesBy(supports, id))
		require.Empty(t, supports.claims)
		require.Equal(t, evidence.OpinionOverCap, w.evidenceOf(id).Opinion.Outcome)
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, "R8")
	},
	"a budget that cannot be read ends the look, and another one is made": func(t *testing.T, w *World) {
		id := w.reported("alice", sharp)
		down := errors.New("down")
		require.ErrorIs(t, w.assessesBy(&model{err: down}, id), down)
		require.Nil(t, w.evidenceOf(id))
		require.Equal(t, fault.KindInternal, fault.KindOf(w.assessesBy(&model{err: down}, id)))
		require.NoError(t, w.assessesBy(&model{opinion: evidence.Opinion{Outcome: evidence.OpinionSupports}}, id))
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "R2")
	},
}

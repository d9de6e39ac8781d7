package storetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/notice"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// previews returns what the ruling would do, and demands that asking changed nothing.
func (w *World) previews(id refund.CaseID, order refund.RulingOrder) refund.Preview {
	w.t.Helper()
	current := w.CaseOf(id)
	preview := read(w, func() (refund.Preview, error) { return w.Reviewer().Preview(w.ctx(), id, order, w.Now) })
	require.Equal(w.t, current, w.CaseOf(id), "a preview records nothing")
	return preview
}

var previewStories = map[string]func(*testing.T, *World){
	"a preview shows what the ruling then does": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy = policy.InCredits(3)
		preview := w.previews(id, order)
		require.Equal(t, refund.StateApproved, preview.Case.State)
		require.Equal(t, "R2", preview.Case.Decision.Clause)
		require.Equal(t, refund.Balance{Available: 0}, preview.Before)
		require.Equal(t, refund.Balance{Available: 3}, preview.After)
		require.Nil(t, preview.Money)
		require.Len(t, preview.Lots, 1)
		lot := preview.Lots[0].Lot
		require.Equal(t, []any{ledger.Credits(0), ledger.Credits(3)}, []any{preview.Lots[0].Before, lot.Remaining})
		require.Equal(t, []refund.Movement{{
			Movement: ledger.MovementRefund, From: ledger.Spent, To: ledger.Available, Credits: 3, Lot: lot.ID,
		}}, preview.Movements)
		words := notice.DraftOf(preview.Case, policy.Published)
		require.Equal(t, "refunded", preview.Case.Notice)
		// What is previewed is what comes.
		_, err := w.rule(id, order)
		require.NoError(t, err)
		w.Deliver()
		after := w.CaseOf(id)
		require.Equal(t, preview.Case.Decision.Remedy, after.Decision.Remedy)
		require.Equal(t, preview.Case.Returned, after.Returned)
		require.Equal(t, preview.Case.Notice, after.Notice)
		require.Equal(t, words, notice.DraftOf(*after, policy.Published))
		require.Contains(t, words.Text, words.Words)
		w.WantAvailable(alice, 3)
		w.WantLaws(alice)
	},
	"a preview shows the debt that credits would pay": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		paid := w.Payment("a")
		w.Receives(w.Paid(paid, alice))
		id := w.Reports(w.Generated(alice, 1), 0)
		w.Deliver()
		// All of the money went back, and so did the credits, but for those of the picture.
		w.Receives(w.Refunded(paid, "re_1", w.At(w.Now).Packages()[0].Price.Minor, payment.RefundSucceeded))
		preview := w.previews(id, w.ruling(policy.OutcomeApproved))
		require.Equal(t, refund.Balance{Owed: 4}, preview.Before)
		require.Equal(t, refund.Balance{}, preview.After)
		last := preview.Movements[len(preview.Movements)-1]
		require.Equal(t, ledger.MovementDebtPayment, last.Movement)
		require.Equal(t, string(paid), last.Payment)
		require.Equal(t, ledger.Credits(4), last.Credits)
	},
	"a preview shows the money that would go, and the credits that it takes": inGoopter(func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		first := w.Payment("a")
		w.Receives(w.Paid(first, alice))
		id := w.Claims(policy.KindDuplicateCharge, alice, first)
		w.Deliver()
		order := w.ruling(policy.OutcomeApproved)
		order.Ruling.Remedy = policy.InMoney(money.Amount{Currency: "USD", Minor: 500})
		preview := w.previews(id, order)
		require.Equal(t, &money.Amount{Currency: "USD", Minor: 500}, preview.Money)
		require.Equal(t, string(first), preview.Case.Payment)
		require.Equal(t, refund.StatePaying, preview.Case.State)
		require.Equal(t, ledger.MovementClawback, preview.Movements[0].Movement)
		require.Equal(t, preview.Movements[0].Credits, preview.Before.Available-preview.After.Available)
		require.Zero(t, preview.Lots[0].Lot.Remaining, "the lot is used up")
	}),
	"a decline moves nothing, and a preview says so": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		preview := w.previews(id, w.ruling(policy.OutcomeDeclined))
		require.Empty(t, preview.Movements)
		require.Empty(t, preview.Lots)
		require.Equal(t, preview.Before, preview.After)
		require.Equal(t, "thanks_for_feedback", preview.Case.Notice)
	},
	"a preview is refused where the ruling would be": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		id := inReview(w, alice)
		refused := func(id refund.CaseID, order refund.RulingOrder) string {
			t.Helper()
			err := again(func() error {
				_, err := w.Reviewer().Preview(w.ctx(), id, order, w.Now)
				return err
			})
			require.Error(t, err)
			return fault.CodeOf(err)
		}
		tooMuch := w.ruling(policy.OutcomeApproved)
		tooMuch.Ruling.Remedy = policy.InCredits(5)
		require.Equal(t, fault.CodeInvalidRequest, refused(id, tooMuch))
		require.Equal(t, fault.CodeNotFound, refused("cas_"+refund.CaseID(strings.Repeat("a", 40)), tooMuch))
		w.Rules(id, policy.OutcomeDeclined)
		require.Equal(t, fault.CodeAlreadyDecided, refused(id, w.ruling(policy.OutcomeApproved)))
	},
}

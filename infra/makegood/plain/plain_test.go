package plain

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/api"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/todo"
)

var movements = []ledger.Movement{
	ledger.MovementGrant, ledger.MovementHold, ledger.MovementCapture, ledger.MovementRelease, ledger.MovementRefund, ledger.MovementRefundExpired,
	ledger.MovementExpiry, ledger.MovementClawback, ledger.MovementClawExpired, ledger.MovementShortfall, ledger.MovementDebtPayment,
	ledger.MovementReinstatement, ledger.MovementReexpiry, ledger.MovementForgiveness, ledger.MovementDebtReversal,
}

var credits = Words{Unit: policy.Unit{Name: "credits"}}

func entryOf(movement ledger.Movement, amount int64) api.StatementEntry {
	from, to := ledger.Accounts(movement)
	return api.StatementEntry{Cause: string(movement), From: string(from), To: string(to), Amount: amount}
}

func TestEveryMovementAndEveryStepHasWords(t *testing.T) {
	assert.Len(t, sentences, len(movements))
	for _, movement := range movements {
		assert.Contains(t, sentences, movement)
		text := credits.Entry(entryOf(movement, 7))
		assert.Contains(t, text, "7 credits ")
		assert.NotContains(t, text, "{")
	}
	for _, step := range todo.Steps {
		assert.Contains(t, steps, step)
	}
	assert.Equal(t, "a person has to decide; nap", Steps([]string{"review", "nap"}), "an unknown step keeps its name")
}

func TestWhatHasNoWordsIsToldByItsAccounts(t *testing.T) {
	entry := api.StatementEntry{Cause: "gift_wrap", Reason: "a_new_word", From: "issued", To: "available", Amount: 1, Payment: "pi_1", Case: "cas_1", Note: "so be it"}
	assert.Equal(t, `1 credit moved from issued to available by gift_wrap (payment pi_1, case cas_1): a new word "so be it"`, credits.Entry(entry))
	own := api.StatementEntry{Cause: ownKey, From: ownKey, To: "provider", Generation: "gen_1", Cost: &api.Cost{Currency: "USD", Micros: 40_000, Provider: "fal"}}
	assert.Equal(t, "no credits moved: generation gen_1 ran on the customer's own key and cost 0.040000 USD at fal", credits.Entry(own))
	assert.Equal(t, "2.50 USD to the balance", Words{Unit: policy.Unit{Name: "USD", Scale: 2}}.Remedy(api.Remedy{Credits: 250, To: "balance"}))
}

// A law: whatever moved, credits on all accounts together are those that were issued less those
// that went back.
func TestSumsAreThoseOfTheAccounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sums Sums
		rest := map[ledger.Account]int64{}
		for range rapid.IntRange(0, 30).Draw(t, "entries") {
			movement := rapid.SampledFrom(movements).Draw(t, "movement")
			amount := rapid.Int64Range(1, 1000).Draw(t, "amount")
			entry := entryOf(movement, amount)
			before := sums
			sums.Add(entry)
			require.Equal(t, sums.Available-before.Available, Change(entry))
			rest[ledger.Account(entry.From)] -= amount
			rest[ledger.Account(entry.To)] += amount
		}
		require.Equal(t, Sums{Available: rest[ledger.Available], Held: rest[ledger.Held], Owed: -rest[ledger.Owed]}, sums)
		total := int64(0)
		for _, n := range rest {
			total += n
		}
		require.Zero(t, total)
	})
}

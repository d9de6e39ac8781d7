package storetest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// startsOnOwnKey starts a generation on the customer's own key.
func (w *World) startsOnOwnKey(customer ledger.CustomerID, outputs int) generation.ID {
	w.t.Helper()
	order := w.order(customer, outputs)
	order.Mode = generation.ModeOwnKey
	start, err := w.start(order)
	require.NoError(w.t, err)
	// No credits are priced on the customer's own key, or they would pay twice.
	require.Zero(w.t, start.Price)
	return start.ID
}

// costing returns the result with a cost in USD.
func costing(result generation.Result, micros int64) generation.Result {
	result.Cost = &generation.Cost{Provider: "openrouter", Currency: "USD", Micros: micros}
	return result
}

func (w *World) costs(customer ledger.CustomerID) []generation.MonthCost {
	w.t.Helper()
	// The store sums as results come in: there is no list of generations behind these rows.
	return read(w, func() ([]generation.MonthCost, error) { return w.Store.ListCosts(w.ctx(), customer) })
}

// ownKeys is about generations on the customer's own key.
var ownKeys = map[string]func(*testing.T, *World){
	// A repeated result adds its cost once; a later, different one is late and adds nothing.
	"on the customer's own key nothing is charged, and its cost is summed once": func(t *testing.T, w *World) {
		w = NewWorldOf(t, w.Store, "popcustoms")
		alice := w.Customer("alice")
		id := w.startsOnOwnKey(alice, 1)
		result := costing(w.Success(-1), 39500)
		w.Settles(id, result)
		w.Settles(id, result)
		require.Equal(t, []generation.MonthCost{{Month: "2026-03", Currency: "USD", Micros: 39500, Generations: 1}}, w.costs(alice))
		require.Equal(t, result.Cost, w.Generation(id).Result.Cost)
		w.WantState(id, generation.StateCaptured)
		require.Nil(t, w.Generation(id).Late)
		w.Settles(id, costing(w.Success(-1), 1))
		require.NotNil(t, w.Generation(id).Late)
		rows := w.Rows(alice)
		require.Len(t, rows, 1)
		require.Equal(t, []any{"own_key", "generation_succeeded", result.Cost, ledger.Credits(0)},
			[]any{string(rows[0].Cause), rows[0].Reason, rows[0].Cost, rows[0].Amount})

		// The next month: sums are kept by month and currency, the newest month first.
		w.Pass(31 * 24 * time.Hour)
		w.Settles(w.startsOnOwnKey(alice, 1), costing(w.Success(-1), 500))
		w.Settles(w.startsOnOwnKey(alice, 2), costing(w.Success(1), 300))
		inEuro := costing(w.Success(-1), 7)
		inEuro.Cost.Currency = "EUR"
		w.Settles(w.startsOnOwnKey(alice, 1), inEuro)
		require.Equal(t, []generation.MonthCost{
			{Month: "2026-04", Currency: "USD", Micros: 800, Generations: 2},
			{Month: "2026-04", Currency: "EUR", Micros: 7, Generations: 1},
			{Month: "2026-03", Currency: "USD", Micros: 39500, Generations: 1},
		}, w.costs(alice))
		require.Empty(t, w.costs(w.Customer("mallory")))
		w.WantLaws(alice)
	},
	"a failure on the customer's own key is declined by X2, and what it cost is summed": func(t *testing.T, w *World) {
		w = NewWorldOf(t, w.Store, "popcustoms")
		alice := w.Customer("alice")
		id := w.startsOnOwnKey(alice, 1)
		w.Settles(id, costing(w.Failure(generation.CausePlatform), 12))
		w.Deliver()
		w.WantState(id, generation.StateCaptured)
		c := w.Case(id)
		require.Equal(t, []any{policy.OutcomeDeclined, policy.ClauseNothingCharged}, []any{c.Decision.Outcome, c.Decision.Clause})
		require.Equal(t, []generation.MonthCost{{Month: "2026-03", Currency: "USD", Micros: 12, Generations: 1}}, w.costs(alice))
	},
	"a cost is summed though the clock of its result is behind that of its start": func(t *testing.T, w *World) {
		w = NewWorldOf(t, w.Store, "popcustoms")
		alice := w.Customer("alice")
		id := w.startsOnOwnKey(alice, 1)
		// The result's machine is a second behind, so that its instant lies before the start's.
		w.Pass(-time.Second)
		w.Settles(id, costing(w.Success(-1), 5))
		require.Len(t, w.costs(alice), 1)
		require.True(t, w.Generation(id).RecordedAt.After(w.Generation(id).StartedAt))
	},
	"the cost of a generation that is charged is left out, and its result is none the later": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		w.Grants(alice, 20)
		// Charged generations cost us, not the customer, so their cost is not recorded.
		for count, id := range map[int]generation.ID{-1: w.Starts(alice, 2), 1: w.Starts(alice, 2)} {
			w.Pass(time.Second) // a result at the instant of its start is recorded in two tries
			result := costing(w.Success(count), 39500)
			w.Settles(id, result)
			w.Settles(id, result)
			w.WantState(id, generation.StateCaptured)
			require.Nil(t, w.Generation(id).Result.Cost)
			require.Nil(t, w.Generation(id).Late)
		}
		require.Empty(t, w.costs(alice))
		w.WantAvailable(alice, 8)
	},
	"the newest sums of a customer are listed, and no more than one answer holds": func(t *testing.T, w *World) {
		w = NewWorldOf(t, w.Store, "popcustoms")
		alice := w.Customer("alice")
		// One currency more than an answer holds, each in a month's row of its own.
		for i := range generation.MaxMonthCosts + 1 {
			result := costing(w.Success(-1), int64(i))
			result.Cost.Currency = fmt.Sprintf("AA%c", 'A'+i)
			w.Settles(w.startsOnOwnKey(alice, 1), result)
		}
		costs := w.costs(alice)
		require.Len(t, costs, generation.MaxMonthCosts)
		require.Equal(t, []string{"AAY", "AAB"}, []string{costs[0].Currency, costs[len(costs)-1].Currency})
	},
	"a policy that does not list the mode refuses it": func(t *testing.T, w *World) {
		order := w.order(w.Customer("alice"), 1)
		order.Mode = generation.ModeOwnKey
		_, err := w.start(order)
		var refusal *fault.Error
		require.ErrorAs(t, err, &refusal)
		require.Equal(t, []any{fault.KindInvalid, "mode", "must be paid or free"}, []any{refusal.Kind, refusal.Field, refusal.Detail})
	},
}

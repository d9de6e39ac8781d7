package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/api/view"
	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/golden"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/statement"
	"makegood/shared/todo"
)

func TestAnAccountIsShownAsItsGoldenBodyHasIt(t *testing.T) {
	wallet := ledger.Wallet{
		Customer: golden.Alice, Standing: ledger.StandingRestricted, Lots: []ledger.Lot{golden.Grant(golden.Alice, "key").Answer},
		Debts: []ledger.Debt{{Payment: "pi_1", Credits: 3}}, At: golden.Hour(2), Recorded: true,
	}
	costs := []generation.MonthCost{{Month: "2026-03", Currency: "USD", Micros: 39500, Generations: 2}}
	row := statement.Row{
		ID: "entry-1", At: golden.Hour(2), Cause: ledger.MovementGrant, Reason: "purchase", From: ledger.Issued, To: ledger.Available, Amount: 20,
		Cost: golden.Result().Cost, Generation: "gen_1", Payment: "pi_1", Case: "cas_1", Note: "sorry", By: "ann",
	}
	stuck := due.Item{
		Key:  due.Key{Kind: todo.KindCase, Partition: golden.Bob.Key(), Sort: "cas_1", At: golden.Hour(9)},
		Todo: todo.List{todo.StepNotice: golden.Hour(5), todo.StepRefund: golden.Hour(6)}, Attempts: 3, Customer: golden.Bob, Wallet: wallet,
	}
	golden.Complete(t, wallet, costs, row, stuck)
	golden.Equal(t, "testdata/account.golden.json", map[string]any{
		"customer":         customerView(wallet, 7, costs, policy.Unit{Name: "credits", Scale: 2}, golden.Hour(3)),
		"row for staff":    view.Rows([]statement.Row{row}, access.RoleStaff)[0],
		"row for app":      view.Rows([]statement.Row{row}, access.RoleApp)[0],
		"row for customer": view.Rows([]statement.Row{row}, access.RoleCustomer)[0],
		"stuck":            view.Stuck(stuck),
	})
}

func TestEachPolicyIsShownAsItsGoldenBodyHasIt(t *testing.T) {
	for _, name := range []string{"photoroom", "popcustoms", "goopter"} {
		published, err := policy.Open(name)
		require.NoError(t, err)
		golden.Equal(t, "testdata/"+name+".golden.json", policyView(published.At(golden.Hour(0))))
	}
}

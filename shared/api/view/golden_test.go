package view_test

import (
	"testing"

	"makegood/shared/access"
	"makegood/shared/api/view"
	"makegood/shared/golden"
	"makegood/shared/refund"
)

// TestWhatIsShownOfANounIsAsItsGoldenBodyHasIt freezes which field of a noun is shown as which
// field of a body, by who looks.
func TestWhatIsShownOfANounIsAsItsGoldenBodyHasIt(t *testing.T) {
	shown := map[string]any{
		"payment":    view.Payment(golden.Payment()),
		"generation": view.Generation(golden.Generation(), []refund.Case{golden.Case()}),
		"listed":     view.ListedGeneration(golden.Generation()),
		"use":        view.Use(golden.Use(1)),
		"verdicts":   view.Verdicts(golden.Case()),
		"opened":     view.Opened(202, refund.Opened{Case: golden.CaseID("full"), State: refund.StateReceived}).Body,
	}
	for _, role := range []access.Role{access.RoleStaff, access.RoleApp, access.RoleCustomer} {
		shown["case for "+string(role)] = view.Case(golden.Case(), role)
		shown["listed case for "+string(role)] = view.Listed(golden.Case(), role)
		shown["waiting case for "+string(role)] = view.Case(golden.WaitingCase("x"), role)
	}
	golden.Equal(t, "testdata/views.golden.json", shown)
}

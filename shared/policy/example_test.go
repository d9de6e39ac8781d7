package policy_test

import (
	"fmt"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
)

// A picture of photoroom failed on the platform's side, and 4 credits had been charged for it. The
// first rule of technical_failure whose conditions hold gives them back. The trace names every rule
// that was tried on the way.
func ExampleDecide() {
	p, err := policy.Open("photoroom")
	if err != nil {
		fmt.Println(err)
		return
	}
	finish := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	facts := policy.Facts{
		Kind: policy.KindTechnicalFailure, RequestedAt: finish,
		Generation: &policy.GenerationFacts{
			ID: "gen_1", Feature: "remove-background", Platform: policy.PlatformWeb, Status: generation.StatusFailed,
			FinishedAt: finish, Price: 4, Failure: &generation.Failure{Cause: generation.CausePlatform, Code: "gpu_lost"},
		},
	}
	decision, err := policy.Decide(p.At(facts.JudgedAt()), facts)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(decision.Outcome, "by", decision.Clause, "gives", decision.Remedy.Credits(), "credits to", decision.Remedy.To())
	for _, step := range decision.Trace {
		fmt.Println("rule", step.Rule, step.Clause, step.Matched)
	}

	// A section that the kind needs is not there: no decision, and an error that names it.
	facts.Generation = nil
	_, err = policy.Decide(p.At(finish), facts)
	fmt.Println(err)
	// Output:
	// approved by R1 gives 4 credits to balance
	// rule 1 X1 false
	// rule 2 X2 false
	// rule 3 R1 true
	// missing_fields (generation): required fields are missing
}

// 100 credits were bought for 9.99 USD, and 67 of them are spent, when an outage of three days
// keeps the customer from the other 33. These were bought with 9.99 × 33 ÷ 100 = 3.2967 USD:
// rounded down, 3.29 USD go back.
func ExampleDecide_unspentShare() {
	p, err := policy.Open("goopter")
	if err != nil {
		fmt.Println(err)
		return
	}
	start := time.Date(2026, time.March, 2, 9, 0, 0, 0, time.UTC)
	end := start.AddDate(0, 0, 3)
	facts := policy.Facts{
		Kind: policy.KindOutage, RequestedAt: end,
		Purchase: &policy.PurchaseFacts{
			ID: "pi_1", Package: "starter", PaidAt: start.AddDate(0, 0, -1), Amount: money.Amount{Currency: "USD", Minor: 999},
			Credits: ledger.Credits(100), CreditsSpent: 67, Credited: true,
		},
		Outage: &policy.OutageFacts{StartedAt: start, EndedAt: &end, PreventedUse: true},
	}
	decision, err := policy.Decide(p.At(facts.JudgedAt()), facts)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(decision.Outcome, "by", decision.Clause)
	if decision.Remedy != nil {
		fmt.Println(decision.Remedy.Money(), "to", decision.Remedy.To())
	}
	// Output:
	// approved by G2.3
	// 3.29 USD to payment_method
}

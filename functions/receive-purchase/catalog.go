package main

import (
	"fmt"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// catalog answers for a payment from the published policy, by the revision in force at an instant.
type catalog struct{ *policy.Policy }

func (c catalog) Package(name string, at time.Time) (payment.Package, bool) {
	return c.At(at).Package(name)
}

func (c catalog) GrantsUnpaid(at time.Time) bool { return c.At(at).GrantsUnpaid }

func (c catalog) ExpiredLot(at time.Time) ledger.ExpiredLot {
	rule := c.At(at).ExpiredLot
	return ledger.ExpiredLot{Rule: ledger.ExpiredRule(rule.Rule), ExtendDays: rule.ExtendDays}
}

// parseMode reads which mode's payments count: "live", "test", or nothing for either. A slip must not switch the check off.
func parseMode(mode string) (*bool, error) {
	switch mode {
	case "":
		return nil, nil
	case "live", "test":
		live := mode == "live"
		return &live, nil
	}
	return nil, fmt.Errorf("LIVEMODE is %q: it must be live or test", mode)
}

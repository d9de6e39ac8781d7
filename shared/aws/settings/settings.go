// Package settings owns what a function's environment says of the stack: its policy, and the mode
// of its payments.
//
// It refuses to know what for. What is set wrong ends the process before it takes an event, so that
// no event is handled by half a stack.
package settings

import (
	"os"

	"makegood/shared/aws/function"
	"makegood/shared/payment"
	"makegood/shared/policy"
)

// Policy returns the stack's policy, which POLICY names.
func Policy() *policy.Policy { return function.Must(policy.Open(os.Getenv("POLICY"))) }

// Rules returns by what payments are judged: the stack's policy and mode.
func Rules() payment.Rules { return payment.Rules{Catalog: Policy(), Livemode: Livemode()} }

// Livemode returns the mode whose payments count, by LIVEMODE; nil where both do.
func Livemode() *bool { return function.Must(payment.ParseMode(os.Getenv("LIVEMODE"))) }

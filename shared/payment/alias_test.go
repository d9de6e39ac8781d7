package payment_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/payment"
)

// called returns the facts with other ids of the payment.
func called(facts payment.Facts, aliases ...payment.ID) payment.Facts {
	facts.Aliases = aliases
	return facts
}

func TestOtherIDsOfAPaymentAreKeptWhateverTellsThemFirst(t *testing.T) {
	d := newDesk(t)
	d.hears(called(refunded("re_1", 100, payment.RefundSucceeded), "ch_1"), called(paid(), "cs_1", "pi_1", "a/b", ""), ofOther(called(paid(), "theirs")))
	require.Equal(t, []payment.ID{"ch_1", "cs_1"}, d.payment("pi_1").Aliases, "its own, what no path holds, and another provider's are left out")
	require.False(t, d.hears(called(paid(), "cs_1")).Changed, "a repeat tells nothing new")
	for n := range 20 {
		d.hears(at(n+1, called(paid(), payment.ID(fmt.Sprintf("cs_%02d", n)))))
	}
	require.Len(t, d.payment("pi_1").Aliases, 8)
}

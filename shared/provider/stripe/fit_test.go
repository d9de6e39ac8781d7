package stripe_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/provider/stripe"
)

func TestASecretIsWhatStripeIssues(t *testing.T) {
	fits := map[string]func(string) error{"secret": stripe.FitSecret, "key": stripe.FitKey}
	for _, c := range []struct {
		of, value string
		fits      bool
	}{
		{"secret", "whsec_" + strings.Repeat("a", 26), true},
		{"secret", "whsec_" + strings.Repeat("a", 25), false},
		{"secret", "whsec_" + strings.Repeat("/+", 32), true},
		{"secret", strings.Repeat("a", 64), false},
		{"secret", "", false},
		{"key", "sk_test_" + strings.Repeat("a", 24), true},
		{"key", "rk_live_" + strings.Repeat("a", 99), true},
		{"key", "rk_live_" + strings.Repeat("a", 23), false},
		{"key", "pk_live_" + strings.Repeat("a", 99), false},
		{"key", "whsec_" + strings.Repeat("a", 99), false},
	} {
		err := fits[c.of](c.value)
		assert.Equal(t, c.fits, err == nil, c.value)
		if err != nil && c.value != "" {
			assert.NotContains(t, err.Error(), c.value)
		}
	}
}

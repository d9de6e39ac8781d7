package access_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/access"
)

func TestASecretOfOursHas32BytesOrMoreWithoutItsName(t *testing.T) {
	short, long := strings.Repeat("k", 31), strings.Repeat("k", 32)
	assert.Error(t, access.FitSecret(short))
	assert.Error(t, access.FitSecret(""))
	assert.NoError(t, access.FitSecret(long))
	assert.Error(t, access.FitOperatorKey(short))
	assert.Error(t, access.FitOperatorKey("a-name-that-is-long-enough-for-both:"+short))
	assert.NoError(t, access.FitOperatorKey("ann:"+long))
	for _, nameless := range []string{long, ":" + long, "an n:" + long, "änn:" + long, strings.Repeat("n", 65) + ":" + long} {
		assert.Error(t, access.FitOperatorKey(nameless), nameless)
	}
	assert.NoError(t, access.FitOperatorKey(strings.Repeat("n", 64)+":"+long))
	assert.NoError(t, access.FitOperatorKey("ann.b_c@d-2:"+long+":"+long))
}

func TestANameIsShortAndPlain(t *testing.T) {
	for _, name := range []string{"a", "ann.b+queue@example.com", strings.Repeat("n", 64)} {
		assert.NoError(t, access.FitName(name), name)
	}
	for _, name := range []string{"", " ", "an n", "änn", "ann:", "<ann>", "ann\n", strings.Repeat("n", 65)} {
		assert.Error(t, access.FitName(name), name)
	}
}

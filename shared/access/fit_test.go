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
}

package main

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/http/httptest"
)

func TestWhatStaffLeftToOthersIsListedWithItsReason(t *testing.T) {
	d := open(t)
	assert.Empty(t, d.gets("skips")["skips"])
	require.NoError(t, d.Reviewer().Skip(context.Background(), d.reported, "ann", "no rule for mirrored text", d.Now))
	_, err := d.Reviewer().Assign(context.Background(), d.reported, "bob", d.Now)
	require.NoError(t, err)
	skips := d.gets("skips")["skips"].([]any)
	require.Len(t, skips, 1)
	skip := skips[0].(map[string]any)
	assert.Equal(t, []any{string(d.reported), "bad_result", "in_review", "ann", "no rule for mirrored text"},
		[]any{skip["case"], skip["kind"], skip["state"], skip["by"], skip["reason"]})
	listed := d.gets("list")["cases"].([]any)[0].(map[string]any)
	assert.Equal(t, "bob", listed["assignment"].(map[string]any)["by"])
	assert.Len(t, listed["skips"], 1)
	assert.Equal(t, httptest.Refusal{403, "forbidden", nil}, d.Ask("skips-by-app").Refusal())
}

package golden_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/generation"
	"makegood/shared/golden"
)

func TestAFormerRowHasAllButTheFieldsThatCameLater(t *testing.T) {
	want := golden.Generation()
	want.Words, want.Dimensions = generation.Words{}, generation.Dimensions{}
	assert.Equal(t, &want, golden.Former("2026-11-30", new(golden.Generation())))
	assert.Equal(t, []generation.Generation{want}, golden.Former("2026-11-30", []generation.Generation{golden.Generation()}))
	assert.Equal(t, golden.Generation(), golden.Former("", golden.Generation()), "today's rows have every field")
	assert.Equal(t, golden.PollState(), golden.Former("2026-11-30", golden.PollState()))
	assert.Equal(t, map[string]any{"g": want, "n": nil}, golden.Former("2026-11-30", map[string]any{"g": golden.Generation(), "n": nil}))
}

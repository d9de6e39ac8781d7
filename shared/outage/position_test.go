package outage_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/api"
	"makegood/shared/outage"
)

func TestACursorOfAnEarlierReleaseStillReads(t *testing.T) {
	const cursor = "eyJhdCI6MTc3MjM2NjQwMDAwMCwiaWQiOiJvdXRfMSJ9" // {"at":1772366400000,"id":"out_1"}
	var position outage.Position
	assert.NoError(t, api.DecodeCursor(cursor, &position))
	assert.Equal(t, outage.Position{At: 1772366400000, ID: "out_1"}, position)
	assert.Equal(t, cursor, api.EncodeCursor(position))
}

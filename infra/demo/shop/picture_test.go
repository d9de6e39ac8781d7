package shop_test

import (
	"bytes"
	"fmt"
	"image/png"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/demo/shop"
	"makegood/shared/evidence"
	"makegood/shared/evidence/pixel"
)

// seen draws a picture and returns what a look at it finds.
func seen(t *testing.T, kind string, seed uint32) (found []evidence.Name) {
	t.Helper()
	body, err := shop.Picture(fmt.Sprintf("%s-%08x.png", kind, seed))
	require.NoError(t, err)
	for _, signal := range pixel.At(pixel.Question{Output: body}).Signals {
		if signal.Present {
			found = append(found, signal.Name)
		}
	}
	return found
}

func TestALandscapeIsSoundAndABrokenPictureIsSeenToBe(t *testing.T) {
	for seed := range uint32(5) {
		assert.Empty(t, seen(t, "sound", seed))
		assert.Contains(t, seen(t, "blank", seed), evidence.Blank)
		cut := seen(t, "cut", seed)
		assert.NotEmpty(t, cut)
		assert.Subset(t, []evidence.Name{evidence.Truncated, evidence.Undecodable}, cut)
	}
}

func TestAPictureIsTheSameEachTimeAndAnotherIsNot(t *testing.T) {
	first, err := shop.Picture("sound-00000001.png")
	require.NoError(t, err)
	again, err := shop.Picture("sound-00000001.png")
	require.NoError(t, err)
	other, err := shop.Picture("sound-00000002.png")
	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.NotEqual(t, first, other)
	_, err = png.Decode(bytes.NewReader(first))
	require.NoError(t, err)
}

func TestAnotherNameIsNoPicture(t *testing.T) {
	for _, name := range []string{"", "none-00000001.png", "sound", "sound-x.png", "sound-123456789.png", "../shop.go"} {
		_, err := shop.Picture(name)
		require.Error(t, err, name)
	}
}

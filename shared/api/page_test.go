package api_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/api"
)

func TestAPageEndsByItsBytesAndHasOneRowAtLeast(t *testing.T) {
	half := strings.Repeat("x", api.MaxPage/2)
	less := half[10:]
	fits := func(rows ...string) int { return len(api.FirstPage(rows)) }
	assert.Equal(t, 1, fits(half, half, half), "two have quotation marks and a comma besides")
	assert.Equal(t, 1, fits(half+half, "x"))
	assert.Equal(t, 3, fits(less, less, strings.Repeat("x", 11)), "to the byte")
	assert.Equal(t, 2, fits(less, less, strings.Repeat("x", 12)))
	assert.Equal(t, 2, fits("a", "b"))
	assert.Zero(t, fits())
	assert.Equal(t, 2, fits(strings.Repeat("<", api.MaxPage/2), "x"), "no HTML")
}

func TestRowsThatStandTogetherFitTogetherOrNotAtAll(t *testing.T) {
	half := strings.Repeat("x", api.MaxPage/2)
	var page api.Page
	assert.True(t, page.Takes(half, half), "an empty page takes what is larger than it")
	assert.False(t, page.Takes("x"))
	page = api.Page{}
	assert.True(t, page.Takes("x"))
	assert.False(t, page.Takes(half, half))
	assert.True(t, page.Takes("y"), "what did not fit was not counted")
}

package main

import (
	"testing"

	"makegood/shared/golden"
)

func TestALotIsShownAsItsGoldenBodyHasIt(t *testing.T) {
	golden.Equal(t, "testdata/lot.golden.json", lotOf(golden.Grant(golden.Alice, "key").Answer))
}

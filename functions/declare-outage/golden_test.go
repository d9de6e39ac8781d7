package main

import (
	"testing"

	"makegood/shared/golden"
)

func TestAnOutageIsShownAsItsGoldenBodyHasIt(t *testing.T) {
	golden.Equal(t, "testdata/outage.golden.json", outageView(golden.Outage()))
}

package main

import (
	"testing"

	"makegood/shared/api/view"
	"makegood/shared/golden"
)

func TestAnOutageIsShownAsItsGoldenBodyHasIt(t *testing.T) {
	golden.Equal(t, "testdata/outage.golden.json", view.Outage(golden.Outage()))
}

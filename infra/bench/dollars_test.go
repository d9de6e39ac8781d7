package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/cost"
)

func TestAnOutcomeThatWasNotCountedHasNoPrice(t *testing.T) {
	_, err := priceOutcomes(figuresOf([]counted{{policy: "photoroom", name: cost.Result}, {policy: "goopter", name: cost.Hold}}, "photoroom"))
	require.ErrorContains(t, err, `success: "hold" was not counted under photoroom`)
}

func TestAnIdleMonthPrints(t *testing.T) {
	var w bytes.Buffer
	writeIdle(&w, []cost.Line{{What: "metrics in alarms", Count: "17", USD: 1.7}, {What: "polls", Count: "9", USD: 0.26}})
	for _, want := range []string{"| metrics in alarms | 17 | 1.70 |", "| **together** | | **1.96** |"} {
		assert.Contains(t, w.String(), want)
	}
}

package metric_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/metric"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestCountsAreOneLineOfTheEmbeddedMetricFormat(t *testing.T) {
	t.Setenv("METRICS_NAMESPACE", "Shop")
	var out bytes.Buffer
	require.NoError(t, metric.Open(&out, "sweep-due").Count(noon, map[string]int{"StuckItems": 0, "Failures": 2}))
	assert.Equal(t, 1, bytes.Count(out.Bytes(), []byte("\n")))
	assert.JSONEq(t, `{
		"_aws": {
			"Timestamp": 1772366400000,
			"CloudWatchMetrics": [{
				"Namespace": "Shop",
				"Dimensions": [["Function"]],
				"Metrics": [{"Name": "Failures", "Unit": "Count"}, {"Name": "StuckItems", "Unit": "Count"}]
			}]
		},
		"Function": "sweep-due",
		"Failures": 2,
		"StuckItems": 0
	}`, out.String())
}

func TestWhatAllFunctionsHaveInCommonIsOneMetricAndItsLineNamesTheFunction(t *testing.T) {
	t.Setenv("METRICS_NAMESPACE", "Shop")
	t.Setenv("AWS_LAMBDA_FUNCTION_NAME", "shop-sweep-due")
	var out bytes.Buffer
	require.NoError(t, metric.OpenWhole(&out).Count(noon, map[string]int{"FunctionErrors": 1}))
	assert.JSONEq(t, `{
		"_aws": {
			"Timestamp": 1772366400000,
			"CloudWatchMetrics": [{"Namespace": "Shop", "Dimensions": [[]], "Metrics": [{"Name": "FunctionErrors", "Unit": "Count"}]}]
		},
		"Function": "shop-sweep-due",
		"FunctionErrors": 1
	}`, out.String())
}

func TestNoCountsWriteNothing(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, metric.Open(&out, "sweep-due").Count(noon, nil))
	assert.Empty(t, out.String())
}

func TestTheNamespaceIsOursWhenNoneIsSet(t *testing.T) {
	t.Setenv("METRICS_NAMESPACE", "")
	var out bytes.Buffer
	require.NoError(t, metric.Open(&out, "sweep-due").Count(noon, map[string]int{"StuckItems": 1}))
	assert.Contains(t, out.String(), `"Namespace":"Makegood"`)
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestAWriteThatFailsIsSaid(t *testing.T) {
	require.Error(t, metric.Open(closed{}, "sweep-due").Count(noon, map[string]int{"StuckItems": 1}))
}

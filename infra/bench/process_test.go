package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheDoNothingFunctionIsStartedAndAnswers(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "bootstrap")
	overlay, err := overlayOf("../..", "infra/bench/hello")
	require.NoError(t, err)
	defer func() { _ = os.Remove(overlay) }()
	built, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-overlay", overlay, "-o", binary, "./hello").CombinedOutput()
	require.NoError(t, err, "%s", built)
	p, startedAt, err := launch(t.Context(), binary, nil)
	require.NoError(t, err)
	defer p.stop()
	readyAt, err := p.awaitReady()
	require.NoError(t, err)
	assert.True(t, readyAt.After(startedAt))
	for range 3 {
		answer, err := p.invoke(t.Context(), []byte(`{"a":1}`))
		require.NoError(t, err)
		assert.JSONEq(t, `{}`, string(answer))
	}
	spent, err := p.cpu()
	require.NoError(t, err)
	assert.Positive(t, spent)
	before, err := p.allocations()
	require.NoError(t, err)
	_, err = p.invoke(t.Context(), []byte(`{"a":1}`))
	require.NoError(t, err)
	after, err := p.allocations()
	require.NoError(t, err)
	assert.Greater(t, after.objects, before.objects)
	assert.Greater(t, after.bytes, before.bytes)
	_, err = p.invoke(t.Context(), []byte(`[]`))
	require.ErrorContains(t, err, "cannot unmarshal", "a function's own error is told")
}

func TestABinaryThatEndsIsNamed(t *testing.T) {
	_, _, err := launch(t.Context(), filepath.Join(t.TempDir(), "none"), nil)
	require.ErrorContains(t, err, "none")
}

func TestTheCollectorTellsMetricsAllocationsAndTheLastLines(t *testing.T) {
	c := newCollector()
	const metrics, panics = `{"_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"StuckItems"},{"Name":"OverdueReviews"}]}]},"StuckItems":0}`, "panic: no"
	c.read(strings.NewReader(metrics + "\nmallocs 12 bytes 345\n" + panics + "\n"))
	assert.Equal(t, allocation{12, 345}, <-c.allocations)
	bytes, names := c.size()
	assert.Equal(t, []int{len(metrics) + 1 + len(panics) + 1, 2}, []int{bytes, names})
	assert.Contains(t, c.tail(), "panic: no")
	assert.NotContains(t, c.tail(), "mallocs")
}

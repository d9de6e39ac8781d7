package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheDoNothingFunctionIsStartedAndAnswers(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "bootstrap")
	built, err := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "./hello").CombinedOutput()
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
	_, err = p.invoke(t.Context(), []byte(`[]`))
	require.ErrorContains(t, err, "cannot unmarshal", "a function's own error is told")
}

func TestABinaryThatEndsIsNamed(t *testing.T) {
	_, _, err := launch(t.Context(), filepath.Join(t.TempDir(), "none"), nil)
	require.ErrorContains(t, err, "none")
}

func TestTheCollectorAddsUpWhatWasAllocated(t *testing.T) {
	var c collector
	c.read(strings.NewReader(`gc 1 @0.007s 3%: 0.02+0.62+0.01 ms clock, 0.05+0.12/0.33/0.02+0.02 ms cpu, 3->4->1 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P
panic: no
gc 2 @0.017s 3%: 0.02+0.62+0.01 ms clock, 0.05+0.12/0.33/0.02+0.02 ms cpu, 4->4->2 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P
`))
	assert.Equal(t, 4+3, c.megabytes())
	assert.Equal(t, "panic: no", c.tail())
}

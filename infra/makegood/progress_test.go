package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestACommandThatTakesLongSaysHowFarItIsNowAndThen(t *testing.T) {
	var out bytes.Buffer
	far := terminal{err: &out}.progress()
	far.at("%d read", 1)
	assert.Empty(t, out.String(), "a moment is no wait")
	far.next = time.Now().Add(-time.Second)
	far.at("%d read", 2)
	far.at("%d read", 3)
	assert.Equal(t, "2 read…\n", out.String())
}

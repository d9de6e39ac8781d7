package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestThePageSaysWhatARehearsalCannotProve(t *testing.T) {
	page, err := os.ReadFile("README.md")
	require.NoError(t, err)
	for _, sentence := range unproved {
		assert.Contains(t, string(page), sentence)
	}
}

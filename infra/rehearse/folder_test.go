package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAFolderOfSomebodyElsesIsNotEmptied(t *testing.T) {
	dir := t.TempDir()
	theirs := filepath.Join(dir, "template.yaml")
	require.NoError(t, os.WriteFile(theirs, []byte("Resources: {}"), 0o600))
	_, err := takeFolder(dir)
	require.ErrorContains(t, err, "no rehearsal left")
	assert.FileExists(t, theirs)
}

func TestAFolderIsOfOneRehearsalAtATimeAndEmptyAtItsStart(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rehearse")
	first, err := takeFolder(dir)
	require.NoError(t, err)
	left := filepath.Join(dir, "story.log")
	require.NoError(t, os.WriteFile(left, nil, 0o600))
	_, err = takeFolder(dir)
	require.ErrorContains(t, err, "another rehearsal has")
	assert.FileExists(t, left)
	require.NoError(t, first.Close())
	second, err := takeFolder(dir)
	require.NoError(t, err)
	assert.NoFileExists(t, left)
	require.NoError(t, second.Close())
}

package main

import (
	"encoding/json"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAVersionNamesTagRevisionAndGo(t *testing.T) {
	settings := []debug.BuildSetting{
		{Key: "vcs.revision", Value: "0a1b2c"}, {Key: "vcs.time", Value: "2026-03-01T12:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}
	here := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "(devel)"}, Settings: settings}
	assert.Equal(t, "makegood unreleased, revision 0a1b2c of 2026-03-01T12:00:00Z, changed since, go1.26.0", buildOf("", here).String())
	assert.Equal(t, "v1.2.3", buildOf("v1.2.3", here).Version, "whoever builds a release says which")
	fetched := &debug.BuildInfo{GoVersion: "go1.26.0", Main: debug.Module{Version: "v1.2.3"}}
	assert.Equal(t, "makegood v1.2.3, go1.26.0", buildOf("", fetched).String())
	assert.Equal(t, "unreleased", buildOf("", nil).Version)
}

func TestTheVersionIsPrinted(t *testing.T) {
	got := call("", "version")
	assert.Equal(t, exitDone, got.code)
	assert.Contains(t, got.out, "makegood unreleased")
	got = call("", "version", "--json")
	var b build
	require.NoError(t, json.Unmarshal([]byte(got.out), &b))
	assert.NotEmpty(t, b.Go)
	assert.Equal(t, exitUndone, call("", "version", "now").code)
}

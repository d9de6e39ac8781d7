package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// policies is where the policy room keeps its files, seen from here.
const policies = "../../shared/policy"

// result is what one command line came to.
type result struct {
	code     int
	out, err string
}

func call(stdin string, args ...string) result {
	var out, err bytes.Buffer
	code := run(args, strings.NewReader(stdin), &out, &err)
	return result{code, out.String(), err.String()}
}

func read(t *testing.T, name string) string {
	t.Helper()
	source, err := os.ReadFile(name)
	require.NoError(t, err)
	return string(source)
}

// written puts text into a file of its own and returns its name.
func written(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestUsageNamesEveryCommand(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}, {"help", "nonsense"}} {
		got := call("", args...)
		assert.Equal(t, exitDone, got.code, args)
		assert.Empty(t, got.err, args)
		for _, cmd := range leaves(newRoot()) {
			assert.Contains(t, got.out, "\n  "+briefOf(cmd)+" ", args)
		}
	}
	for _, args := range [][]string{{"help", "policy"}, {"policy", "--help"}} {
		got := call("", args...)
		assert.Equal(t, exitDone, got.code, args)
		assert.Contains(t, got.out, "usage: makegood policy COMMAND")
		assert.Contains(t, got.out, "\n  policy check ")
		assert.NotContains(t, got.out, "\n  decide ")
	}
}

func TestUnknownCommandIsMisuse(t *testing.T) {
	for _, args := range [][]string{{}, {"refund"}, {"policy"}, {"policy", "guess"}, {"check"}, {"--json"}, {"policy", "--json"}, {""}, {"policy", ""}} {
		got := call("", args...)
		assert.Equal(t, exitUndone, got.code, args)
		assert.Empty(t, got.out, args)
		assert.Regexp(t, "(?m)^usage: makegood (policy )?COMMAND", got.err, args)
	}
	assert.Contains(t, call("", "policy", "guess").err, `makegood: unknown command "policy guess"`+"\n")
	assert.Contains(t, call("", "reconsile").err, `makegood: unknown command "reconsile": did you mean reconcile?`+"\n")
}

func TestEveryCommandSaysHowItIsUsed(t *testing.T) {
	for _, cmd := range leaves(newRoot()) {
		words := strings.Fields(nameOf(cmd))
		for _, args := range [][]string{append(words[:len(words):len(words)], "--help"), append([]string{"help"}, words...)} {
			got := call("", args...)
			assert.Equal(t, exitDone, got.code, args)
			assert.Empty(t, got.err, args)
			assert.Contains(t, got.out, "usage: makegood "+formOf(cmd)+"\n")
			assert.Contains(t, got.out, "Exit 0:", args)
			assert.Equal(t, cmd.Name() != "completion", strings.Contains(got.out, "--json"), args)
		}
	}
}

func TestFlagsMayStandBeforeOrBehindArguments(t *testing.T) {
	want := call("", "policy", "explain", "--json", "--at", "2026-11-01", "goopter")
	assert.Equal(t, exitDone, want.code)
	for _, args := range [][]string{
		{"policy", "explain", "goopter", "--json", "--at", "2026-11-01"}, {"policy", "explain", "--at=2026-11-01", "goopter", "--json"},
	} {
		assert.Equal(t, want, call("", args...), args)
	}
}

func TestTheShellCompletesCommandsFlagsAndPolicies(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		got := call("", "completion", shell)
		assert.Equal(t, exitDone, got.code, got.err)
		assert.Contains(t, got.out, "makegood")
	}
	assert.Equal(t, exitUndone, call("", "completion", "powershell").code)
	for want, args := range map[string][]string{
		"reconcile\t": {""}, "policy\t": {"pol"}, "explain\t": {"policy", "e"}, "photoroom\n": {"policy", "explain", ""}, "--lookups\t": {"reconcile", "--l"}, "fish\n": {"completion", ""},
	} {
		assert.Contains(t, call("", append([]string{"__complete"}, args...)...).out, want, args)
	}
}

func TestWrongFlagsAndArgumentsAreMisuse(t *testing.T) {
	for _, args := range [][]string{
		{"decide"},
		{"decide", "a", "b"},
		{"decide", "--jsn", "-"},
		{"decide", "-", "--policy"},
		{"policy", "check"},
		{"policy", "check", "--at", "2026-01-01", "a.yaml"},
		{"policy", "explain"},
		{"policy", "explain", "goopter", "photoroom"},
		{"policy", "explain", "--at"},
		{"version", "now"},
		{"statement"},
		{"statement", "alice", "bob"},
		{"statement", "--since", "yesterday", "alice"},
		{"case"},
		{"stuck", "cas_1"},
		{"forget"},
		{"forget", "alice", "bob"},
		{"completion"},
		{"completion", "bash", "zsh"},
		{"reconcile", "pi_1"},
		{"reconcile", "--since", "30"},
		{"reconcile", "--since", "-1h"},
		{"reconcile", "--lookups", "-1"},
		{"evidence"},
		{"replay", "cas_1"},
		{"replay", "--since", "yesterday"},
		{"evidence", "pi_1", "pi_2"},
		{"migrate"},
		{"migrate", "--wallets", "w", "--cases", "c", "--shards", "8"},
		{"migrate", "--wallets", "w", "--cases", "c", "--generations", "g", "--shards", "8", "Wallets"},
		{"migrate", "--wallets", "w", "--cases", "c", "--generations", "g"},
		{"migrate", "--wallets", "w", "--cases", "c", "--generations", "g", "--shards", "0"},
		{"migrate", "--wallets", "w", "--cases", "c", "--generations", "g", "--shards", "8", "--rate", "-1"},
	} {
		got := call("", args...)
		assert.Equal(t, exitUndone, got.code, args)
		assert.Empty(t, got.out, args)
		assert.Contains(t, got.err, "usage: makegood "+args[0], args)
	}
}

func TestAFileThatIsNotThereIsNamed(t *testing.T) {
	for _, args := range [][]string{
		{"decide", "nowhere.jsonl"},
		{"decide", "--policy", "nowhere.yaml", "-"},
		{"decide", "."},
		{"policy", "check", "nowhere.yaml"},
		{"policy", "explain", "nowhere.yaml"},
		{"policy", "check", "."},
	} {
		got := call("", args...)
		assert.Equal(t, exitUndone, got.code, args)
		assert.Contains(t, got.err, "makegood: ", args)
	}
}

// closed is an output that takes nothing.
type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, errors.New("nobody reads") }

func TestOutputThatCannotBeWrittenIsNotDone(t *testing.T) {
	for _, args := range [][]string{
		{"decide", policies + "/testdata/decisions.jsonl"},
		{"policy", "explain", "goopter"},
		{"policy", "explain", "--json", "goopter"},
		{"policy", "check", "--json", policies + "/testdata/working_minimal.yaml"},
		{"policy", "check", policies + "/testdata/working_minimal.yaml"},
		{"policy", "check", policies + "/testdata/busted_syntax.yaml"},
	} {
		var complaint bytes.Buffer
		assert.Equal(t, exitUndone, run(args, strings.NewReader(""), closed{}, &complaint), args)
		assert.Contains(t, complaint.String(), "nobody reads", args)
	}
}

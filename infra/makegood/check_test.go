package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
)

func TestPublishedFilesAreFoundToHold(t *testing.T) {
	files, err := filepath.Glob(policies + "/published/*/*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 3)
	got := call("", append([]string{"policy", "check"}, files...)...)
	assert.Equal(t, exitDone, got.code, got.out)
	goopter := files[slices.IndexFunc(files, func(file string) bool { return strings.Contains(file, "goopter") })]
	idle := goopter + ": note: abuse: has no effect: no rule asks over_abuse_limits\n"
	missing := goopter + ": note: contact.email: is missing: the published text hides it, so whoever runs the policy says it (ContactEmail of the stack)\n"
	assert.Contains(t, got.out, missing)
	told := call("", append([]string{"policy", "check", "--contact-email", "help@shop.example"}, files...)...)
	assert.Equal(t, strings.Replace(got.out, missing, "", 1), told.out)
	for i, text := range strings.Split(strings.TrimSpace(strings.NewReplacer(idle, "", missing, "").Replace(got.out)), "\n") {
		name := filepath.Base(filepath.Dir(files[i]))
		p, err := policy.Open(name)
		require.NoError(t, err)
		revision := strings.TrimSuffix(filepath.Base(files[i]), ".yaml")
		assert.Contains(t, text, files[i]+": ok: "+name+", revision "+revision+", sha256:")
		assert.Contains(t, got.out, p.Revisions()[0].Digest)
	}
	got = call("", append([]string{"policy", "check", "--json"}, files...)...)
	assert.Equal(t, exitDone, got.code, "a note is no fault")
	assert.Equal(t, 2, strings.Count(got.out, `"field"`))
	assert.Contains(t, got.out, `"note": true`)
}

// bustedFiles are the policy room's broken files; the second line of each says where its fault is.
func bustedFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(policies + "/testdata/busted_*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 10)
	return files
}

func TestABrokenFileShowsLineAndCaret(t *testing.T) {
	for _, file := range bustedFiles(t) {
		lines := strings.Split(read(t, file), "\n")
		want := strings.TrimPrefix(lines[1], "# want: ")
		number, err := strconv.Atoi(want[:strings.Index(want, ":")])
		require.NoError(t, err, file)

		got := call("", "policy", "check", file)
		assert.Equal(t, exitMismatch, got.code, file)
		assert.Empty(t, got.err, file)
		_, block, found := strings.Cut("\n"+got.out, "\n"+file+":"+want+"\n")
		require.True(t, found, got.out)
		shown := strings.Split(block, "\n")
		marked := slices.IndexFunc(shown, func(text string) bool { return strings.HasPrefix(text, ">") })
		require.GreaterOrEqual(t, marked, 0, got.out)
		assert.Contains(t, shown[marked], strings.TrimSpace(lines[number-1]), file)
		assert.Equal(t, "^", strings.TrimSpace(shown[marked+1]), file)
	}
}

func TestFaultsAreDataToo(t *testing.T) {
	for _, file := range bustedFiles(t) {
		want := strings.TrimPrefix(strings.Split(read(t, file), "\n")[1], "# want: ")
		got := call("", "policy", "check", file, "--json")
		assert.Equal(t, exitMismatch, got.code, file)
		var faults []map[string]any
		require.NoError(t, json.Unmarshal([]byte(got.out), &faults), got.out)
		var told []string
		for _, f := range faults {
			assert.Len(t, f, 5)
			assert.Equal(t, file, f["file"])
			field := f["field"].(string)
			if field != "" {
				field += ": "
			}
			told = append(told, fmt.Sprintf("%v:%v: %s%s", f["line"], f["column"], field, f["message"]))
		}
		assert.Contains(t, told, want)
	}
}

func TestAllFaultsOfAllFilesAreTold(t *testing.T) {
	source := strings.NewReplacer("extend_days: 7", "extend_days: 0", "calendar: weekdays", "calendar: lunar", "credits: 10", "credits: 0").
		Replace(read(t, policies+"/testdata/working_minimal.yaml"))
	worse := written(t, "worse.yaml", source)
	good := policies + "/testdata/working_minimal.yaml"
	busted := policies + "/testdata/busted_syntax.yaml"
	got := call("", "policy", "check", worse, good, busted)
	assert.Equal(t, exitMismatch, got.code)
	for _, text := range []string{worse + ":", "packages[0].credits: must be positive", "expired_lot.extend_days", "response.calendar", good + ": ok: minimal", busted + ":6:1: "} {
		assert.Contains(t, got.out, text)
	}
	assert.Equal(t, 4, strings.Count(got.out, " ^\n"))

	got = call("", "policy", "check", worse, "nowhere.yaml", good)
	assert.Equal(t, exitUndone, got.code, "an unread file wins")
	assert.Contains(t, got.err, "nowhere.yaml")
	assert.Contains(t, got.out, good+": ok: ")
	assert.Contains(t, got.out, "expired_lot.extend_days")
}

func TestAFileThatCannotBeReadIsDataToo(t *testing.T) {
	folder, good := t.TempDir(), policies+"/testdata/working_minimal.yaml"
	got := call("", "policy", "check", "--json", "nowhere.yaml", good, folder, policies+"/testdata/busted_syntax.yaml")
	assert.Equal(t, exitUndone, got.code)
	var faults []fileFault
	require.NoError(t, json.Unmarshal([]byte(got.out), &faults), got.out)
	faults = slices.DeleteFunc(faults, func(f fileFault) bool { return f.Note })
	require.Len(t, faults, 3)
	assert.Equal(t, fileFault{File: "nowhere.yaml", Message: "open nowhere.yaml: no such file or directory"}, faults[0])
	assert.Equal(t, folder, faults[1].File)
	assert.Contains(t, faults[1].Message, "is a directory")
	assert.Zero(t, faults[1].Line)
	assert.Equal(t, 6, faults[2].Line)
	for _, f := range faults[:2] {
		assert.Contains(t, got.err, f.Message, "and people are told")
	}
}

func TestAPolicyIsCheckedFromStandardInput(t *testing.T) {
	got := call(read(t, policies+"/testdata/working_minimal.yaml"), "policy", "check", "-")
	assert.Equal(t, exitDone, got.code)
	assert.Contains(t, got.out, "-: ok: minimal, revision 2026-03-01, sha256:")
}

func TestWhatIsNoPolicyIsAFault(t *testing.T) {
	for _, text := range []string{"", "\n", "#", "4", "[]", "\x00", "\xff\xfe", "a: b: c", "{", "&a", "*a", "name: 7\n", "- 1\n", "? x\n", strings.Repeat("[", 500), "<<: *x\n", "\t", "a: |\n"} {
		got := call(text, "policy", "check", "-")
		assert.Equal(t, exitMismatch, got.code, "%q", text)
		assert.True(t, strings.HasPrefix(got.out, "-:"), "%q: %s", text, got.out)
		assert.Equal(t, exitUndone, call(text, "policy", "explain", "-").code, "%q", text)
	}
	long := call("#"+strings.Repeat(" ", maxPolicy), "policy", "check", "-")
	assert.Equal(t, exitUndone, long.code)
	assert.Contains(t, long.err, "at most 1048576 bytes")
}

func TestWhatHasNoEffectAndWhatIsYetToComeIsNoted(t *testing.T) {
	source := read(t, policies+"/testdata/working_minimal.yaml")
	source = strings.NewReplacer("2026-03-01", "2999-03-01", "auto: false", "auto: true").Replace(source)
	got := call(source, "policy", "check", "-")
	assert.Equal(t, exitDone, got.code)
	for _, text := range []string{
		"-: note: duplicates.auto: pays nothing back: no rule about a duplicate_charge asks original_known\n", "-: note: abuse: has no effect",
		"-: note: revision: ", "takes effect on 1 March 2999, and is the first of its name: what is older is judged by it too",
	} {
		assert.Contains(t, got.out, text)
	}
}

package main

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/limit"
	"makegood/infra/template"
)

// built lays out a checkout as `make sam-build` leaves it: the real template and samconfig.toml,
// and a binary of that processor for each of two functions.
func built(t *testing.T, machines ...elf.Machine) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range []string{"template.yaml", "samconfig.toml"} {
		text, err := os.ReadFile(filepath.Join("..", "..", name))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(root, name), text, 0o600))
	}
	build := filepath.Join(root, ".aws-sam", "build")
	require.NoError(t, os.MkdirAll(build, 0o700))
	text, err := os.ReadFile(filepath.Join(root, "template.yaml"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(build, "template.yaml"), text, 0o600))
	for i, machine := range machines {
		folder := filepath.Join(build, []string{"DecideRefundFunction", "PayRefundFunction"}[i])
		require.NoError(t, os.MkdirAll(folder, 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "bootstrap"), binaryOf(machine), 0o600))
	}
	return root
}

// binaryOf is the header of a program for a processor, with nothing behind it.
func binaryOf(machine elf.Machine) []byte {
	header := make([]byte, 64)
	copy(header, elf.ELFMAG+"\x02\x01\x01")
	binary.LittleEndian.PutUint16(header[16:], uint16(elf.ET_EXEC))
	binary.LittleEndian.PutUint16(header[18:], uint16(machine))
	binary.LittleEndian.PutUint32(header[20:], 1)
	binary.LittleEndian.PutUint16(header[52:], 64)
	return header
}

func TestFunctionsAreDeclaredForTheProcessorThatTheyWereBuiltFor(t *testing.T) {
	for machine, name := range machines {
		arguments, err := plan(built(t, machine, machine), options{env: "default"})
		require.NoError(t, err)
		assert.Contains(t, arguments, "Architecture="+name)
		assert.Contains(t, arguments, "Livemode=test", "what samconfig.toml says is deployed too")
	}
}

func TestTwoProcessorsAreRefused(t *testing.T) {
	_, err := plan(built(t, elf.EM_AARCH64, elf.EM_X86_64), options{env: "default"})
	require.ErrorContains(t, err, "for arm64, and")
	_, err = plan(built(t, elf.EM_X86_64), options{env: "default", set: map[string]string{"Architecture": "arm64"}})
	require.ErrorContains(t, err, "built for x86_64, and [default] of samconfig.toml declares arm64: make deploy ENV=default ARCH=arm64")
	_, err = plan(built(t, elf.EM_RISCV), options{env: "default"})
	require.ErrorContains(t, err, "which Lambda does not have")
	_, err = plan(built(t), options{env: "default"})
	require.ErrorContains(t, err, "nothing is built")
}

func TestWhatAWSWouldRefuseIsNotDeployed(t *testing.T) {
	root := built(t, elf.EM_AARCH64)
	for parameter, wrong := range map[string][2]string{
		"Livemode":  {"both", `parameter Livemode: "both" is not one of live, test`},
		"AppKeys":   {"mk_local_app", `"mk_local_app" does not match`},
		"Policy":    {"photorooms", "photorooms"},
		"PolicyX":   {"photoroom", "the template has no parameter PolicyX"},
		"NoticeUrl": {"http://plain.example", "does not match"},
	} {
		_, err := plan(root, options{env: "default", check: true, set: map[string]string{parameter: wrong[0]}})
		require.ErrorContains(t, err, wrong[1])
	}
	text, err := os.ReadFile(filepath.Join(root, "samconfig.toml"))
	require.NoError(t, err)
	long := strings.Replace(string(text), `stack_name = "makegood"`, `stack_name = "makegood-`+strings.Repeat("m", 40)+`"`, 1)
	require.NoError(t, os.WriteFile(filepath.Join(root, "samconfig.toml"), []byte(long), 0o600))
	_, err = plan(root, options{env: "default"})
	require.ErrorContains(t, err, "64 are allowed")
	_, err = plan(root, options{env: "produce"})
	require.ErrorContains(t, err, "has no [produce]")
}

func TestEachEnvironmentOfTheFileMayBeDeployed(t *testing.T) {
	root := built(t, elf.EM_AARCH64)
	stacks := map[string]string{}
	for _, env := range []string{"default", "staging", "prod"} {
		arguments, err := plan(root, options{env: env, more: []string{"--no-confirm-changeset"}})
		require.NoError(t, err, env)
		assert.Equal(t, []string{"deploy", "--config-env", env, "--parameter-overrides"}, arguments[:4])
		assert.Equal(t, "--no-confirm-changeset", arguments[len(arguments)-1])
		s, err := readSettings(filepath.Join(root, "samconfig.toml"), env)
		require.NoError(t, err)
		stacks[env] = s.stack
	}
	assert.NotEqual(t, stacks["default"], stacks["staging"])
	text, err := os.ReadFile(filepath.Join(root, "samconfig.toml"))
	require.NoError(t, err)
	for _, must := range []string{`capabilities = "CAPABILITY_IAM"`, "resolve_s3 = true", "fail_on_empty_changeset = false"} {
		assert.Equal(t, 3, strings.Count(string(text), must), "%s stands in each environment", must)
	}
	// What stands behind # is to be set before the first deployment: it must be right too.
	set := strings.ReplaceAll(string(text), `  # "`, `  "`)
	require.NoError(t, os.WriteFile(filepath.Join(root, "samconfig.toml"), []byte(set), 0o600))
	for _, env := range []string{"default", "prod"} {
		_, err := plan(root, options{env: env, check: true})
		require.NoError(t, err, env)
	}
}

func TestACheckAsksForNothingThatIsBuilt(t *testing.T) {
	require.NoError(t, command(t.Context(), filepath.Join("..", ".."), []string{"-env", "prod", "-check"}, io.Discard))
	require.ErrorContains(t, command(t.Context(), filepath.Join("..", ".."), []string{"-check", "-set", "Shards=0"}, io.Discard), "Shards")
}

func TestACanaryIsAnAliasOfEachFunctionWithRoutesAndOfNoOther(t *testing.T) {
	root := built(t, elf.EM_AARCH64)
	arguments, err := plan(root, options{env: "prod", set: map[string]string{"Canary": "Canary10Percent10Minutes"}})
	require.NoError(t, err)
	file := filepath.Join(root, ".aws-sam", "build", "canary.yaml")
	require.Equal(t, []string{"--template-file", file}, arguments[3:5])
	parsed, err := template.Parse(file)
	require.NoError(t, err)
	require.Nil(t, parsed.Document["Rules"], "the rule that refuses a canary of sam deploy alone")
	functions, err := parsed.Functions(template.Scope{})
	require.NoError(t, err)
	aliases := 0
	for _, f := range functions {
		alias, _ := parsed.Resource(f.LogicalID).Lookup("AutoPublishAlias")
		assert.Equal(t, len(f.Routes) > 0, alias == "live", f.LogicalID)
		assert.Equal(t, len(f.Routes) > 0, f.Env["RELEASE"] != "", f.LogicalID)
		if alias != nil {
			aliases++
		}
	}
	assert.Equal(t, 11, aliases)
	// A canary whose alarm is not there would fail: CodeDeploy asks for its state.
	for _, alarm := range alarms {
		named := slices.ContainsFunc(parsed.ResourcesOfType(template.TypeAlarm), func(r *template.Resource) bool {
			name, _ := r.Properties["AlarmName"].(template.Intrinsic)
			return alarm == fmt.Sprintf("Fn::Sub: %v", name.Arg) || alarm == "Ref: "+r.LogicalID
		})
		require.True(t, named, "%s stops a canary", alarm)
	}
	wrong, err := limit.Check(parsed, "makegood", nil)
	require.NoError(t, err)
	assert.Empty(t, wrong)
}

func TestAReleaseIsAnotherWhereABinaryTheTemplateOrAParameterIs(t *testing.T) {
	build := filepath.Join(built(t, elf.EM_AARCH64), ".aws-sam", "build")
	of := func(text string, parameters map[string]string) string {
		release, err := releaseOf(build, []byte(text), parameters)
		require.NoError(t, err)
		return release
	}
	first := of("a", map[string]string{"Policy": "photoroom"})
	assert.Equal(t, first, of("a", map[string]string{"Policy": "photoroom"}), "a second deployment changes nothing")
	assert.NotEqual(t, first, of("b", map[string]string{"Policy": "photoroom"}))
	assert.NotEqual(t, first, of("a", map[string]string{"Policy": "goopter"}))
	require.NoError(t, os.WriteFile(filepath.Join(build, "DecideRefundFunction", "bootstrap"), binaryOf(elf.EM_X86_64), 0o600))
	assert.NotEqual(t, first, of("a", map[string]string{"Policy": "photoroom"}))
}

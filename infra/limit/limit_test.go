package limit_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/limit"
	"makegood/infra/template"
)

func check(t *testing.T, stack string, parameters map[string]string) string {
	t.Helper()
	parsed, err := template.Parse("../../template.yaml")
	require.NoError(t, err)
	wrong, err := limit.Check(parsed, stack, parameters)
	require.NoError(t, err)
	return strings.Join(wrong, "\n")
}

func TestTheUsualStackIsNotRefused(t *testing.T) {
	assert.Empty(t, check(t, "makegood", nil))
	assert.Empty(t, check(t, "makegood-staging", map[string]string{"NamePrefix": "staging-", "Shards": "64"}))
}

func TestWhatAParameterMakesTooLargeIsRefused(t *testing.T) {
	long := "ssm:/" + strings.Repeat("s", 1_500)
	wrong := check(t, "makegood", map[string]string{"AppKeys": long, "OperatorKeys": long, "SessionSecrets": long})
	assert.Contains(t, wrong, "the environment of StartGenerationFunction has")
	assert.Contains(t, wrong, "ReadCallerSecretsPolicy has")
}

func TestABucketsNameIsOneThatS3Takes(t *testing.T) {
	named := func(name string) string {
		parsed, err := template.ParseBytes("t.yaml", []byte("Resources:\n  KeptBucket:\n    Type: AWS::S3::Bucket\n    Properties: {BucketName: "+name+"}\n"))
		require.NoError(t, err)
		wrong, err := limit.Check(parsed, "makegood", nil)
		require.NoError(t, err)
		return strings.Join(wrong, "\n")
	}
	assert.Empty(t, named("makegood-kept"))
	assert.Contains(t, named("Makegood-kept"), "BucketName of KeptBucket")
	assert.Contains(t, named("makegood_kept"), "BucketName of KeptBucket")
	assert.Contains(t, named(strings.Repeat("m", 64)), "63 are allowed")
	// One that CloudFormation makes is short enough and in lower case, whatever the stack is
	// called.
	parsed, err := template.Parse("../../template.yaml")
	require.NoError(t, err)
	for _, stack := range []string{"makegood", "Makegood-" + strings.Repeat("M", 100)} {
		name, err := parsed.Resolve(limit.Scope(stack, nil), template.Intrinsic{Name: "Ref", Arg: "EvidenceBucket"})
		require.NoError(t, err)
		assert.Regexp(t, `^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`, name)
	}
}

func TestAStackIsCalledAsCloudFormationLetsIt(t *testing.T) {
	for _, name := range []string{"", "1st", "make_good", "make good", strings.Repeat("m", 129)} {
		assert.Contains(t, check(t, name, nil), "a stack cannot be called", name)
	}
}

// ref is a reference as SAM writes it.
func ref(id string) map[string]any { return map[string]any{"Ref": id} }

func TestResourcesThatWaitForEachOtherAreFound(t *testing.T) {
	resource := func(uses any) map[string]any {
		return map[string]any{"Type": "X", "Properties": map[string]any{"Uses": uses}}
	}
	straight := map[string]any{"A": resource(ref("B")), "B": resource([]any{ref("C"), ref("Parameter")}), "C": resource("plain")}
	assert.Empty(t, limit.Translated(map[string]any{"Resources": straight}, 1))
	for name, back := range map[string]any{
		"Ref": ref("A"), "GetAtt": map[string]any{"Fn::GetAtt": []any{"A", "Arn"}}, "Sub": map[string]any{"Fn::Sub": "x/${A.Arn}"},
		"Sub with names": map[string]any{"Fn::Sub": []any{"${A}/${x}", map[string]any{"x": "y"}}},
	} {
		circle := map[string]any{"A": resource(ref("B")), "B": resource(ref("C")), "C": resource(back)}
		assert.Equal(t, []string{"resources wait for each other: A → B → C → A"}, limit.Translated(map[string]any{"Resources": circle}, 1), name)
	}
}

func TestAFileOrAStackThatIsTooLargeIsRefused(t *testing.T) {
	many := map[string]any{}
	for i := range 501 {
		many["R"+strings.Repeat("x", i%200)+string(rune('a'+i%26))+string(rune('a'+i/26))] = map[string]any{"Type": "X"}
	}
	wrong := limit.Translated(map[string]any{"Resources": many}, 1_000_001)
	assert.Equal(t, []string{"501 resources, 500 are allowed", "the file has 1000001 bytes, 1000000 are allowed"}, wrong)
	assert.True(t, limit.NeedsUpload(51_201))
	assert.False(t, limit.NeedsUpload(51_200))
}

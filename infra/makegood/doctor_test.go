package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestTheDoctorLooksAtTheStackWhereAWSCannotBeReached: who is called at night may have an
// operator's key and no account.
func TestTheDoctorLooksAtTheStackWhereAWSCannotBeReached(t *testing.T) {
	runs(t)
	for _, name := range []string{"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "MAKEGOOD_STACK"} {
		t.Setenv(name, "")
	}
	t.Setenv("AWS_CONFIG_FILE", "/dev/null")
	t.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	got := call("", "doctor")
	assert.Regexp(t, `(?m)^ok +stuck +`, got.out)
	assert.Regexp(t, `(?m)^not asked +tables +no region: set AWS_REGION$`, got.out)
	assert.NotEqual(t, exitUndone, got.code, got.err)
	named := call("", "doctor", "--stack", "shop")
	assert.Regexp(t, `(?m)^ok +stuck +`, named.out)
	assert.Regexp(t, `(?m)^wrong +account +no region: set AWS_REGION$`, named.out)
	assert.Equal(t, exitMismatch, named.code)
}

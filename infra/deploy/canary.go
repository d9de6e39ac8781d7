package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"makegood/infra/template"
)

// withoutCanary is the value of the parameter Canary by which all traffic moves at once.
const withoutCanary = "none"

// alarms stop a canary and bring the traffic back, where one rings before all of it has moved. One
// that watches the API is called by its name: a reference would be a circle, from it to the API,
// the alias, the deployment, and back.
var alarms = []string{"Fn::Sub: ${AWS::StackName}-http-api-server-errors", "Ref: FunctionErrorsAlarm"}

// writeCanary writes the template of a canary beside the built one, and returns its path.
func writeCanary(build string, t *template.Template, parameters map[string]string) (string, error) {
	text, err := os.ReadFile(filepath.Join(build, "template.yaml"))
	if err != nil {
		return "", fmt.Errorf("nothing is built: make sam-build (%w)", err)
	}
	release, err := releaseOf(build, text, parameters)
	if err != nil {
		return "", err
	}
	changed, err := withCanary(string(text), t, release)
	if err != nil {
		return "", err
	}
	file := filepath.Join(build, "canary.yaml")
	return file, os.WriteFile(file, []byte(changed), 0o644)
}

// releaseOf returns the hash of all that a deployment may change of a function: every binary, the
// template, the parameters.
func releaseOf(build string, text []byte, parameters map[string]string) (string, error) {
	paths, err := filepath.Glob(filepath.Join(build, "*", "bootstrap"))
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	hash.Write(text)
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		fmt.Fprintf(hash, "%s=%s\n", name, parameters[name])
	}
	for _, path := range paths {
		binary, err := os.Open(path)
		if err != nil {
			return "", err
		}
		_, err = io.Copy(hash, binary)
		_ = binary.Close()
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// rules is the section that refuses a canary where this command did not make it.
var rules = regexp.MustCompile(`(?m)^Rules:\n(?:[ \t].*\n|\n)*`)

// withCanary gives each function with HTTP routes an alias to which CodeDeploy moves the traffic, a
// version for each release, and the variable RELEASE: Lambda refuses a version that differs in
// nothing. Consumers and the sweep stay as they are: all of them change at once.
func withCanary(text string, t *template.Template, release string) (string, error) {
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return "", err
	}
	text = rules.ReplaceAllString(text, "")
	for _, f := range functions {
		if len(f.Routes) == 0 {
			continue
		}
		from, to := blockOf(text, f.LogicalID)
		block := text[from:to]
		for _, addition := range []struct{ after, lines string }{
			{"    Properties:\n", preference(release)},
			{"        Variables:\n", "          RELEASE: \"" + release[:12] + "\"\n"},
		} {
			before, rest, there := strings.Cut(block, addition.after)
			if !there {
				return "", fmt.Errorf("%s has no %q to add its alias to", f.LogicalID, strings.TrimSpace(addition.after))
			}
			block = before + addition.after + addition.lines + rest
		}
		text = text[:from] + block + text[to:]
	}
	return text, nil
}

// preference returns the properties of a function whose traffic moves by and by.
func preference(release string) string {
	lines := "      AutoPublishAlias: live\n      AutoPublishCodeSha256: \"" + release + "\"\n" +
		"      DeploymentPreference:\n        Type:\n          Ref: Canary\n        Alarms:\n"
	for _, alarm := range alarms {
		lines += "        - " + alarm + "\n"
	}
	return lines
}

var nextBlock = regexp.MustCompile(`(?m)^( {0,2}[A-Za-z])`)

// blockOf returns where the lines of a resource begin and end; an empty range where there is none.
func blockOf(text, id string) (from, to int) {
	head := "\n  " + id + ":\n"
	at := strings.Index(text, head)
	if at < 0 {
		return 0, 0
	}
	from = at + len(head)
	if next := nextBlock.FindStringIndex(text[from:]); next != nil {
		return from, from + next[0]
	}
	return from, len(text)
}

package limit

import (
	"encoding/json"
	"unicode/utf8"

	"makegood/infra/permission"
	"makegood/infra/template"
)

// What a role may have. SAM gives a function without a role of its own two managed policies, for
// its log and its traces.
const (
	inlineCharacters  = 10_240 // all inline policies of a role, white space not counted
	managedCharacters = 6_144
	mostManaged       = 10
	managedBySAM      = 2
)

func checkPolicies(t *template.Template, s template.Scope, r *refusals) error {
	for _, policy := range t.ResourcesOfType("AWS::IAM::ManagedPolicy") {
		resolved, err := t.ResolveProperties(s, policy, "PolicyDocument")
		if err != nil {
			return err
		}
		if n := characters(resolved["PolicyDocument"]); n > managedCharacters {
			r.addf("%s has %d characters, %d are allowed", policy.LogicalID, n, managedCharacters)
		}
	}
	for _, function := range t.ResourcesOfType(template.TypeFunction) {
		documents, err := permission.Documents(t, s, function.LogicalID)
		if err != nil {
			return err
		}
		// Documents has the managed policies too: those count by themselves.
		own, _ := function.Lookup("Policies")
		managed := managedBySAM
		total := 0
		for i, policy := range permission.List(own) {
			if _, reference := policy.(template.Intrinsic); reference {
				managed++
				total -= characters(documents[i])
			}
		}
		for _, document := range documents {
			total += characters(document)
		}
		if total > inlineCharacters {
			r.addf("the policies of %s have %d characters, %d are allowed", function.LogicalID, total, inlineCharacters)
		}
		if managed > mostManaged {
			r.addf("%s has %d managed policies, %d are allowed", function.LogicalID, managed, mostManaged)
		}
	}
	return nil
}

// characters counts a document as IAM does, without white space between its parts.
func characters(document any) int {
	text, err := json.Marshal(document)
	if err != nil {
		return 0
	}
	return utf8.RuneCount(text)
}

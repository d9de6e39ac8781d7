package templatetest

import (
	"fmt"
	"slices"

	"makegood/infra/permission"
	"makegood/infra/template"
)

// A model of Bedrock, and what its profile chooses from: a model of any region, under a condition.
const (
	adjudicator     = "eu.anthropic.model-v1:0"
	modelsOfProfile = "arn:aws:bedrock:*::foundation-model/*"
)

// modelsAreAskedByOne: assess-result alone may ask a model, the one that it is given alone, and
// only in a stack that has one.
func modelsAreAskedByOne(t *template.Template) (problems, error) {
	const one, profile = "AssessResultFunction", "arn:aws:bedrock:us-east-1:000000000000:inference-profile/" + adjudicator
	var p problems
	without, err := statementsOf(t, template.Scope{}, "bedrock:InvokeModel")
	if err != nil {
		return nil, err
	}
	if len(without) > 0 {
		p.addf("a model may be asked without AdjudicatorModel: %v", without)
	}
	with, err := statementsOf(t, furnished, "bedrock:InvokeModel")
	if err != nil {
		return nil, err
	}
	if len(with) != 1 || len(with[one]) != 2 {
		p.addf("with AdjudicatorModel a model may be asked by %v, not by two statements of %s", with, one)
		return p, nil
	}
	for _, statement := range with[one] {
		resources := permission.Words(statement["Resource"])
		condition := fmt.Sprint(statement["Condition"])
		// As a model of this region or a profile of this account; through that profile, wherever it
		// leads.
		own := sameSet(resources, []string{"arn:aws:bedrock:us-east-1::foundation-model/" + adjudicator, profile}) && statement["Condition"] == nil
		through := slices.Equal(resources, []string{modelsOfProfile}) && condition == "map[StringEquals:map[bedrock:InferenceProfileArn:"+profile+"]]"
		if !own && !through {
			p.addf("%s may ask %v under %s, not its model alone", one, resources, condition)
		}
	}
	functions, err := t.Functions(furnished)
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		if model, ok := f.Env["ADJUDICATOR_MODEL"]; ok != (f.LogicalID == one) || ok && model != adjudicator {
			p.addf("%s: ADJUDICATOR_MODEL is %q", f.LogicalID, model)
		}
	}
	return p, nil
}

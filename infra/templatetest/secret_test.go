package templatetest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"makegood/infra/permission"
	"makegood/infra/template"
)

// reference is how a secret is named: where it lies, then what it is called there.
var reference = regexp.MustCompile(`^(ssm:/|secretsmanager:)[A-Za-z0-9_./+=@-]+$`)

// secretValue has the shapes of secrets that must never stand in the file, and the ways of having
// CloudFormation paste one in.
var secretValue = regexp.MustCompile(`whsec_|sk_(live|test)_|rk_(live|test)_|mk_local|literal:|AKIA[0-9A-Z]{16}|\{\{resolve:|-----BEGIN`)

func isSecret(variable string) bool {
	ends := func(end string) bool { return strings.HasSuffix(variable, end) }
	return slices.ContainsFunc([]string{"_SECRETS", "_SECRET", "_KEYS", "_KEY"}, ends)
}

// named gives the parameter that a variable's value is, or is under a condition and else nothing;
// "" for any other value.
func named(value any) string {
	i, _ := value.(template.Intrinsic)
	if branches, _ := i.Arg.([]any); i.Name == "If" && len(branches) == 3 && branches[2] == "" {
		i, _ = branches[1].(template.Intrinsic)
	}
	if i.Name != "Ref" {
		return ""
	}
	return fmt.Sprint(i.Arg)
}

// secretsAreNamedNotGiven: an environment variable for secrets is a parameter, whose default and
// pattern allow a reference alone, or nothing.
func secretsAreNamedNotGiven(t *template.Template) (problems, error) {
	var p problems
	if match := secretValue.FindString(fmt.Sprint(t.Document)); match != "" {
		p.addf("the file holds a secret, or has one pasted in: %s…", match)
	}
	for _, r := range t.ResourcesOfType(template.TypeFunction) {
		variables, _ := r.Lookup("Environment", "Variables")
		for name, value := range variables.(map[string]any) {
			if !isSecret(name) {
				continue
			}
			parameter, ok := t.Parameter(named(value))
			if !ok {
				p.addf("%s: %s is not a parameter", r.LogicalID, name)
				continue
			}
			if parameter.Default != "" && !reference.MatchString(parameter.Default) {
				p.addf("%s: the default %q is not a reference to a secret", parameter.Name, parameter.Default)
			}
			pattern, err := regexp.Compile(parameter.AllowedPattern)
			if err != nil || parameter.AllowedPattern == "" || pattern.MatchString("literal:x") || pattern.MatchString("whsec_x") {
				p.addf("%s: its AllowedPattern lets a secret itself in", parameter.Name)
			}
		}
	}
	return p, nil
}

// secretGrantsMatchTheEnvironment: a function may read exactly the secrets that its environment
// names, in whichever store they lie, be the stack bare, furnished, or furnished with one thing
// alone.
func secretGrantsMatchTheEnvironment(t *template.Template) (problems, error) {
	scopes := []template.Scope{{}, furnished}
	for name, value := range furnished.Parameters {
		scopes = append(scopes, template.Scope{Parameters: map[string]string{name: value}})
	}
	var p problems
	for _, s := range scopes {
		defects, err := secretGrantsMatch(t, s)
		if err != nil {
			return nil, err
		}
		p = append(p, defects...)
	}
	return p, nil
}

func secretGrantsMatch(t *template.Template, s template.Scope) (problems, error) {
	const account = ":us-east-1:000000000000:"
	var p problems
	functions, err := t.Functions(s)
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		var want, may []string
		for name, value := range f.Env {
			if isSecret(name) && value != "" {
				_, secret, _ := strings.Cut(value, ":")
				want = append(want,
					"ssm:GetParameter arn:aws:ssm"+account+"parameter"+secret,
					"secretsmanager:GetSecretValue arn:aws:secretsmanager"+account+"secret:"+secret+"-??????")
			}
		}
		grants, err := permission.Grants(t, s, f.LogicalID)
		if err != nil {
			return nil, err
		}
		for _, g := range grants {
			if strings.HasPrefix(g.Action, "ssm:") || strings.HasPrefix(g.Action, "secretsmanager:") {
				may = append(may, g.Action+" "+g.Resource)
			}
		}
		if !sameSet(want, may) {
			p.addf("%s may read %v, and needs %v", f.LogicalID, may, want)
		}
	}
	return p, nil
}

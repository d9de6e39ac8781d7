package templatetest

import (
	"fmt"
	"regexp"
	"strings"

	"makegood/infra/permission"
	"makegood/infra/template"
)

// reference is how a secret is named: where it lies, then what it is called there.
var reference = regexp.MustCompile(`^(ssm:/|secretsmanager:)[A-Za-z0-9_./+=@-]+$`)

// given are the shapes of secrets that must never stand in the file, and the ways of having CloudFormation paste one in.
var given = regexp.MustCompile(`whsec_|sk_(live|test)_|rk_(live|test)_|mk_local|literal:|AKIA[0-9A-Z]{16}|\{\{resolve:|-----BEGIN`)

func isSecret(variable string) bool {
	return strings.HasSuffix(variable, "_SECRETS") || strings.HasSuffix(variable, "_KEYS") || strings.HasSuffix(variable, "_SECRET")
}

// secretsAreNamedNotGiven: an environment variable for secrets is a parameter, whose default and pattern allow a reference alone.
func secretsAreNamedNotGiven(t *template.Template) (problems, error) {
	var p problems
	if found := given.FindString(fmt.Sprint(t.Document)); found != "" {
		p.addf("the file holds a secret, or has one pasted in: %s…", found)
	}
	for _, r := range t.ResourcesOfType(template.TypeFunction) {
		variables, _ := r.Lookup("Environment", "Variables")
		for name, value := range variables.(map[string]any) {
			if !isSecret(name) {
				continue
			}
			i, _ := value.(template.Intrinsic)
			parameter, found := t.Parameter(fmt.Sprint(i.Arg))
			if i.Name != "Ref" || !found {
				p.addf("%s: %s is not a parameter", r.LogicalID, name)
				continue
			}
			if !reference.MatchString(parameter.Default) {
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

// secretGrantsMatchTheEnvironment: a function may read exactly the secrets that its environment names, in whichever store they lie.
func secretGrantsMatchTheEnvironment(t *template.Template) (problems, error) {
	const account = ":us-east-1:000000000000:"
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		var want, may []string
		for name, value := range f.Env {
			if isSecret(name) {
				_, called, _ := strings.Cut(value, ":")
				want = append(want,
					"ssm:GetParameter arn:aws:ssm"+account+"parameter"+called,
					"secretsmanager:GetSecretValue arn:aws:secretsmanager"+account+"secret:"+called+"-??????")
			}
		}
		grants, err := permission.Grants(t, template.Scope{}, f.LogicalID)
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

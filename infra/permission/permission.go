// Package permission knows what each function's role allows, as template.yaml says it, and holds a
// function to it.
//
// It owns the reading of policies: the statements of each function or of its role, and the managed
// policies of the template that it names. And it owns a guard, a reverse proxy in front of DynamoDB
// Local, ElasticMQ or S3. Those emulators allow everything; the guard refuses what the role would
// refuse on AWS. It refuses to know what a function is for.
//
// Invariants: a request that cannot be understood is refused. What is refused is recorded, so that
// a test can say what is missing.
//
// Words: a grant is one action on one resource; a resource is written by the template's logical
// ids, "WalletsTable.Arn/index/open", and where a condition narrows it to rows, with how their
// partitions begin: "EvidenceTable.Arn[requests#*]".
package permission

import (
	"fmt"
	"slices"
	"strings"

	"makegood/infra/template"
)

// Grant is one action on one resource that a function's role allows.
type Grant struct {
	Action   string // "dynamodb:PutItem"
	Resource string // "WalletsTable.Arn", or an ARN for what the template does not hold
}

// LogicalID returns the template resource that the grant is on, "" when it names something outside.
func (g Grant) LogicalID() string {
	id, _, ok := strings.Cut(g.Resource, ".Arn")
	if !ok {
		return ""
	}
	return id
}

// Grants returns all that the policies of one function (by logical id) allow where the parameters
// are as in scope, in the order of the file. The writing of logs and traces, which SAM adds by
// itself, is not among them. A policy that is not of this template is an error.
func Grants(t *template.Template, s template.Scope, function string) ([]Grant, error) {
	documents, err := Documents(t, s, function)
	if err != nil {
		return nil, err
	}
	var grants []Grant
	// One grant for each pair of action and resource, so that a need can be looked up as it is.
	for _, document := range documents {
		for _, statement := range Statements(document) {
			rows := rowsOf(statement)
			for _, action := range Words(statement["Action"]) {
				for _, resource := range Words(statement["Resource"]) {
					grants = append(grants, Grant{action, resource + rows})
				}
			}
		}
	}
	return grants, nil
}

// rowsOf returns the rows that the statement's condition narrows it to, as a resource names them,
// "" for all.
func rowsOf(statement map[string]any) string {
	condition, _ := statement["Condition"].(map[string]any)
	like, _ := condition["ForAllValues:StringLike"].(map[string]any)
	if keys := Words(like["dynamodb:LeadingKeys"]); len(keys) > 0 {
		return "[" + strings.Join(keys, " ") + "]"
	}
	return ""
}

// Documents returns the policy documents of a function (by logical id), resolved, those of the
// template's managed policies included.
func Documents(t *template.Template, s template.Scope, function string) ([]any, error) {
	policies, err := policiesOf(t, function)
	if err != nil {
		return nil, err
	}
	var documents []any
	for _, policy := range policies {
		// A policy by reference must be one of this template: of any other nobody here can say what
		// it allows.
		if i, ok := policy.(template.Intrinsic); ok {
			shared := t.Resource(fmt.Sprint(i.Arg))
			if i.Name != "Ref" || shared == nil {
				return nil, fmt.Errorf("%s: %s is not a policy of this template", function, i)
			}
			policy, _ = shared.Lookup("PolicyDocument")
		}
		document, err := t.Resolve(s, policy)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", function, err)
		}
		documents = append(documents, document)
	}
	return documents, nil
}

// policiesOf returns the function's own policies, or those of the role that it names instead.
func policiesOf(t *template.Template, function string) ([]any, error) {
	r := t.Resource(function)
	if r == nil {
		return nil, fmt.Errorf("the template has no %s", function)
	}
	own, _ := r.Lookup("Policies")
	roleRef, ok := r.Lookup("Role")
	if !ok {
		return List(own), nil
	}
	// SAM ignores a function's policies beside a role, so a template with both would allow less
	// than it reads.
	role := t.Resource(Role(r))
	if role == nil || own != nil {
		return nil, fmt.Errorf("%s: its role %v is not of this template, or stands beside policies, which SAM would pass over", function, roleRef)
	}
	if other, more := role.Lookup("ManagedPolicyArns"); more {
		return nil, fmt.Errorf("%s: %v are not policies of this template", role.LogicalID, other)
	}
	// A role's inline policies carry a name; only their documents matter here.
	inline, _ := role.Lookup("Policies")
	var policies []any
	for _, policy := range List(inline) {
		if m, ok := policy.(map[string]any); ok {
			policies = append(policies, m["PolicyDocument"])
		}
	}
	return policies, nil
}

// Role returns the logical id of the role that a function names; "" where it names none, or none of
// the template.
func Role(function *template.Resource) string {
	roleRef, _ := function.Lookup("Role")
	if i, ok := roleRef.(template.Intrinsic); ok && i.Name == "GetAtt" {
		if of, ok := i.Arg.([]any); ok && len(of) == 2 {
			return fmt.Sprint(of[0])
		}
	}
	return ""
}

// Statements returns the statements of a policy document; a value that is no document has none.
func Statements(document any) []map[string]any {
	m, _ := document.(map[string]any)
	var out []map[string]any
	for _, s := range List(m["Statement"]) {
		if statement, ok := s.(map[string]any); ok {
			out = append(out, statement)
		}
	}
	return out
}

// List returns a list as it is, a single value as a list of one, nil as none: policies may write
// either.
func List(value any) []any {
	switch v := value.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{value}
}

// Words returns List of text.
func Words(value any) []string {
	var out []string
	for _, v := range List(value) {
		out = append(out, fmt.Sprint(v))
	}
	return out
}

// allows reports whether some grant is exactly the need; templatetest makes sure that no grant
// holds a wildcard.
func allows(grants []Grant, need Grant) bool { return slices.Contains(grants, need) }

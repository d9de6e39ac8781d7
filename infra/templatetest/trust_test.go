package templatetest

import (
	"fmt"
	"slices"
	"strings"

	"makegood/infra/permission"
	"makegood/infra/template"
)

// rolesAreLambdas: Lambda alone takes on a role, and a role is one function's.
func rolesAreLambdas(t *template.Template) (problems, error) {
	const trust = "map[Statement:map[Action:sts:AssumeRole Effect:Allow Principal:map[Service:lambda.amazonaws.com]] Version:2012-10-17]"
	var p problems
	takers := map[string]int{}
	for _, f := range t.ResourcesOfType(template.TypeFunction) {
		takers[permission.Role(f)]++
	}
	for _, r := range t.ResourcesOfType("AWS::IAM::Role") {
		document, err := resolve(t, r, "AssumeRolePolicyDocument")
		if err != nil {
			return nil, err
		}
		if got := fmt.Sprint(document); got != trust {
			p.addf("%s may be taken on by others than Lambda: %s", r.LogicalID, got)
		}
		if takers[r.LogicalID] != 1 {
			p.addf("%s is the role of %d functions, not of one", r.LogicalID, takers[r.LogicalID])
		}
	}
	return p, nil
}

// countedRows is the condition on the one right to count customers' requests: infra/decisions/0077.
// attachedRows is that on rights to attachments, among the cases.
const (
	countedRows  = "map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:[requests#*]]]"
	attachedRows = "map[ForAllValues:StringLike:map[dynamodb:LeadingKeys:[attachments#*]]]"
)

// statementsArePlain: a right holds always and at once. A condition may make it hold never; only
// those of the sender's address, of a model, of the rows that count and of attachments have been
// judged. Exactly the functions that count may write the rows that count.
func statementsArePlain(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(furnished)
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		documents, err := permission.Documents(t, furnished, f.LogicalID)
		if err != nil {
			return nil, err
		}
		counts := false
		for _, document := range documents {
			if body, _ := document.(map[string]any); body["Version"] != "2012-10-17" {
				p.addf("%s: a policy has the version %v", f.LogicalID, body["Version"])
			}
			for _, statement := range permission.Statements(document) {
				if statement["Effect"] == nil || len(permission.List(statement["Action"])) == 0 || len(permission.List(statement["Resource"])) == 0 {
					p.addf("%s: a statement has no effect, action or resource: %v", f.LogicalID, statement)
				}
				ofRows := fmt.Sprint(statement["Condition"]) == countedRows
				counts = counts || ofRows && fmt.Sprint(permission.Words(statement["Action"])) == "[dynamodb:UpdateItem]"
				for key := range statement {
					narrow := key == "Condition" && slices.Contains([]string{"ses:SendEmail", "bedrock:InvokeModel"}, strings.Join(permission.Words(statement["Action"]), " "))
					narrow = narrow || key == "Condition" && (ofRows || fmt.Sprint(statement["Condition"]) == attachedRows)
					if !narrow && !slices.Contains([]string{"Effect", "Action", "Resource", "Sid"}, key) {
						p.addf("%s: a statement on %v has a %s", f.LogicalID, statement["Action"], key)
					}
				}
			}
		}
		if _, asks := f.Env["CUSTOMER_REQUESTS"]; asks != counts {
			p.addf("%s: counts customers' requests: %v, may write them: %v", f.LogicalID, asks, counts)
		}
	}
	return p, nil
}

// consumersMayWork: what Lambda and SAM would give a function without a role of its own, a role of
// its own gives by hand: its queue, its log, its traces.
func consumersMayWork(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		r := t.Resource(f.LogicalID)
		if permission.Role(r) == "" {
			continue
		}
		grants, err := permission.Grants(t, template.Scope{}, f.LogicalID)
		if err != nil {
			return nil, err
		}
		log, _ := r.Lookup("LoggingConfig", "LogGroup")
		i, _ := log.(template.Intrinsic)
		needs := []permission.Grant{
			{Action: "logs:CreateLogStream", Resource: fmt.Sprintf("%v.Arn", i.Arg)},
			{Action: "logs:PutLogEvents", Resource: fmt.Sprintf("%v.Arn", i.Arg)},
			{Action: "xray:PutTraceSegments", Resource: "*"},
			{Action: "xray:PutTelemetryRecords", Resource: "*"},
		}
		for _, q := range f.Queues {
			for _, action := range []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"} {
				needs = append(needs, permission.Grant{Action: action, Resource: q.Queue + ".Arn"})
			}
		}
		for _, need := range needs {
			if !slices.Contains(grants, need) {
				p.addf("%s may not %s on %s", f.LogicalID, need.Action, need.Resource)
			}
		}
	}
	return p, nil
}

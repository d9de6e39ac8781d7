package templatetest

import (
	"fmt"
	"slices"
	"strings"

	"makegood/infra/permission"
	"makegood/infra/template"
	"makegood/shared/provider/registry"
)

// furnished is a stack that has all that a stack may do without: its roles may do all that any
// stack's may.
var furnished = template.Scope{Parameters: furnish()}

func furnish() map[string]string {
	parameters := map[string]string{
		"NoticeEmailFrom": sender, "StripeRefundKey": refundKey, "StripeReadKey": readKey, "StripeAccount": connectedAccount,
		"OidcClientSecret": "ssm:/makegood/oidc-client-secret",
		"IndexStage":       "3", // former indexes and new ones
		"PictureBuckets":   "shop-results", "AdjudicatorModel": adjudicator,
	}
	// A provider that is asked only where an address is given is given one.
	for _, p := range registry.Providers {
		if p.Switch == p.Address.Variable {
			parameters[p.Address.Parameter] = "https://" + p.Name + ".shop.example"
		}
	}
	return parameters
}

const (
	sender       = "credits@shop.example"
	senderDomain = "shop.example"
	refundKey    = "ssm:/makegood/stripe-refund-key"
	readKey      = "secretsmanager:makegood/stripe-read-key"

	connectedAccount = "acct_1032D82eZvKYlo2C"
)

// everyGrant calls visit for each grant of each function.
func everyGrant(t *template.Template, visit func(f template.Function, g permission.Grant)) error {
	functions, err := t.Functions(furnished)
	if err != nil {
		return err
	}
	for _, f := range functions {
		grants, err := permission.Grants(t, furnished, f.LogicalID)
		if err != nil {
			return err
		}
		for _, g := range grants {
			visit(f, g)
		}
	}
	return nil
}

// allowedActions is all that any role of ours may ever do. Nothing is deleted but pictures, what
// was seen of them and attachments; no function invokes another.
var allowedActions = []string{
	"dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan",
	"dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:ConditionCheckItem",
	"sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
	"ssm:GetParameter", "secretsmanager:GetSecretValue",
	"ses:SendEmail", "bedrock:InvokeModel",
	"s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:ListBucket",
	"logs:CreateLogStream", "logs:PutLogEvents", "xray:PutTraceSegments", "xray:PutTelemetryRecords",
}

func actionsAreNamed(t *template.Template) (problems, error) {
	var p problems
	err := everyGrant(t, func(f template.Function, g permission.Grant) {
		erased := g.Action == "dynamodb:DeleteItem" && (g.LogicalID() == "EvidenceTable" || g.Resource == "CasesTable.Arn[attachments#*]")
		if !erased && !slices.Contains(allowedActions, g.Action) {
			p.addf("%s may %s on %s: not an action that a function here needs", f.LogicalID, g.Action, g.Resource)
		}
	})
	return p, err
}

// resourcesAreNamed: wildcards are the six random characters that Secrets Manager adds to a
// secret's name, the objects of one bucket, the attachments of each customer in it, traces, which
// have none, and the models that one profile chooses from.
func resourcesAreNamed(t *template.Template) (problems, error) {
	var p problems
	err := everyGrant(t, func(f template.Function, g permission.Grant) {
		name, _, _ := strings.Cut(g.Resource, "[") // narrowed to rows: statementsArePlain judges those
		if g.Action == "secretsmanager:GetSecretValue" {
			name = strings.TrimSuffix(name, "-??????")
		}
		if strings.HasPrefix(g.Action, "s3:") && strings.HasSuffix(g.Action, "Object") {
			name = strings.TrimSuffix(strings.TrimSuffix(name, "/*"), "/*/attachments")
		}
		if strings.ContainsAny(name, "*?") && !strings.HasPrefix(g.Action, "xray:Put") && g.Resource != modelsOfProfile {
			p.addf("%s may %s on %s: a wildcard", f.LogicalID, g.Action, g.Resource)
		}
	})
	return p, err
}

// policiesAreHandWritten: SAM's policy templates and AWS's managed policies allow more than is
// needed, deletes among it. To a consumer without a role of its own SAM adds the right to receive
// from, and delete on, every queue of the account. Why: infra/decisions/0008.
func policiesAreHandWritten(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		r := t.Resource(f.LogicalID)
		want := ""
		if len(f.Queues) > 0 {
			want = strings.TrimSuffix(f.LogicalID, "Function") + "Role"
		}
		if permission.Role(r) != want {
			p.addf("%s has the role %q, not %q", f.LogicalID, permission.Role(r), want)
		}
		all, err := permission.Documents(t, furnished, r.LogicalID)
		if err != nil {
			p.addf("%v", err)
			continue
		}
		for _, document := range all {
			if len(permission.Statements(document)) == 0 {
				p.addf("%s: policy %v has no statements of ours", r.LogicalID, document)
			}
			for _, s := range permission.Statements(document) {
				if s["Effect"] != "Allow" || s["NotAction"] != nil || s["NotResource"] != nil {
					p.addf("%s: a statement allows by what it leaves out", r.LogicalID)
				}
			}
		}
	}
	return p, nil
}

// entriesAreOnlyAdded: the ledger's lines are never changed by any role. Who writes them does not
// read them, and the reverse: only those who decide about money do both, for the lines name a
// customer's purchases.
func entriesAreOnlyAdded(t *template.Template) (problems, error) {
	var p problems
	may := map[string][]string{}
	err := everyGrant(t, func(f template.Function, g permission.Grant) {
		if g.LogicalID() == "EntriesTable" {
			may[f.LogicalID] = append(may[f.LogicalID], g.Action)
		}
	})
	for function, actions := range may {
		rights := []string{"dynamodb:PutItem"}
		switch function {
		case "ReadAccountFunction":
			rights = []string{"dynamodb:Query"}
		case "DecideRefundFunction", "ReviewRefundFunction", "ServeConsoleFunction":
			rights = []string{"dynamodb:PutItem", "dynamodb:Query"}
		}
		for _, action := range actions {
			if !slices.Contains(rights, action) {
				p.addf("%s may %s on the entries", function, action)
			}
		}
	}
	if len(may) == 0 {
		p.addf("nobody may write an entry: is the table still called EntriesTable?")
	}
	return p, err
}

// scanned says what each function may scan: sparse indexes, for what is due, stuck, waits for staff
// or is near a limit is few; the outages, of which there are few; and every payment, and every
// verdict, for staff who ask for all of them, and every payment for an outage, which may concern
// each.
var scanned = map[string][]string{
	"SweepDueFunction": {"/index/open", "/index/held", "/index/stuck", "/index/review"}, "ReadAccountFunction": {"/index/stuck"},
	"ReviewRefundFunction": {"/index/review", "/index/near", "PaymentsTable.Arn", "CasesTable.Arn"}, "DecideRefundFunction": {"OutagesTable.Arn"},
	"ServeConsoleFunction":  {"/index/review", "/index/near", "/index/stuck", "OutagesTable.Arn", "PaymentsTable.Arn", "CasesTable.Arn"},
	"DeclareOutageFunction": {"OutagesTable.Arn", "PaymentsTable.Arn"}, "RunOutageFunction": {"OutagesTable.Arn", "PaymentsTable.Arn", "/index/review"},
}

func scansAreOfFew(t *template.Template) (problems, error) {
	var p problems
	err := everyGrant(t, func(f template.Function, g permission.Grant) {
		of := func(end string) bool { return strings.HasSuffix(g.Resource, end) }
		if g.Action == "dynamodb:Scan" && !slices.ContainsFunc(scanned[f.LogicalID], of) {
			p.addf("%s may scan %s", f.LogicalID, g.Resource)
		}
	})
	return p, err
}

// queueGrantsMatchTheFlow: a queue in the environment is one that may be sent to, and the reverse;
// one consumed is one that may be received from.
func queueGrantsMatchTheFlow(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		grants, err := permission.Grants(t, template.Scope{}, f.LogicalID)
		if err != nil {
			return nil, err
		}
		var sends, named, receives, consumes []string
		for _, g := range grants {
			switch g.Action {
			case "sqs:SendMessage":
				sends = append(sends, g.LogicalID())
			case "sqs:ReceiveMessage":
				receives = append(receives, g.LogicalID())
			}
		}
		variables, _ := t.Resource(f.LogicalID).Lookup("Environment", "Variables")
		for name, value := range variables.(map[string]any) {
			if i, ok := value.(template.Intrinsic); ok && strings.HasSuffix(name, "_QUEUE_URL") && i.Name == "Ref" {
				named = append(named, fmt.Sprint(i.Arg))
			}
		}
		for _, q := range f.Queues {
			consumes = append(consumes, q.Queue)
		}
		if !sameSet(sends, named) {
			p.addf("%s may send to %v, and its environment names %v", f.LogicalID, sends, named)
		}
		if !sameSet(receives, consumes) {
			p.addf("%s may receive from %v, and consumes %v", f.LogicalID, receives, consumes)
		}
	}
	return p, nil
}

func sameSet(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(slices.Compact(a), slices.Compact(b))
}

package templatetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"makegood/infra/template"
)

// physical are the properties that name a resource in its account: two of one name cannot be.
var physical = []string{"FunctionName", "QueueName", "LogGroupName", "AlarmName", "DashboardName", "TableName", "RoleName", "ManagedPolicyName", "PolicyName"}

// elsewhere is a second stack, in another partition, region and account.
var elsewhere = template.Scope{
	Parameters: map[string]string{
		"NamePrefix": "second-", "AppKeys": "ssm:/x/a", "OperatorKeys": "ssm:/x/b", "SessionSecrets": "ssm:/x/c", "NoticeSecrets": "ssm:/x/d",
		"StripeWebhookSecrets": "ssm:/x/e", "StandardWebhookSecrets": "ssm:/x/f", "StripeRefundKey": "ssm:/x/g", "StripeReadKey": "ssm:/x/h", "OidcClientSecret": "ssm:/x/i",
		"NoticeEmailFrom": sender, "StandardApiUrl": "https://x.example", "IndexStage": "3",
		"AdjudicatorModel": adjudicator,
	},
	Pseudo: map[string]string{
		"AWS::Region": "xx-west-9", "AWS::AccountId": "999999999999", "AWS::StackName": "second", "AWS::Partition": "aws-xx",
		"AWS::StackId": "arn:aws-xx:cloudformation:xx-west-9:999999999999:stack/second/1",
	},
}

// namesAreOfTheStack: no two resources of a type have one name, and a second stack's names are all
// others than the first's.
func namesAreOfTheStack(t *template.Template) (problems, error) {
	var p problems
	first, err := namesOf(t, template.Scope{}, &p)
	if err != nil {
		return nil, err
	}
	second, err := namesOf(t, elsewhere, &p)
	if err != nil {
		return nil, err
	}
	// Operators, commands and the queues' policies go by these names: none may be left to
	// CloudFormation.
	for kind, property := range map[string]string{template.TypeFunction: "FunctionName", template.TypeQueue: "QueueName", "AWS::Logs::LogGroup": "LogGroupName"} {
		for _, r := range t.ResourcesOfType(kind) {
			if _, named := r.Lookup(property); !named {
				p.addf("%s has no %s", r.LogicalID, property)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(first)) {
		if _, both := second[name]; both {
			p.addf("%s: a second stack's %s has the same name", first[name], name)
		}
	}
	return p, nil
}

// namesOf returns the logical ids by "type name", and adds those that share one.
func namesOf(t *template.Template, s template.Scope, p *problems) (map[string]string, error) {
	names := map[string]string{}
	for _, r := range t.Resources() {
		if r.Type == typeMetricFilter { // it names another's log
			continue
		}
		properties, err := t.ResolveProperties(s, r, physical...)
		if err != nil {
			return nil, err
		}
		for property, name := range properties {
			key := r.Type + " " + fmt.Sprint(name)
			if other, twice := names[key]; twice {
				p.addf("%s and %s have one %s: %v", other, r.LogicalID, property, name)
			}
			names[key] = r.LogicalID
		}
	}
	return names, nil
}

// placesAreTheStacks: whatever names a partition, region or account names the stack's own.
func placesAreTheStacks(t *template.Template) (problems, error) {
	var p problems
	for _, r := range t.Resources() {
		if r.Type == "AWS::CloudWatch::Dashboard" { // its links are read by people
			continue
		}
		resolved, err := t.Resolve(elsewhere, r.Properties)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", r.LogicalID, err)
		}
		visitText(resolved, func(text string) {
			for _, foreign := range []string{"arn:aws:", "us-east-1", "000000000000", "amazonaws.com/"} {
				if strings.Contains(text, foreign) {
					p.addf("%s names %s in whatever account and region it stands: %s", r.LogicalID, foreign, text)
				}
			}
		})
	}
	return p, nil
}

func visitText(value any, visit func(string)) {
	switch v := value.(type) {
	case string:
		visit(v)
	case []any:
		for _, item := range v {
			visitText(item, visit)
		}
	case map[string]any:
		for _, item := range v {
			visitText(item, visit)
		}
	}
}

// outputsNameWhatOperatorsReach: the API's address, each table and each queue, in an output called
// after it. Commands read them, so none may go.
func outputsNameWhatOperatorsReach(t *template.Template) (problems, error) {
	var p problems
	want := map[string]string{"ApiUrl": "!GetAtt HttpApi.ApiEndpoint"}
	for _, r := range t.ResourcesOfType(template.TypeQueue) {
		want[r.LogicalID+"Url"] = "!Ref " + r.LogicalID
	}
	for _, r := range t.ResourcesOfType(template.TypeTable) {
		want[r.LogicalID+"Name"] = "!Ref " + r.LogicalID
	}
	for _, r := range t.ResourcesOfType(template.TypeBucket) {
		want[r.LogicalID+"Name"] = "!Ref " + r.LogicalID
	}
	for name, value := range want {
		output, _ := t.Outputs[name].(map[string]any)
		if got := fmt.Sprint(output["Value"]); got != value {
			p.addf("output %s is %s, not %s", name, got, value)
		}
	}
	for name, body := range t.Outputs {
		output, _ := body.(map[string]any)
		if output["Export"] != nil || output["Condition"] != nil {
			p.addf("output %s is exported, or not always there", name)
		}
	}
	return p, nil
}

// parametersAreUsed: a parameter or condition that nothing refers to was left behind by what did,
// and a text that is not checked here is refused by AWS once half of the stack is there.
func parametersAreUsed(t *template.Template) (problems, error) {
	var p problems
	used := map[string]bool{}
	for _, section := range []string{"Rules", "Conditions", "Globals", "Resources", "Outputs"} {
		mentions(t.Document[section], used)
	}
	for _, parameter := range t.Parameters {
		if !used[parameter.Name] {
			p.addf("parameter %s changes nothing", parameter.Name)
		}
		if parameter.Type == "String" && parameter.AllowedPattern == "" && len(parameter.AllowedValues) == 0 {
			p.addf("parameter %s takes any text", parameter.Name)
		}
		if !parameter.HasDefault {
			p.addf("parameter %s has no default: nobody could deploy without knowing it", parameter.Name)
		}
	}
	for name := range t.Conditions {
		if !used[name] {
			p.addf("condition %s changes nothing", name)
		}
	}
	// sam deploy alone would take a canary, and publish nothing where a parameter changes; a model
	// without prices would be asked without a budget.
	rules, _ := t.Document["Rules"].(map[string]any)
	for name, asserts := range map[string]string{
		"CanaryByMakeDeploy":   "!Equals [!Ref Canary none]",
		"AdjudicatorHasPrices": "!Or [!Equals [!Ref AdjudicatorModel ] !Not [!Equals [!Ref AdjudicatorPrices ]]]",
	} {
		if got := fmt.Sprint(rules[name]); !strings.HasPrefix(got, "map[Assertions:[map[Assert:"+asserts+" AssertDescription:") {
			p.addf("rule %s asserts %s", name, got)
		}
	}
	return p, nil
}

// mentions notes each name that an intrinsic in the value may refer to.
func mentions(value any, used map[string]bool) {
	switch v := value.(type) {
	case template.Intrinsic:
		switch arg := v.Arg.(type) {
		case string:
			used[arg] = true
			for _, part := range strings.FieldsFunc(arg, func(r rune) bool { return strings.ContainsRune("${}", r) }) {
				used[part] = true
			}
		case []any:
			if name, ok := arg[0].(string); ok && v.Name == "If" {
				used[name] = true
			}
			mentions(arg, used)
			if format, ok := arg[0].(string); ok && v.Name == "Sub" {
				mentions(template.Intrinsic{Name: "Sub", Arg: format}, used)
			}
		default:
			mentions(arg, used)
		}
	case []any:
		for _, item := range v {
			mentions(item, used)
		}
	case map[string]any:
		if name, ok := v["Condition"].(string); ok {
			used[name] = true
		}
		for _, item := range v {
			mentions(item, used)
		}
	}
}

// referencesAreThere: a Ref, GetAtt or Sub names a resource or parameter that is there, also in the
// branch of a condition that does not hold here.
func referencesAreThere(t *template.Template) (problems, error) {
	var p problems
	for _, s := range []template.Scope{{}, furnished, elsewhere} {
		for _, r := range t.Resources() {
			for property, value := range r.Properties {
				if _, err := t.Resolve(s, value); err != nil {
					p.addf("%s.%s: %v", r.LogicalID, property, err)
				}
			}
		}
		for name, output := range t.Outputs {
			if _, err := t.Resolve(s, output); err != nil {
				p.addf("output %s: %v", name, err)
			}
		}
	}
	return p, nil
}

// logsAreAccess: the door's log tells what was asked and answered, never who may ask: no header, no
// query and no claim of a token.
func logsAreAccess(t *template.Template) (problems, error) {
	fields := []string{
		"requestId", "extendedRequestId", "requestTime", "requestTimeEpoch", "routeKey", "status", "responseLength", "responseLatency",
		"integrationLatency", "integrationErrorMessage", "integrationStatus", "identity.sourceIp", "protocol",
	}
	var p problems
	for _, r := range t.ResourcesOfType(template.TypeHTTPAPI) {
		format, _ := r.Lookup("AccessLogSettings", "Format")
		text, _ := format.(string)
		for i, part := range strings.Split(text, "$context.") {
			name := strings.FieldsFunc(part, func(c rune) bool { return c == '"' || c == ',' || c == '}' || c == ' ' })
			if i > 0 && !slices.Contains(fields, name[0]) {
				p.addf("%s writes %s to its log", r.LogicalID, name[0])
			}
		}
		for _, must := range []string{"requestId", "status", "routeKey"} {
			if !strings.Contains(text, `"$context.`+must+`"`) {
				p.addf("%s does not write %s to its log", r.LogicalID, must)
			}
		}
		var line map[string]string
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			p.addf("%s: a line of its log is no JSON: %v", r.LogicalID, err)
		}
		if strings.ContainsAny(text, "\n") || strings.Contains(text, "$request") || strings.Contains(text, "$stageVariables") {
			p.addf("%s: its log's format is not one line of $context alone", r.LogicalID)
		}
		for _, limit := range []string{"ThrottlingRateLimit", "ThrottlingBurstLimit"} {
			rate, _ := r.Lookup("DefaultRouteSettings", limit)
			if n, whole := rate.(int); !whole || n < 100 || n > 10_000 {
				p.addf("%s: %s %v stops the app, or nobody", r.LogicalID, limit, rate)
			}
		}
	}
	for _, r := range t.ResourcesOfType("AWS::Logs::LogGroup") {
		if r.DeletionPolicy != "Delete" || r.UpdateReplacePolicy != "Delete" {
			p.addf("%s outlives its stack: the next stack of that name cannot be made", r.LogicalID)
		}
		if days, _ := r.Lookup("RetentionInDays"); fmt.Sprint(days) != "!Ref LogRetentionDays" {
			p.addf("%s does not keep its lines for LogRetentionDays", r.LogicalID)
		}
	}
	return p, nil
}

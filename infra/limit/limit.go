// Package limit finds what AWS would refuse of a stack before anything of it is made.
//
// It owns the limits that neither SAM's linter nor a rehearsal knows: names once the stack has its
// own, sizes of environments and policies, ranges, counts. A first deployment that is refused half
// way leaves its protected tables behind, so it is refused here. It refuses to know AWS: nobody is
// asked, and what an account's own quotas are stands beside each figure.
//
// Invariants: each figure is AWS's, of its documentation; a message names the resource, the figure
// and what is allowed.
//
// Words: scope (the parameters and the names that a stack of that name would have), translated
// (what SAM makes of the template: the resources that CloudFormation sees).
package limit

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"makegood/infra/template"
)

// The figures that stand for a whole file or stack.
const (
	templateDescription  = 1_024 // bytes
	parameterDescription = 4_000
	outputDescription    = 1_024
	parameterValue       = 4_096 // bytes
	mostParameters       = 200
	mostOutputs          = 200
	stackName            = 128
)

// refusals collects what AWS would refuse.
type refusals []string

func (r *refusals) addf(format string, args ...any) { *r = append(*r, fmt.Sprintf(format, args...)) }

// most adds a refusal where a text is longer, in characters, than it may be.
func (r *refusals) most(what, text string, length int) {
	if n := utf8.RuneCountInString(text); n > length {
		r.addf("%s has %d characters, %d are allowed: %s", what, n, length, text)
	}
}

// between adds a refusal where a number is none of the range.
func (r *refusals) between(what string, value any, least, most int) {
	if n, whole := value.(int); value != nil && (!whole || n < least || n > most) {
		r.addf("%s is %v: from %d to %d are allowed", what, value, least, most)
	}
}

// Scope returns what a stack of that name has for references: names as CloudFormation makes them,
// in the region with the longest name.
func Scope(stack string, parameters map[string]string) template.Scope {
	const region, account, suffix = "ap-southeast-1", "123456789012", "ABCDEFGHIJKLM"
	// CloudFormation adds 13 characters to the names that it makes.
	name := func(r *template.Resource) string { return stack + "-" + r.LogicalID + "-" + suffix }
	arn := func(service, rest string) string {
		return "arn:aws:" + service + ":" + region + ":" + account + ":" + rest
	}
	named := func(r *template.Resource, property string) string {
		text, _ := r.Properties[property].(template.Intrinsic)
		if written, ok := text.Arg.(string); ok {
			return strings.NewReplacer("${AWS::StackName}", stack, "${NamePrefix}", parameters["NamePrefix"]).Replace(written)
		}
		return name(r)
	}
	return template.Scope{
		Parameters: parameters,
		Pseudo: map[string]string{
			"AWS::StackName": stack, "AWS::Region": region, "AWS::AccountId": account,
			"AWS::StackId": arn("cloudformation", "stack/"+stack+"/00000000-0000-0000-0000-000000000000"),
		},
		Ref: func(r *template.Resource) (string, bool) {
			switch r.Type {
			case template.TypeTable:
				return name(r), true
			case template.TypeBucket:
				return bucketOf(name(r)), true
			case template.TypeQueue:
				return "https://sqs." + region + ".amazonaws.com/" + account + "/" + named(r, "QueueName"), true
			case "AWS::IAM::ManagedPolicy":
				return arn("iam", "policy/"+name(r)), true
			}
			return "", false
		},
		GetAtt: func(r *template.Resource, attribute string) (string, bool) {
			switch {
			case attribute != "Arn":
				return "", false
			case r.Type == template.TypeBucket:
				return "arn:aws:s3:::" + bucketOf(name(r)), true
			case r.Type == template.TypeTable:
				return arn("dynamodb", "table/"+name(r)), true
			case r.Type == template.TypeQueue:
				return arn("sqs", named(r, "QueueName")), true
			case r.Type == "AWS::Logs::LogGroup":
				return arn("logs", "log-group:"+named(r, "LogGroupName")+":*"), true
			}
			return "", false
		},
	}
}

// bucketOf returns the name that CloudFormation makes for a bucket. Of one that is too long the
// stack's part gives way.
func bucketOf(name string) string {
	name = strings.ToLower(name)
	return strings.TrimLeft(name[max(0, len(name)-bucketName):], "-")
}

// Check returns what AWS would refuse of the stack, none where nothing is known against it. An
// error is a template or a parameter that cannot be read: AWS would refuse that too.
func Check(t *template.Template, stack string, parameters map[string]string) ([]string, error) {
	var r refusals
	s := Scope(stack, parameters)
	if !regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`).MatchString(stack) || len(stack) > stackName {
		r.addf("a stack cannot be called %q: letters, digits and hyphens, %d at the most, a letter first", stack, stackName)
	}
	for name := range parameters {
		if _, ok := t.Parameter(name); !ok {
			r.addf("the template has no parameter %s", name)
		}
	}
	for _, p := range t.Parameters {
		value, err := t.ParameterValue(s, p.Name)
		if err != nil {
			r.addf("%v", err)
		}
		if len(value) > parameterValue {
			r.addf("parameter %s has %d bytes, %d are allowed", p.Name, len(value), parameterValue)
		}
	}
	// Without its parameters nothing below can be told.
	if len(r) > 0 {
		return r, nil
	}
	checkFile(t, &r)
	for _, part := range []func(*template.Template, template.Scope, *refusals) error{checkNames, checkRanges, checkFunctions, checkTables, checkPolicies} {
		if err := part(t, s, &r); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// checkFile looks at what belongs to no resource.
func checkFile(t *template.Template, r *refusals) {
	if description, _ := t.Document["Description"].(string); len(description) > templateDescription {
		r.addf("the template's Description has %d bytes, %d are allowed", len(description), templateDescription)
	}
	if len(t.Parameters) > mostParameters || len(t.Outputs) > mostOutputs {
		r.addf("%d parameters and %d outputs: %d of each are allowed", len(t.Parameters), len(t.Outputs), mostOutputs)
	}
	for _, p := range t.Parameters {
		r.most("Description of parameter "+p.Name, p.Description, parameterDescription)
	}
	for name, body := range t.Outputs {
		output, _ := body.(map[string]any)
		description, _ := output["Description"].(string)
		r.most("Description of output "+name, description, outputDescription)
	}
}

// names are the texts that have a most length, by type and property; pattern says what a name may
// be made of.
var names = []struct {
	kind, property string
	most           int
	pattern        *regexp.Regexp
}{
	{template.TypeFunction, "FunctionName", 64, regexp.MustCompile(`^[A-Za-z0-9_-]+$`)},
	{template.TypeFunction, "Description", 256, nil},
	{template.TypeQueue, "QueueName", 80, regexp.MustCompile(`^[A-Za-z0-9_-]+$`)},
	{template.TypeBucket, "BucketName", bucketName, regexp.MustCompile(`^[a-z0-9][a-z0-9-]+[a-z0-9]$`)},
	{"AWS::Logs::LogGroup", "LogGroupName", 512, regexp.MustCompile(`^[A-Za-z0-9_/.#-]+$`)},
	{template.TypeHTTPAPI, "Name", 128, nil},
	{"AWS::IAM::ManagedPolicy", "Description", 1_000, nil},
	{template.TypeAlarm, "AlarmName", 255, nil},
	{template.TypeAlarm, "AlarmDescription", 1_024, nil},
	{template.TypeAlarm, "Namespace", 255, nil},
	{"AWS::CloudWatch::CompositeAlarm", "AlarmDescription", 1_024, nil},
	{"AWS::CloudWatch::CompositeAlarm", "AlarmRule", 10_240, nil},
	{"AWS::CloudWatch::Dashboard", "DashboardName", 255, regexp.MustCompile(`^[A-Za-z0-9_-]+$`)},
	{"AWS::CloudWatch::Dashboard", "DashboardBody", 1_000_000, nil},
}

// bucketName is the most length of a bucket's name. One that CloudFormation makes is cut to it, and
// in lower case.
const bucketName = 63

// scheduleName is the most length of a schedule's name; it stands in a function's event.
const scheduleName = 64

func checkNames(t *template.Template, s template.Scope, r *refusals) error {
	for _, rule := range names {
		for _, resource := range t.ResourcesOfType(rule.kind) {
			resolved, err := t.ResolveProperties(s, resource, rule.property)
			if err != nil {
				return err
			}
			text, ok := resolved[rule.property].(string)
			if !ok {
				continue
			}
			what := rule.property + " of " + resource.LogicalID
			r.most(what, text, rule.most)
			if rule.pattern != nil && !rule.pattern.MatchString(text) {
				r.addf("%s is %q: only %s is allowed", what, text, rule.pattern)
			}
		}
	}
	for _, function := range t.ResourcesOfType(template.TypeFunction) {
		events, _ := function.Properties["Events"].(map[string]any)
		for name := range events {
			written, ok := function.Lookup("Events", name, "Properties", "Name")
			if !ok {
				continue
			}
			text, err := t.Resolve(s, written)
			if err != nil {
				return err
			}
			r.most("Name of "+function.LogicalID+"."+name, fmt.Sprint(text), scheduleName)
		}
	}
	return nil
}

// ranges are the numbers that have a least and a most, by type and path.
var ranges = []struct {
	kind, path  string
	least, most int
}{
	{template.TypeFunction, "Timeout", 1, 900},
	{template.TypeFunction, "MemorySize", 128, 3_008}, // 10,240 in an account that is not new
	{template.TypeQueue, "VisibilityTimeout", 0, 43_200},
	{template.TypeQueue, "MessageRetentionPeriod", 60, 1_209_600},
	{template.TypeQueue, "RedrivePolicy.maxReceiveCount", 1, 1_000},
	{template.TypeAlarm, "EvaluationPeriods", 1, 8_640},
}

// retentions are the days for which CloudWatch keeps a log.
var retentions = []string{
	"1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731", "1096", "1827", "2192", "2557", "2922", "3288", "3653",
}

// alarmMetrics is how many metrics an alarm may reckon with.
const alarmMetrics = 10

func checkRanges(t *template.Template, s template.Scope, r *refusals) error {
	for _, rule := range ranges {
		for _, resource := range t.ResourcesOfType(rule.kind) {
			value, _ := resource.Lookup(strings.Split(rule.path, ".")...)
			r.between(rule.path+" of "+resource.LogicalID, value, rule.least, rule.most)
		}
	}
	for _, group := range t.ResourcesOfType("AWS::Logs::LogGroup") {
		resolved, err := t.ResolveProperties(s, group, "RetentionInDays")
		if err != nil {
			return err
		}
		if days := fmt.Sprint(resolved["RetentionInDays"]); !slices.Contains(retentions, days) {
			r.addf("%s: CloudWatch keeps no log for %s days", group.LogicalID, days)
		}
	}
	for _, alarm := range t.ResourcesOfType(template.TypeAlarm) {
		metrics := 0
		queries, _ := alarm.Properties["Metrics"].([]any)
		for _, query := range queries {
			body, _ := query.(map[string]any)
			if body["MetricStat"] != nil {
				metrics++
			}
			if expression := fmt.Sprint(body["Expression"]); strings.Contains(expression, "SEARCH(") {
				r.addf("%s: an alarm cannot search for its metrics", alarm.LogicalID)
			}
		}
		if metrics > alarmMetrics {
			r.addf("%s reckons with %d metrics, %d are allowed", alarm.LogicalID, metrics, alarmMetrics)
		}
	}
	return nil
}

// What a function may have.
const (
	environmentBytes = 4_096
	batchWithoutWait = 10
	leastConcurrency = 2
	mostConcurrency  = 1_000
	newAccount       = 10 // executions at once in an account's first weeks, of 1,000 later
)

func checkFunctions(t *template.Template, s template.Scope, r *refusals) error {
	functions, err := t.Functions(s)
	if err != nil {
		return err
	}
	for _, f := range functions {
		// Lambda counts the variables as the JSON that holds them.
		size := len("{}")
		for name, value := range f.Env {
			size += len(name) + len(value) + len(`"":"",`)
		}
		if size > environmentBytes {
			r.addf("the environment of %s has %d bytes, %d are allowed: are secrets' names long?", f.LogicalID, size, environmentBytes)
		}
		for _, q := range f.Queues {
			r.between("BatchSize of "+f.LogicalID, q.BatchSize, 1, batchWithoutWait)
			r.between("MaximumConcurrency of "+f.LogicalID, q.MaximumConcurrency, leastConcurrency, mostConcurrency)
		}
		// What is reserved for one is taken from all, and a new account has nothing to take from:
		// Lambda keeps at least as much unreserved as such an account has.
		for _, property := range []string{"ReservedConcurrentExecutions", "ProvisionedConcurrencyConfig"} {
			if _, reserves := t.Resource(f.LogicalID).Lookup(property); reserves {
				r.addf("%s has a %s: an account of %d executions at once refuses it", f.LogicalID, property, newAccount)
			}
		}
	}
	return nil
}

// What a table may have.
const (
	mostIndexes     = 20
	mostNonKeyNames = 100 // over all its indexes
)

func checkTables(t *template.Template, s template.Scope, r *refusals) error {
	tables, err := t.Tables(s)
	if err != nil {
		return err
	}
	for _, table := range tables {
		carried := 0
		for _, index := range table.Indexes {
			carried += len(index.Include)
		}
		if len(table.Indexes) > mostIndexes || carried > mostNonKeyNames {
			r.addf("%s has %d indexes that carry %d attributes: %d and %d are allowed", table.LogicalID, len(table.Indexes), carried, mostIndexes, mostNonKeyNames)
		}
	}
	return nil
}

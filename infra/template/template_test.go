package template_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/template"
)

func parsed(t *testing.T) *template.Template {
	t.Helper()
	p, err := template.Parse("testdata/template.yaml")
	require.NoError(t, err)
	return p
}

func prod(name, value string) template.Scope {
	return template.Scope{Parameters: map[string]string{"Stage": "prod", name: value}}
}

func TestAResourceKeepsItsPlaceAndItsIntrinsics(t *testing.T) {
	p := parsed(t)
	var ids []string
	for _, r := range p.Resources() {
		ids = append(ids, r.LogicalID)
	}
	assert.Equal(t, []string{"OneFunction", "TwoFunction", "KeptThingsBucket", "OtherBucket", "UnusedBucket", "WorkQueue", "WorkDeadLetterQueue", "ItemsTable", "WorkDeadLetterAlarm", "LateAlarm"}, ids)

	table := p.Resource("ItemsTable")
	assert.Equal(t, "Retain", table.DeletionPolicy)
	assert.Equal(t, "Retain", table.UpdateReplacePolicy)
	assert.Equal(t, []string{"WorkQueue"}, table.DependsOn)
	name, ok := table.Lookup("GlobalSecondaryIndexes", "0", "KeySchema", "1", "AttributeName")
	assert.True(t, ok)
	assert.Equal(t, "dueAt", name)
	for _, missing := range [][]string{{"Nope"}, {"KeySchema", "9"}, {"KeySchema", "x"}, {"KeySchema", "0", "KeyType", "deeper"}} {
		_, ok = table.Lookup(missing...)
		assert.False(t, ok, missing)
	}
	target, _ := p.Resource("WorkQueue").Lookup("RedrivePolicy", "deadLetterTargetArn")
	assert.Equal(t, template.Intrinsic{Name: "GetAtt", Arg: []any{"WorkDeadLetterQueue", "Arn"}}, target)
	assert.Equal(t, "!GetAtt WorkDeadLetterQueue.Arn", target.(template.Intrinsic).String())
	assert.Nil(t, p.Resource("Nope"))
	assert.Len(t, p.ResourcesOfType(template.TypeQueue), 2)
}

func TestGlobalsAreMergedAsSAMMergesThem(t *testing.T) {
	p := parsed(t)
	timeout, _ := p.Resource("OneFunction").Lookup("Timeout")
	assert.Equal(t, 10, timeout)
	timeout, _ = p.Resource("TwoFunction").Lookup("Timeout")
	assert.Equal(t, 3, timeout)
	shared, _ := p.Resource("OneFunction").Lookup("Environment", "Variables", "SHARED")
	assert.Equal(t, "own", shared)
	shared, _ = p.Resource("TwoFunction").Lookup("Environment", "Variables", "SHARED")
	assert.Equal(t, "global", shared)
	assert.NotContains(t, p.Resource("TwoFunction").Own, "Environment")
}

func TestAFunctionIsResolvedWhole(t *testing.T) {
	p := parsed(t)
	scope := template.Scope{
		Ref: func(r *template.Resource) (string, bool) { return "http://queue", r.LogicalID == "WorkQueue" },
		GetAtt: func(r *template.Resource, attribute string) (string, bool) {
			return "arn:" + r.LogicalID, attribute == "Arn"
		},
	}
	all, err := p.Functions(scope)
	require.NoError(t, err)
	require.Len(t, all, 1, "TwoFunction is for prod only")
	assert.Equal(t, template.Function{
		LogicalID: "OneFunction", Name: "one", Deployed: "makegood-one", Folder: "functions/one", Timeout: 10 * time.Second, MemoryMB: 128,
		Env: map[string]string{
			"STAGE": "dev", "SHARED": "own", "QUEUE_URL": "http://queue", "TABLE": "ItemsTable", "ARN": "arn:ItemsTable",
			"SUB": "dev/a-dev/arn:WorkQueue/${Literal}", "PICKED": "/a/b", "LIST": "a,b", "LONG": "long-dev",
		},
		Routes:    []template.Route{{Event: "All", Method: "ANY", Path: "$default"}, {Event: "Get", Method: "GET", Path: "/things/{id}"}},
		Queues:    []template.QueueEvent{{Event: "Work", Queue: "WorkQueue", BatchSize: 7, ReportBatchItemFailures: true, MaximumConcurrency: 4}},
		Schedules: []template.Schedule{{Event: "Sweep", Expression: "rate(1 minute)", Input: "{}"}},
	}, all[0])
}

func TestConditionsChooseResourcesAndValues(t *testing.T) {
	all, err := parsed(t).Functions(prod("Empty", ""))
	require.NoError(t, err)
	require.Len(t, all, 2)
	assert.Equal(t, "yes", all[0].Env["CHOSEN"])
	assert.Equal(t, 1024, all[0].MemoryMB)
	assert.Equal(t, "functions/two", all[1].Folder)
	assert.Equal(t, "two", all[1].Deployed)

	for condition, want := range map[string][2]string{ // in dev, in prod with Empty set
		"IsProd": {"no", "yes"}, "IsDev": {"yes", "no"}, "Both": {"no", "yes"}, "Either": {"yes", "yes"},
	} {
		choice := template.Intrinsic{Name: "If", Arg: []any{condition, "yes", "no"}}
		for n, scope := range []template.Scope{{}, prod("Empty", "set")} {
			got, err := parsed(t).Resolve(scope, choice)
			require.NoError(t, err)
			assert.Equal(t, want[n], got, condition)
		}
	}
}

func TestTablesQueuesAndAlarmsAreResolved(t *testing.T) {
	p := parsed(t)
	tables, err := p.Tables(template.Scope{})
	require.NoError(t, err)
	pk, sk, due := template.Key{Name: "pk", Kind: "S"}, template.Key{Name: "sk", Kind: "S"}, template.Key{Name: "dueAt", Kind: "N"}
	assert.Equal(t, []template.Table{{LogicalID: "ItemsTable", Name: "Items", Partition: pk, Sort: sk, Indexes: []template.Index{
		{Name: "open", Partition: pk, Sort: due, Projection: "INCLUDE", Include: []string{"todo"}},
	}}}, tables)

	queues, err := p.Queues(template.Scope{})
	require.NoError(t, err)
	assert.Equal(t, []template.Queue{
		{LogicalID: "WorkDeadLetterQueue", Name: "work-dlq", Visibility: 30 * time.Second, Retention: 14 * 24 * time.Hour},
		{
			LogicalID: "WorkQueue", Name: "dev-work", Visibility: time.Minute, Retention: 4 * 24 * time.Hour,
			DeadLetter: "WorkDeadLetterQueue", MaxReceiveCount: 5,
		},
	}, queues)

	buckets, err := p.Buckets(template.Scope{})
	require.NoError(t, err)
	assert.Equal(t, []template.Bucket{{LogicalID: "KeptThingsBucket", Name: "kept-things"}, {LogicalID: "OtherBucket", Name: "dev-other", CORS: []template.CORSRule{
		{Origins: []string{"https://a.example", "https://b.example"}, Methods: []string{"PUT"}, Headers: []string{"content-type"}, MaxAge: 60},
	}}}, buckets)

	alarms, err := p.Alarms(template.Scope{})
	require.NoError(t, err)
	assert.Equal(t, []template.Alarm{{
		LogicalID: "WorkDeadLetterAlarm", Threshold: "0", Periods: 1, Metrics: []template.Metric{{
			Namespace: "AWS/SQS", Name: "ApproximateNumberOfMessagesVisible", Dimensions: map[string]string{"QueueName": "WorkDeadLetterQueue"},
			Stat: "Maximum", Period: 60,
		}},
	}, {
		LogicalID: "LateAlarm", Threshold: "0.01", Periods: 2, Expression: "IF(late >= 2, late / all, 0)", Metrics: []template.Metric{
			{ID: "late", Namespace: "Shop/makegood", Name: "Late", Dimensions: map[string]string{"Function": "work"}, Stat: "Sum", Period: 3600},
			{ID: "all", Namespace: "Shop/makegood", Name: "Late", Dimensions: map[string]string{}, Stat: "SampleCount", Period: 3600},
		},
	}}, alarms)
}

func TestParametersAreHeldAgainstWhatTheTemplateAllows(t *testing.T) {
	p := parsed(t)
	for name, c := range map[string]struct {
		scope template.Scope
		says  string
	}{
		"Stage":  {template.Scope{Parameters: map[string]string{"Stage": "test"}}, `"test" is not one of dev, prod`},
		"Secret": {template.Scope{Parameters: map[string]string{"Secret": "literal:x"}}, "does not match"},
		"Needed": {template.Scope{}, "has no default and was not given"},
		"Nobody": {template.Scope{}, "the template has none of that name"},
	} {
		_, err := p.ParameterValue(c.scope, name)
		assert.ErrorContains(t, err, c.says)
		assert.ErrorContains(t, err, name)
	}
	value, err := p.ParameterValue(template.Scope{Parameters: map[string]string{"Secret": "literal:x"}, AnyText: true}, "Secret")
	require.NoError(t, err)
	assert.Equal(t, "literal:x", value)
	secret, ok := p.Parameter("Secret")
	assert.True(t, ok && secret.NoEcho && secret.HasDefault)
}

func TestWhatCannotBeResolvedIsNamed(t *testing.T) {
	const head = "Resources:\n  OddFunction:\n    Type: AWS::Serverless::Function\n    Properties:\n      CodeUri: functions/odd\n      Handler: bootstrap\n"
	for body, says := range map[string]string{
		"      Environment: {Variables: {X: !Ref Gone}}\n":                         "template.yaml:2: OddFunction.Environment.Variables.X: !Ref Gone: no parameter or resource has that name",
		"      Environment: {Variables: {X: !Sub 'a-${Gone}'}}\n":                  "${Gone}: no parameter or resource",
		"      Environment: {Variables: {X: !GetAtt Gone.Arn}}\n":                  "!GetAtt Gone.Arn",
		"      Environment: {Variables: {X: !If [Never, a, b]}}\n":                 "condition Never",
		"      Environment: {Variables: {X: !ImportValue other}}\n":                "is not supported here",
		"      Environment: {Variables: {X: !FindInMap [A, b, c]}}\n":              "no such entry in Mappings",
		"      Environment: {Variables: {X: !Select [3, [a]]}}\n":                  "nothing at position 3",
		"      Timeout: soon\n":                                                    "OddFunction.Timeout: soon is not a whole number",
		"      Events: {Bell: {Type: Alarm}}\n":                                    `OddFunction.Events.Bell: event type "Alarm" is not known here`,
		"      Events: {In: {Type: SQS, Properties: {Queue: !GetAtt Gone.Arn}}}\n": "OddFunction.Events.In.Queue",
	} {
		p, err := template.ParseBytes("template.yaml", []byte(head+body))
		require.NoError(t, err, body)
		_, err = p.Functions(template.Scope{})
		assert.ErrorContains(t, err, says, body)
	}
}

func TestAFileThatIsNoTemplateIsRefused(t *testing.T) {
	for text, says := range map[string]string{
		"":                                       "empty template",
		"- a\n":                                  "a template is a mapping",
		"Resources:\n  A:\n    Properties: {}\n": "a.yaml:2: A: a resource needs a Type",
		"Resources:\n  A: !Nope x\n":             "2: tag !Nope is not a CloudFormation function",
		"a: [\n":                                 "a.yaml",
	} {
		_, err := template.ParseBytes("a.yaml", []byte(text))
		assert.ErrorContains(t, err, says, text)
	}
	_, err := template.Parse("testdata/none.yaml")
	assert.ErrorContains(t, err, "none.yaml")
}

func TestTheProjectsOwnTemplateIsReadWhole(t *testing.T) {
	p, err := template.Parse("../../template.yaml")
	require.NoError(t, err)
	functions, err := p.Functions(template.Scope{})
	require.NoError(t, err)
	for _, f := range functions {
		assert.Equal(t, "functions/"+f.Name, f.Folder)
		assert.NotZero(t, len(f.Routes)+len(f.Queues)+len(f.Schedules), f.Name)
	}
	queues, err := p.Queues(template.Scope{})
	require.NoError(t, err)
	for _, q := range queues {
		assert.Equal(t, strings.HasSuffix(q.Name, "-dlq"), q.DeadLetter == "", q.Name)
	}
	tables, err := p.Tables(template.Scope{})
	require.NoError(t, err)
	assert.NotEmpty(t, tables)
}

func TestAKeyThatStandsTwiceIsRefused(t *testing.T) {
	_, err := template.ParseBytes("twice.yaml", []byte("Resources:\n  A: {Type: AWS::SQS::Queue}\n  B: {Type: AWS::SQS::Queue}\n  A: {Type: AWS::SNS::Topic}\n"))
	require.ErrorContains(t, err, "A")
}

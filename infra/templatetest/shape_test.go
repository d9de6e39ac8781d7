package templatetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"makegood/infra/template"
)

// queriesAreTaken holds what CloudWatch refuses of an alarm or a filter, or takes in another sense:
// one query's data is looked at, and a statistic is one.
func queriesAreTaken(t *template.Template) (problems, error) {
	const within = 900 // seconds in which an alarm rings that burns no budget
	var p problems
	alarms, err := t.Alarms(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, a := range alarms {
		r := t.Resource(a.LogicalID)
		if r.Properties["Statistic"] != nil && r.Properties["ExtendedStatistic"] != nil {
			p.addf("%s has two statistics", a.LogicalID)
		}
		if len(a.Metrics) > 0 && a.Metrics[0].Period < hour && a.Metrics[0].Period*a.Periods > within {
			p.addf("%s rings after %d s at the soonest", a.LogicalID, a.Metrics[0].Period*a.Periods)
		}
		queries, _ := r.Properties["Metrics"].([]any)
		looked := 0
		for _, query := range queries {
			body, _ := query.(map[string]any)
			if body["ReturnData"] != false {
				looked++
				if body["Expression"] == nil {
					p.addf("%s looks at %v, not at its expression", a.LogicalID, body["Id"])
				}
			}
		}
		if len(queries) > 0 && looked != 1 {
			p.addf("%s looks at %d of its queries, not at one", a.LogicalID, looked)
		}
	}
	for _, r := range t.ResourcesOfType(typeMetricFilter) {
		list, _ := r.Properties["MetricTransformations"].([]any)
		for _, item := range list {
			body, _ := item.(map[string]any)
			if keys := slices.Sorted(maps.Keys(body)); !slices.Equal(keys, []string{"MetricName", "MetricNamespace", "MetricValue"}) {
				p.addf("%s: its metric has %v; a dimension makes another metric, a default one that is always sent", r.LogicalID, keys)
			}
		}
	}
	return p, nil
}

// nobodyWaits: references say what is made before what. A DependsOn is a circle that the linter
// does not see, or nothing.
func nobodyWaits(t *template.Template) (problems, error) {
	var p problems
	resources, _ := t.Document["Resources"].(map[string]any)
	for id, body := range resources {
		if of, _ := body.(map[string]any); of["DependsOn"] != nil {
			p.addf("%s waits for %v", id, of["DependsOn"])
		}
	}
	return p, nil
}

// settings are what each condition must be, by a parameter's value.
var settings = []struct {
	condition, parameter, value string
	holds                       bool
}{
	{"IsNewAccount", "AccountConcurrency", "10", true},
	{"IsNewAccount", "AccountConcurrency", "1000", false},
	{"HasAlarmTopic", "AlarmTopic", "", false},
	{"HasAlarmTopic", "AlarmTopic", "arn:aws:sns:us-east-1:000000000000:alarms", true},
	{"HasDashboard", "Dashboard", "yes", true},
	{"HasDashboard", "Dashboard", "no", false},
	{"HasNoticeEmail", "NoticeEmailFrom", "", false},
	{"HasNoticeEmail", "NoticeEmailFrom", sender, true},
	{"HasStripeRefundKey", "StripeRefundKey", "", false},
	{"HasStripeRefundKey", "StripeRefundKey", "ssm:/x", true},
	{"HasStripeReadKey", "StripeReadKey", "", false},
	{"HasStripeReadKey", "StripeReadKey", "ssm:/x", true},
	{"HasOidcClientSecret", "OidcClientSecret", "", false},
	{"HasOidcClientSecret", "OidcClientSecret", "ssm:/x", true},
	{"HasAdjudicator", "AdjudicatorModel", "", false},
	{"HasAdjudicator", "AdjudicatorModel", adjudicator, true},
	{"HasStandardApi", "StandardApiUrl", "", false},
	{"HasStandardApi", "StandardApiUrl", "https://x.example", true},
}

// conditionsHold: each follows its parameter, and not the other way round.
func conditionsHold(t *template.Template) (problems, error) {
	var p problems
	for _, s := range settings {
		got, err := t.Resolve(template.Scope{Parameters: map[string]string{s.parameter: s.value}}, template.Intrinsic{Name: "If", Arg: []any{s.condition, "true", "false"}})
		if err != nil {
			return nil, err
		}
		if got != fmt.Sprint(s.holds) {
			p.addf("%s is %v where %s is %q", s.condition, got, s.parameter, s.value)
		}
	}
	return p, nil
}

// place is where a widget stands, and how it draws.
type place struct {
	Type                string `json:"type"`
	X, Y, Width, Height int
	Properties          struct {
		Title, View, Region string
		Table               struct{ SummaryColumns []string }
	} `json:"properties"`
}

// widgetsAreDrawn: none covers another, each is of the stack's region, and drawn as CloudWatch can.
func widgetsAreDrawn(t *template.Template) (problems, error) {
	var p problems
	const region = "xx-west-9"
	body, err := t.Resolve(template.Scope{Pseudo: map[string]string{"AWS::Region": region}}, t.Resource("OperationsDashboard").Properties["DashboardBody"])
	if err != nil {
		return nil, err
	}
	var whole struct{ Widgets []place }
	if err := json.Unmarshal([]byte(fmt.Sprint(body)), &whole); err != nil {
		p.addf("the dashboard is no JSON: %v", err)
		return p, nil
	}
	for n, w := range whole.Widgets {
		for _, other := range whole.Widgets[:n] {
			if w.X < other.X+other.Width && other.X < w.X+w.Width && w.Y < other.Y+other.Height && other.Y < w.Y+w.Height {
				p.addf("%q covers %q", w.Properties.Title, other.Properties.Title)
			}
		}
		if w.Type != "metric" {
			continue
		}
		if w.Properties.Region != region {
			p.addf("%q is of the region %q", w.Properties.Title, w.Properties.Region)
		}
		columns := w.Properties.Table.SummaryColumns
		known := !slices.ContainsFunc(columns, func(name string) bool { return !slices.Contains([]string{"MIN", "MAX", "SUM", "AVG"}, name) })
		if table := w.Properties.View == "table"; !table && w.Properties.View != "timeSeries" || table != (len(columns) > 0) || !known {
			p.addf("%q is drawn as %q with the columns %v", w.Properties.Title, w.Properties.View, columns)
		}
	}
	return p, nil
}

// unheard are defects of alarms that ring for the wrong thing, or never, and of what AWS refuses.
var unheard = []defect{
	{"occasions", "IF(bad >= ${AlarmLate}, bad / all, 0)", "IF(bad >= ${AlarmRequests}, bad / all, 0)"},
	{"occasions", "IF(bad >= ${AlarmLate}, bad / all, 0)", "IF(bad >= ${AlarmLate}, all / bad, 0)"},
	{"occasions", "IF(bad >= ${AlarmLate}, bad / all, 0)", "IF(bad < ${AlarmLate}, bad / all, 0)"},
	{"occasions", "refusals / requests, 0)", "requests / refusals, 0)"},
	{"occasions", "            Stat: Minimum\n", "            Stat: Maximum\n"},
	{"occasions", "            Stat: SampleCount\n", "            Stat: Sum\n"},
	{"occasions", "      Statistic: Minimum\n", "      Statistic: Maximum\n"},
	{"occasions", "      ExtendedStatistic: p99\n", "      ExtendedStatistic: p1\n"},
	{"occasions", "      ExtendedStatistic: p99\n", "      Statistic: Average\n"},
	{"occasions", "Value: !GetAtt NoticesQueue.QueueName}]\n      Statistic: Maximum", "Value: !GetAtt NoticesQueue.QueueName}]\n      Statistic: Minimum"},
	{"occasions", "Expression: MAX([results, assessments, requests, settlements, runs, notices])", "Expression: MAX([results + assessments + requests + settlements + runs, notices])"},
	{"occasions", "FilterPattern: '{ $.route = \"POST /webhooks/*\" && $.status = \"2*\" }'", "FilterPattern: '{ $.route = \"POST /webhooks/*\" && $.status = \"5*\" }'"},
	{"occasions", " || $.status = \"429\")", ")"},
	{"occasions", " && $.status != \"429\" }", " }"},
	{"occasions", "\"POST /webhooks/*\" && ($.status", "\"POST /webhooks/*\" || ($.status"},
	{"occasions", "ComparisonOperator: LessThanThreshold", "ComparisonOperator: LessThanOrEqualToThreshold"},
	{"occasions", "  StuckItemsAlarm:\n", "  SpareAlarm:\n    Type: AWS::CloudWatch::Alarm\n    Properties: {Namespace: AWS/Lambda, MetricName: Duration, Statistic: Maximum, Period: 60, EvaluationPeriods: 1, Threshold: 5, ComparisonOperator: GreaterThanThreshold}\n\n  StuckItemsAlarm:\n"},
	{"queries", "        - Id: refusals\n          ReturnData: false\n", "        - Id: refusals\n"},
	{"queries", "      ExtendedStatistic: p99\n", "      ExtendedStatistic: p99\n      Statistic: Average\n"},
	{"queries", "      EvaluationPeriods: 2\n      Threshold: !Ref AlarmFailures", "      EvaluationPeriods: 200\n      Threshold: !Ref AlarmFailures"},
	{"queries", "MetricName: WebhooksRefused, MetricValue: \"1\"", "MetricName: WebhooksRefused, MetricValue: \"1\", Dimensions: [{Key: route, Value: $.route}]"},
	{"queries", "MetricName: WebhooksRefused, MetricValue: \"1\"", "MetricName: WebhooksRefused, MetricValue: \"1\", DefaultValue: 0"},
	{"order", "  WalletsTable:\n    Type: AWS::DynamoDB::Table\n", "  WalletsTable:\n    Type: AWS::DynamoDB::Table\n    DependsOn: SweepDueFunction\n"},
	{"conditions", "HasStandardApi: !Not [!Equals [!Ref StandardApiUrl, \"\"]]", "HasStandardApi: !Equals [!Ref StandardApiUrl, \"\"]"},
	{"conditions", "HasDashboard: !Equals [!Ref Dashboard, \"yes\"]", "HasDashboard: !Equals [!Ref Dashboard, \"no\"]"},
	{"widgets", "\"view\": \"table\"", "\"view\": \"tables\""},
	{"widgets", "\"summaryColumns\": [\"MAX\"]", "\"summaryColumns\": [\"MOST\"]"},
	{"widgets", "\"region\": \"${AWS::Region}\"", "\"region\": \"eu-central-1\""},
	{"widgets", "\"x\": 8, \"y\": 7", "\"x\": 4, \"y\": 7"},
}

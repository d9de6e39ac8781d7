package templatetest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"makegood/infra/template"
)

// sections are the parts that the file may have.
var sections = []string{"AWSTemplateFormatVersion", "Transform", "Description", "Parameters", "Rules", "Conditions", "Mappings", "Globals", "Resources", "Outputs"}

// judged lists, by its type, each property that a resource of ours may have. What is not here
// nobody has judged: an address of a function's own, a permission for another account, a table that
// forgets, code that another publishes.
var judged = map[string][]string{
	template.TypeFunction: {
		"FunctionName", "Description", "CodeUri", "Handler", "Runtime", "Architectures", "MemorySize", "Timeout", "Tracing", "Role", "Policies",
		"LoggingConfig", "Environment", "Events", "EventInvokeConfig", "RecursiveLoop",
	},
	template.TypeHTTPAPI: {"Name", "FailOnWarnings", "DefaultRouteSettings", "AccessLogSettings"},
	template.TypeTable: {
		"BillingMode", "DeletionProtectionEnabled", "PointInTimeRecoverySpecification", "SSESpecification", "AttributeDefinitions", "KeySchema",
		"GlobalSecondaryIndexes", "TimeToLiveSpecification",
	},
	template.TypeQueue: {
		"QueueName", "VisibilityTimeout", "MessageRetentionPeriod", "SqsManagedSseEnabled", "RedrivePolicy", "RedriveAllowPolicy",
	},
	template.TypeBucket: {
		"PublicAccessBlockConfiguration", "OwnershipControls", "BucketEncryption", "LifecycleConfiguration", "CorsConfiguration",
	},
	typeBucketPolicy:          {"Bucket", "PolicyDocument"},
	"AWS::SQS::QueuePolicy":   {"Queues", "PolicyDocument"},
	"AWS::IAM::Role":          {"AssumeRolePolicyDocument", "Policies"},
	"AWS::IAM::ManagedPolicy": {"Description", "PolicyDocument"},
	"AWS::Logs::LogGroup":     {"LogGroupName", "RetentionInDays"},
	template.TypeAlarm: {
		"AlarmName", "AlarmDescription", "Namespace", "MetricName", "Dimensions", "Statistic", "ExtendedStatistic", "Period", "EvaluationPeriods",
		"DatapointsToAlarm", "Threshold", "ComparisonOperator", "TreatMissingData", "AlarmActions", "OKActions", "Metrics",
	},
	"AWS::CloudWatch::CompositeAlarm": {"AlarmDescription", "AlarmName", "AlarmRule", "AlarmActions", "OKActions"},
	"AWS::CloudWatch::Dashboard":      {"DashboardName", "DashboardBody"},
	typeMetricFilter:                  {"LogGroupName", "FilterPattern", "MetricTransformations"},
}

// triggers lists the same of a function's events. A filter would drop messages, a switch stop them.
var triggers = map[string][]string{
	"HttpApi":    {"ApiId", "Method", "Path", "PayloadFormatVersion"},
	"SQS":        {"Queue", "BatchSize", "FunctionResponseTypes", "ScalingConfig"},
	"ScheduleV2": {"Name", "ScheduleExpression", "RetryPolicy"},
}

// values are properties that have one right value, by the type and the path to them; of a property
// that few resources have, those that have it.
var values = map[string]string{
	template.TypeFunction + " Handler":                                           "bootstrap",
	template.TypeFunction + " Runtime":                                           "provided.al2023",
	template.TypeFunction + " Architectures":                                     "[!Ref Architecture]",
	template.TypeFunction + " Tracing":                                           "Active",
	template.TypeFunction + " LoggingConfig.LogFormat":                           "JSON",
	template.TypeFunction + " LoggingConfig.ApplicationLogLevel":                 "INFO",
	template.TypeFunction + " LoggingConfig.SystemLogLevel":                      "INFO",
	template.TypeHTTPAPI + " FailOnWarnings":                                     "true",
	template.TypeTable + " PointInTimeRecoverySpecification":                     "map[PointInTimeRecoveryEnabled:true]",
	template.TypeTable + " SSESpecification":                                     "map[SSEEnabled:true]",
	template.TypeTable + "? TimeToLiveSpecification":                             "map[AttributeName:expiresAt Enabled:true]",
	template.TypeFunction + "? Events.Runs.Properties.BatchSize":                 "1",
	template.TypeFunction + "? Events.Reports.Properties.BatchSize":              "1",
	template.TypeFunction + "? EventInvokeConfig":                                "map[MaximumEventAgeInSeconds:60 MaximumRetryAttempts:0]",
	template.TypeFunction + "? Events.EveryMinute.Properties.ScheduleExpression": "rate(1 minute)",
	template.TypeFunction + "? Events.EveryMinute.Properties.RetryPolicy":        "map[MaximumEventAgeInSeconds:60 MaximumRetryAttempts:0]",
}

// kindsAreJudged: the file has no section, resource, property or trigger that is not listed here,
// and no resource that a condition leaves out.
func kindsAreJudged(t *template.Template) (problems, error) {
	var p problems
	for section := range t.Document {
		if !slices.Contains(sections, section) {
			p.addf("the file has a section %s", section)
		}
	}
	if transform := t.Document["Transform"]; transform != "AWS::Serverless-2016-10-31" {
		p.addf("the file is changed by %v before it is deployed, not by SAM alone", transform)
	}
	for _, r := range t.Resources() {
		properties, known := judged[r.Type]
		if !known {
			p.addf("%s is a %s: nobody has judged what it lets in", r.LogicalID, r.Type)
			continue
		}
		if r.Condition != "" && r.Type != "AWS::CloudWatch::Dashboard" { // one that nobody looks at costs as much
			p.addf("%s is there only where %s", r.LogicalID, r.Condition)
		}
		for property := range r.Properties {
			if !slices.Contains(properties, property) {
				p.addf("%s has a property %s that nobody has judged", r.LogicalID, property)
			}
		}
		events, _ := r.Properties["Events"].(map[string]any)
		for name, event := range events {
			body, _ := event.(map[string]any)
			settings, _ := body["Properties"].(map[string]any)
			for setting := range settings {
				if !slices.Contains(triggers[fmt.Sprint(body["Type"])], setting) {
					p.addf("%s.%s has a property %s that nobody has judged", r.LogicalID, name, setting)
				}
			}
		}
	}
	return p, nil
}

// valuesAreRight: a property that has one right value has it.
func valuesAreRight(t *template.Template) (problems, error) {
	var p problems
	for _, place := range slices.Sorted(maps.Keys(values)) {
		kind, path, _ := strings.Cut(place, " ")
		kind, few := strings.CutSuffix(kind, "?")
		holders := 0
		for _, r := range t.ResourcesOfType(kind) {
			value, has := r.Lookup(strings.Split(path, ".")...)
			if !has && few {
				continue
			}
			holders++
			if got := fmt.Sprint(value); got != values[place] {
				p.addf("%s: %s is %s, not %s", r.LogicalID, path, got, values[place])
			}
		}
		if holders == 0 {
			p.addf("no %s has %s", kind, path)
		}
	}
	return p, nil
}

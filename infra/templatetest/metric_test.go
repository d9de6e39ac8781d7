package templatetest

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"makegood/infra/template"
)

// offered lists what a service of AWS sends by itself, by namespace and the one dimension that is
// named ("" for none), as its documentation has it. UserErrors of DynamoDB has no table: it is the
// account's, and it counts cancelled transactions, so nothing of ours may live on it.
var offered = map[string]map[string][]string{
	"AWS/ApiGateway": {"ApiId": {"4xx", "5xx", "Count", "DataProcessed", "IntegrationLatency", "Latency"}},
	"AWS/SQS": {"QueueName": {
		"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesVisible",
		"NumberOfEmptyReceives", "NumberOfMessagesDeleted", "NumberOfMessagesReceived", "NumberOfMessagesSent", "SentMessageSize",
	}},
	"AWS/Lambda": {
		"FunctionName": {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions", "AsyncEventAge", "AsyncEventsDropped", "AsyncEventsReceived"},
		"":             {"Invocations", "Errors", "Throttles", "Duration", "ConcurrentExecutions", "UnreservedConcurrentExecutions"},
	},
	"AWS/DynamoDB": {"TableName": {
		"ConditionalCheckFailedRequests", "ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits", "ReadThrottleEvents", "TransactionConflict", "WriteThrottleEvents",
	}},
}

// holders says what kind of resource a dimension of AWS's names.
var holders = map[string]string{
	"ApiId": template.TypeHTTPAPI, "QueueName": template.TypeQueue, "FunctionName": template.TypeFunction, "TableName": template.TypeTable,
}

// metricsAreSent holds that each metric of an alarm is sent by somebody.
func metricsAreSent(t *template.Template) (problems, error) {
	var p problems
	alarms, err := t.Alarms(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, a := range alarms {
		for _, m := range a.Metrics {
			if why, err := unsent(t, m); err != nil {
				return nil, err
			} else if why != "" {
				p.addf("%s: nobody sends %s %s: %s", a.LogicalID, m.Namespace, m.Name, why)
			}
		}
	}
	return p, nil
}

// unsent says why nobody sends the metric, "" where somebody does.
func unsent(t *template.Template, m template.Metric) (string, error) {
	if m.Namespace == ours {
		return unsentByUs(t, m)
	}
	dimension := ""
	for name, value := range m.Dimensions {
		if r := t.Resource(value); r == nil || r.Type != holders[name] {
			return name + " is " + value + ", which is no such resource", nil
		}
		dimension = name
	}
	if len(m.Dimensions) > 1 || !slices.Contains(offered[m.Namespace][dimension], m.Name) {
		return "it is not among what AWS gives by " + dimension, nil
	}
	return "", nil
}

// unsentByUs looks for the metric's name in the code: of the function that the dimension names, of
// the rooms that all functions share, or in a filter on a log.
func unsentByUs(t *template.Template, m template.Metric) (string, error) {
	function, is := m.Dimensions["Function"]
	if is {
		return absent(filepath.Join("functions", function), m.Name)
	}
	for _, r := range t.ResourcesOfType(typeMetricFilter) {
		filter, err := readFilter(t, r)
		if err != nil {
			return "", err
		}
		if filter.namespace == m.Namespace && filter.metric == m.Name {
			return "", nil
		}
	}
	for _, room := range []string{"shared/aws/function", "shared/aws/dynamo"} {
		if why, err := absent(room, m.Name); err != nil || why == "" {
			return why, err
		}
	}
	return "no filter and no room that all functions share has that name", nil
}

// absent says that no code of the folder says the name.
func absent(folder, name string) (string, error) {
	files, err := filepath.Glob(filepath.Join("..", "..", folder, "*.go"))
	if err != nil {
		return "", err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if !strings.HasSuffix(file, "_test.go") && strings.Contains(string(text), `"`+name+`"`) {
			return "", nil
		}
	}
	return folder + " does not say it", nil
}

const typeMetricFilter = "AWS::Logs::MetricFilter"

// filter is one filter on a log that makes a metric.
type filter struct{ group, pattern, namespace, metric, value string }

func readFilter(t *template.Template, r *template.Resource) (filter, error) {
	p, err := t.ResolveProperties(template.Scope{}, r, "LogGroupName", "FilterPattern", "MetricTransformations")
	if err != nil {
		return filter{}, err
	}
	f := filter{}
	f.group, _ = p["LogGroupName"].(string)
	f.pattern, _ = p["FilterPattern"].(string)
	list, _ := p["MetricTransformations"].([]any)
	for _, item := range list {
		if one, ok := item.(map[string]any); ok {
			f.namespace, _ = one["MetricNamespace"].(string)
			f.metric, _ = one["MetricName"].(string)
			f.value, _ = one["MetricValue"].(string)
		}
	}
	return f, nil
}

var (
	logged  = regexp.MustCompile(`"(\w+)":"\$context`)
	asked   = regexp.MustCompile(`\$\.(\w+)`)
	routeOf = regexp.MustCompile(`\$\.route = "([^"]+)"`)
)

// filtersReadWhatIsLogged holds the filters on the access log to the fields that it has, and to the
// routes that there are: each webhook is counted, and nothing else.
func filtersReadWhatIsLogged(t *template.Template) (problems, error) {
	var p problems
	format, _ := t.Resource("HttpApi").Lookup("AccessLogSettings", "Format")
	text, _ := format.(string)
	fields := map[string]bool{}
	for _, match := range logged.FindAllStringSubmatch(text, -1) {
		fields[match[1]] = true
	}
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	values := map[string][]string{}
	for _, r := range t.ResourcesOfType(typeMetricFilter) {
		f, err := readFilter(t, r)
		if err != nil {
			return nil, err
		}
		values[f.metric] = append(values[f.metric], f.value)
		if f.group != "HttpApiLogGroup" || f.namespace != ours || f.metric == "" || f.value == "" {
			p.addf("%s: a filter reads the access log, and makes a metric of ours with a value", r.LogicalID)
		}
		for _, match := range asked.FindAllStringSubmatch(f.pattern, -1) {
			if !fields[match[1]] {
				p.addf("%s: the access log has no %s", r.LogicalID, match[1])
			}
		}
		match := routeOf.FindStringSubmatch(f.pattern)
		if match == nil {
			p.addf("%s: it counts every route", r.LogicalID)
			continue
		}
		for _, function := range functions {
			for _, route := range function.Routes {
				key := route.Method + " " + route.Path
				webhook := strings.HasPrefix(route.Path, "/webhooks/")
				if counted, _ := path.Match(match[1], key); counted != webhook {
					p.addf("%s: webhooks are counted and nothing else, but %s", r.LogicalID, key)
				}
			}
		}
	}
	// A share needs both: what went well is a nought.
	for metric, all := range values {
		if slices.Sort(all); !slices.Equal(all, []string{"0", "1"}) {
			p.addf("%s is made of the values %v, not of 0 and 1", metric, all)
		}
	}
	return p, nil
}

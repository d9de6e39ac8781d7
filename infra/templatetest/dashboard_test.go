package templatetest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"makegood/infra/template"
)

// rows are the dashboard's, from top to bottom.
var rows = []string{"Money", "Refunds", "People", "Queues", "Functions", "Tables"}

const (
	columns      = 24
	steps        = 300 // seconds
	maxDashboard = 1 << 20
)

// board is the body of a dashboard, as CloudWatch reads it.
type board struct {
	Start   string   `json:"start"`
	Widgets []widget `json:"widgets"`
}

// widget is one field of a dashboard. A metric is a list: namespace, name, dimensions by turns, and
// how it is drawn.
type widget struct {
	Type       string `json:"type"`
	X, Width   int
	Properties struct {
		Title, Markdown, Region, Stat string
		Period                        int
		Alarms                        []string
		Metrics                       [][]any
	} `json:"properties"`
}

// shown is one metric that a widget draws.
type shown struct {
	row  string
	stat string
	template.Metric
}

// dashboardShowsEverything holds the dashboard to what the stack has, and to what is sent.
func dashboardShowsEverything(t *template.Template) (problems, error) {
	var p problems
	r := t.Resource("OperationsDashboard")
	if r == nil || r.Condition != "HasDashboard" {
		return problems{"there is no OperationsDashboard under HasDashboard"}, nil
	}
	body, err := resolve(t, r, "DashboardBody")
	if err != nil {
		return nil, err
	}
	text, _ := body.(string)
	var b board
	if err := json.Unmarshal([]byte(text), &b); err != nil || len(text) > maxDashboard {
		p.addf("the dashboard is no JSON, or too long: %v", err)
		return p, nil
	}
	if b.Start != "-PT3H" {
		p.addf("the dashboard starts at %q, not three hours ago", b.Start)
	}
	alarms, metrics := b.read(&p)
	// Each alarm stands at the top, so that its state is seen beside what it watches.
	for _, alarm := range t.ResourcesOfType(template.TypeAlarm) {
		if !slices.Contains(alarms, alarm.LogicalID+".Arn") {
			p.addf("%s is not on the dashboard", alarm.LogicalID)
		}
	}
	for _, one := range metrics {
		if why, err := unsent(t, one.Metric); err != nil {
			return nil, err
		} else if why != "" {
			p.addf("row %s: nobody sends %s %s: %s", one.row, one.Namespace, one.Name, why)
		}
	}
	return append(p, missing(t, metrics)...), nil
}

// read returns the alarms and metrics of the dashboard, and notes what is wrong with its shape.
func (b board) read(p *problems) (alarms []string, metrics []shown) {
	var titles []string
	for _, w := range b.Widgets {
		if w.X+w.Width > columns {
			p.addf("%q is wider than the dashboard", w.Properties.Title)
		}
		switch w.Type {
		case "text":
			title, _, _ := strings.Cut(strings.TrimPrefix(w.Properties.Markdown, "# "), "\n")
			titles = append(titles, title)
		case "alarm":
			alarms = append(alarms, w.Properties.Alarms...)
		case "metric":
			if w.Properties.Region == "" || w.Properties.Period != steps || len(titles) == 0 {
				p.addf("%q has no region, another step than 5 minutes, or stands in no row", w.Properties.Title)
				continue
			}
			metrics = append(metrics, w.metrics(titles[len(titles)-1])...)
		default:
			p.addf("%q is a widget of type %q", w.Properties.Title, w.Type)
		}
	}
	if !slices.Equal(titles, rows) {
		p.addf("the rows are %v, not %v", titles, rows)
	}
	return alarms, metrics
}

// metrics returns what the widget draws. A dot stands for the word at that place of the metric
// before.
func (w widget) metrics(row string) []shown {
	var all []shown
	var before []string
	for _, item := range w.Properties.Metrics {
		var words []string
		stat := w.Properties.Stat
		for n, part := range item {
			switch part := part.(type) {
			case string:
				if part == "." && n < len(before) {
					part = before[n]
				}
				words = append(words, part)
			case map[string]any:
				if own, ok := part["stat"].(string); ok {
					stat = own
				}
			}
		}
		before = words
		one := shown{row: row, stat: stat, Metric: template.Metric{Dimensions: map[string]string{}}}
		if len(words) >= 2 {
			one.Namespace, one.Name = words[0], words[1]
		}
		for n := 2; n+1 < len(words); n += 2 {
			one.Dimensions[words[n]] = strings.TrimSuffix(words[n+1], ".QueueName")
		}
		all = append(all, one)
	}
	return all
}

// wanted is a metric that each resource of a type must have in a row.
type wanted struct{ row, kind, namespace, metric, dimension, stat string }

var everyOne = []wanted{
	{"Functions", template.TypeFunction, "AWS/Lambda", "Errors", "FunctionName", "Sum"},
	{"Functions", template.TypeFunction, "AWS/Lambda", "Throttles", "FunctionName", "Sum"},
	{"Functions", template.TypeFunction, "AWS/Lambda", "Duration", "FunctionName", "p50"},
	{"Functions", template.TypeFunction, "AWS/Lambda", "Duration", "FunctionName", "p95"},
	{"Functions", template.TypeFunction, "AWS/Lambda", "Duration", "FunctionName", "Maximum"},
	{"Queues", template.TypeQueue, "AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "Maximum"},
	{"Tables", template.TypeTable, "AWS/DynamoDB", "WriteThrottleEvents", "TableName", "Sum"},
	{"Tables", template.TypeTable, "AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", "Sum"},
	{"Tables", template.TypeTable, "AWS/DynamoDB", "ConsumedReadCapacityUnits", "TableName", "Sum"},
}

// missing says which function, queue or table lacks what the others have, and which metric of ours
// that rings is not drawn.
func missing(t *template.Template, metrics []shown) (p problems) {
	for _, want := range everyOne {
		for _, r := range t.ResourcesOfType(want.kind) {
			w := watch{namespace: want.namespace, metric: want.metric, dimension: want.dimension, of: r.LogicalID}
			if !slices.ContainsFunc(metrics, func(one shown) bool { return one.row == want.row && one.stat == want.stat && w.isOf(one.Metric) }) {
				p.addf("row %s has no %s %s of %s", want.row, want.stat, want.metric, r.LogicalID)
			}
		}
	}
	alarms, err := t.Alarms(template.Scope{})
	if err != nil {
		p.addf("%v", err)
	}
	for _, a := range alarms {
		for _, m := range a.Metrics {
			same := func(one shown) bool {
				return one.Namespace == m.Namespace && one.Name == m.Name && maps.Equal(one.Dimensions, m.Dimensions)
			}
			if m.Namespace == ours && !slices.ContainsFunc(metrics, same) {
				p.addf("%s rings on %s, which the dashboard does not draw", a.LogicalID, m.Name)
			}
		}
	}
	return p
}

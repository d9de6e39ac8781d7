package templatetest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"makegood/infra/template"
)

// watch is one thing that must raise an alarm: a metric of a resource (by the dimension that names
// it, "" where there is none), past a threshold.
type watch struct {
	namespace, metric, dimension, of string
	most                             float64 // the threshold may not be higher
	period                           int     // in seconds; 0 for any
}

const ours = "Makegood/" + stack

// kinds are what an operator must hear of, beside each queue's own.
var kinds = []watch{
	{"AWS/ApiGateway", "5xx", "ApiId", "HttpApi", 10, 0},
	{"AWS/ApiGateway", "4xx", "ApiId", "HttpApi", 0.5, 0},
	{"AWS/ApiGateway", "Latency", "ApiId", "HttpApi", 10000, 0},
	{ours, "WebhooksUnanswered", "", "", 0.0072, 3600},
	{ours, "WebhooksUnanswered", "", "", 0.003, 21600},
	{ours, "WebhooksRefused", "", "", 10, 0},
	{ours, "RefundedLate", "Function", "decide-refund", 0.0144, 3600},
	{ours, "RefundedLate", "Function", "decide-refund", 0.006, 21600},
	{ours, "StuckItems", "Function", "sweep-due", 0, 0},
	{ours, "OverdueReviews", "Function", "sweep-due", 0, 0},
	{ours, "StoppedSignals", "Function", "sweep-due", 0, 0},
	{ours, "UnfinishedWalks", "Function", "sweep-due", 0, 0},
	{ours, "MissedEvents", "Function", "sweep-due", 0, 0},
	{ours, "NoticeMailsRefused", "Function", "notify-customer", 0, 0},
	{ours, "FunctionErrors", "", "", 10, 0},
	{ours, "SlowInvocations", "", "", 10, 0},
	{ours, "TableThrottles", "", "", 10, 0},
	{ours, "TableRefusals", "", "", 0, 0},
	{ours, "TableFailures", "", "", 10, 0},
	{"AWS/Lambda", "Throttles", "", "", 10, 0},
	{"AWS/Lambda", "Errors", "FunctionName", "SweepDueFunction", 0, 0},
}

func everyKindIsWatched(t *template.Template) (problems, error) {
	var p problems
	want := slices.Clone(kinds)
	queues, err := t.Queues(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, q := range queues {
		if q.DeadLetter != "" {
			want = append(want,
				watch{"AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", q.LogicalID, 3600, 0},
				watch{"AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", q.LogicalID, 100_000, 0},
				watch{"AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", q.DeadLetter, 0, 0})
		}
	}
	alarms, err := t.Alarms(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, w := range want {
		if !raised(t, alarms, w) {
			p.addf("no alarm on %s %s of %q at %v or less in %d s", w.namespace, w.metric, w.of, w.most, w.period)
		}
	}
	// A function that does not run at all says nothing: its silence must ring.
	if !slices.ContainsFunc(alarms, func(a template.Alarm) bool { return onSilence(t, a) }) {
		p.addf("no alarm rings when SweepDueFunction is silent")
	}
	return p, nil
}

// raised tells whether some alarm watches exactly w: goes off above the threshold, and says nothing
// while there is no data.
func raised(t *template.Template, alarms []template.Alarm, w watch) bool {
	for _, a := range alarms {
		operator, _ := t.Resource(a.LogicalID).Lookup("ComparisonOperator")
		atGap, _ := t.Resource(a.LogicalID).Lookup("TreatMissingData")
		level, err := strconv.ParseFloat(a.Threshold, 64)
		above := operator == "GreaterThanThreshold" || operator == "GreaterThanOrEqualToThreshold"
		if err == nil && level <= w.most && above && atGap == "notBreaching" && slices.ContainsFunc(a.Metrics, w.isOf) {
			return true
		}
	}
	return false
}

func (w watch) isOf(m template.Metric) bool {
	dimensions := map[string]string{}
	if w.dimension != "" {
		dimensions[w.dimension] = w.of
	}
	return m.Namespace == w.namespace && m.Name == w.metric && maps.Equal(m.Dimensions, dimensions) && (w.period == 0 || w.period == m.Period)
}

// onSilence tells whether the alarm goes off when the sweeping function does not run.
func onSilence(t *template.Template, a template.Alarm) bool {
	operator, _ := t.Resource(a.LogicalID).Lookup("ComparisonOperator")
	atGap, _ := t.Resource(a.LogicalID).Lookup("TreatMissingData")
	invocations := watch{namespace: "AWS/Lambda", metric: "Invocations", dimension: "FunctionName", of: "SweepDueFunction"}
	return operator == "LessThanThreshold" && atGap == "breaching" && a.Threshold == "1" && slices.ContainsFunc(a.Metrics, invocations.isOf)
}

// The limits of an alarm, as AWS has them.
const (
	maxQueried     = 10    // metrics of an expression
	hour           = 3600  // seconds; from such a period on, a week may be looked at
	maxBelowHour   = 86400 // seconds that are looked at in shorter periods
	maxFromHour    = 7 * 86400
	maxDescription = 1024
)

var name = regexp.MustCompile(`[a-z][A-Za-z0-9_]*`)

// alarmsAreWithinLimits holds what AWS refuses, and what an expression names in vain.
func alarmsAreWithinLimits(t *template.Template) (problems, error) {
	var p problems
	alarms, err := t.Alarms(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, a := range alarms {
		if len(a.Metrics) == 0 || len(a.Metrics) > maxQueried {
			p.addf("%s names %d metrics: one at the least, %d at the most", a.LogicalID, len(a.Metrics), maxQueried)
			continue
		}
		period, ids := a.Metrics[0].Period, map[string]bool{}
		for _, m := range a.Metrics {
			ids[m.ID] = true
			if m.Period != period || m.Stat == "" {
				p.addf("%s: %s has period %d and statistic %q; all metrics of an alarm have one period", a.LogicalID, m.Name, m.Period, m.Stat)
			}
		}
		most := maxBelowHour
		if period >= hour {
			most = maxFromHour
		}
		if period == 0 || period%60 != 0 || period*a.Periods > most {
			p.addf("%s looks at %d periods of %d s", a.LogicalID, a.Periods, period)
		}
		// AWS refuses a name that is none of the alarm's, and bills a metric that the expression
		// leaves out.
		said := name.FindAllString(a.Expression, -1)
		for _, id := range said {
			if !ids[id] {
				p.addf("%s: the expression names %q, which is no metric of it", a.LogicalID, id)
			}
		}
		for id := range ids {
			if a.Expression != "" && !slices.Contains(said, id) {
				p.addf("%s: the expression does not name %q", a.LogicalID, id)
			}
		}
	}
	return p, nil
}

var runbook = regexp.MustCompile(`\. Runbook: ([^.]+)\.$|\? Runbook: ([^.]+)\.$`)

func alarmsReachTheTopic(t *template.Template) (problems, error) {
	var p problems
	const topic = "arn:aws:sns:us-east-1:000000000000:alarms"
	withTopic := template.Scope{Parameters: map[string]string{"AlarmTopic": topic}}
	for _, r := range t.ResourcesOfType(template.TypeAlarm) {
		actions, _ := r.Lookup("AlarmActions")
		resolved, err := t.Resolve(withTopic, actions)
		if err != nil {
			return nil, err
		}
		if fmt.Sprint(resolved) != "["+topic+"]" {
			p.addf("%s does not go to AlarmTopic", r.LogicalID)
		}
		if nowhere, err := t.ResolveProperties(template.Scope{}, r, "AlarmActions"); err != nil || len(nowhere) > 0 {
			p.addf("%s goes to %v where there is no topic", r.LogicalID, nowhere)
		}
		// Who is woken reads this first: what it is, and which entry says what to do.
		text, _ := r.Lookup("AlarmDescription")
		description, _ := text.(string)
		if !runbook.MatchString(description) || len(description) > maxDescription || strings.Contains(description, "\n") {
			p.addf("%s: the description does not end with its runbook's heading: %q", r.LogicalID, description)
		}
	}
	return p, nil
}

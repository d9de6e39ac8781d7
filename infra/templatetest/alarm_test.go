package templatetest

import (
	"fmt"
	"maps"

	"makegood/infra/template"
)

// watch is one thing that must raise an alarm: a metric of a resource (by the dimension that names
// it), past a threshold.
type watch struct {
	namespace, metric, dimension, of string
	most                             int // the threshold may not be higher
}

func everyQueueIsWatched(t *template.Template) (problems, error) {
	var p problems
	want := []watch{
		{"AWS/ApiGateway", "5xx", "ApiId", "HttpApi", 10},
		{"Makegood/" + stack, "StuckItems", "Function", "sweep-due", 0},
		{"Makegood/" + stack, "OverdueReviews", "Function", "sweep-due", 0},
		{"Makegood/" + stack, "UnfinishedWalks", "Function", "sweep-due", 0},
		{"Makegood/" + stack, "MissedEvents", "Function", "sweep-due", 0},
		{"Makegood/" + stack, "NoticeMailsRefused", "Function", "notify-customer", 0},
		{"AWS/Lambda", "Errors", "FunctionName", "SweepDueFunction", 0},
	}
	queues, err := t.Queues(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, q := range queues {
		if q.DeadLetter != "" {
			want = append(want,
				watch{"AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", q.LogicalID, 3600},
				watch{"AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", q.DeadLetter, 0})
		}
	}
	alarms, err := t.Alarms(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, w := range want {
		if !raised(t, alarms, w) {
			p.addf("no alarm on %s %s of %q at %d or less", w.namespace, w.metric, w.of, w.most)
		}
	}
	return p, nil
}

// raised tells whether some alarm watches exactly w: goes off above the threshold, and says nothing
// while there is no data.
func raised(t *template.Template, alarms []template.Alarm, w watch) bool {
	for _, a := range alarms {
		r := t.Resource(a.LogicalID)
		threshold, _ := r.Lookup("Threshold")
		operator, _ := r.Lookup("ComparisonOperator")
		atGap, _ := r.Lookup("TreatMissingData")
		level, whole := threshold.(int)
		namespace, err := resolve(t, r, "Namespace")
		above := operator == "GreaterThanThreshold" || operator == "GreaterThanOrEqualToThreshold"
		same := err == nil && namespace == w.namespace && a.Metric == w.metric && maps.Equal(a.Dimensions, map[string]string{w.dimension: w.of})
		if same && whole && level <= w.most && above && atGap == "notBreaching" {
			return true
		}
	}
	return false
}

func alarmsReachTheTopic(t *template.Template) (problems, error) {
	var p problems
	withTopic := template.Scope{Parameters: map[string]string{"AlarmTopic": "arn:topic"}}
	for _, r := range t.ResourcesOfType(template.TypeAlarm) {
		actions, _ := r.Lookup("AlarmActions")
		resolved, err := t.Resolve(withTopic, actions)
		if err != nil {
			return nil, err
		}
		if fmt.Sprint(resolved) != "[arn:topic]" {
			p.addf("%s does not go to AlarmTopic", r.LogicalID)
		}
		if description, _ := r.Lookup("AlarmDescription"); description == nil {
			p.addf("%s does not say what to do", r.LogicalID)
		}
	}
	return p, nil
}

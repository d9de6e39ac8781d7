package templatetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"makegood/infra/template"
)

// occasion is one thing that happens in the period of an alarm, and the alarms that ring by it, and
// no others.
type occasion struct {
	says string
	// samples of metrics, each called after what it is of where that is not the whole stack.
	samples map[string][]float64
	// answers are statuses of webhooks; the filters on the access log make metrics of them.
	answers map[string]int
	// elsewhere are statuses of another route.
	elsewhere map[string]int
	rings     []string
}

// of repeats a sample.
func of(n int, sample float64) []float64 { return slices.Repeat([]float64{sample}, n) }

// share is so many ones among so many samples.
func share(ones, all int) []float64 { return append(of(all-ones, 0), of(ones, 1)...) }

var burns = []string{"WebhooksUnansweredFastAlarm", "WebhooksUnansweredSlowAlarm"}

var occasions = []occasion{
	{says: "webhooks are answered", answers: map[string]int{"200": 1000, "204": 5}},
	{says: "some fail", answers: map[string]int{"200": 97, "503": 3}, rings: burns},
	{says: "our throttle refuses some", answers: map[string]int{"200": 97, "429": 3}, rings: burns},
	{says: "one of a quiet night fails", answers: map[string]int{"200": 1, "500": 1}},
	{says: "as many fail as the objective lets", answers: map[string]int{"200": 998, "500": 2}},
	{says: "more fail, for hours", answers: map[string]int{"200": 996, "500": 4}, rings: burns[1:]},
	{says: "a stranger's are refused", answers: map[string]int{"200": 50, "401": 50}},
	{says: "each is refused", answers: map[string]int{"401": 5}, rings: []string{"WebhooksRefusedAlarm"}},
	{says: "each is throttled", answers: map[string]int{"429": 5}, rings: burns},
	{says: "another route fails and refuses", elsewhere: map[string]int{"200": 5, "401": 50, "503": 50}},

	{says: "refunds come late", samples: map[string][]float64{"RefundedLate": share(2, 100)}, rings: []string{"RefundsLateFastAlarm", "RefundsLateSlowAlarm"}},
	{says: "more than they may, for hours", samples: map[string][]float64{"RefundedLate": share(8, 1000)}, rings: []string{"RefundsLateSlowAlarm"}},
	{says: "one of a quiet night", samples: map[string][]float64{"RefundedLate": share(1, 2)}},
	{says: "as many as the objective lets", samples: map[string][]float64{"RefundedLate": share(2, 2000)}},

	{says: "a third is refused", samples: map[string][]float64{"4xx HttpApi": share(70, 200), "Count HttpApi": of(200, 1)}, rings: []string{"HttpApiRefusalsAlarm"}},
	{says: "a fifth is refused", samples: map[string][]float64{"4xx HttpApi": share(40, 200), "Count HttpApi": of(200, 1)}},
	{says: "all of a few are refused", samples: map[string][]float64{"4xx HttpApi": of(50, 1), "Count HttpApi": of(50, 1)}},
	{says: "two of a hundred are slow", samples: map[string][]float64{"Latency HttpApi": append(of(98, 100), of(2, 5000)...)}, rings: []string{"HttpApiLatencyAlarm"}},
	{says: "one of a thousand is slow", samples: map[string][]float64{"Latency HttpApi": append(of(999, 100), 9000)}},
	{says: "six of many fail", samples: map[string][]float64{"5xx HttpApi": share(6, 1000)}, rings: []string{"HttpApiServerErrorAlarm"}},
	{says: "five of many fail", samples: map[string][]float64{"5xx HttpApi": share(5, 1000)}},

	{says: "an item is stuck", samples: map[string][]float64{"StuckItems": {0, 1}}, rings: []string{"StuckItemsAlarm"}},
	{says: "a review is overdue", samples: map[string][]float64{"OverdueReviews": {0, 1}}, rings: []string{"OverdueReviewsAlarm"}},
	{says: "a signal has stopped", samples: map[string][]float64{"StoppedSignals": {1, 1}}, rings: []string{"StoppedSignalsAlarm"}},
	{says: "each sweep leaves something", samples: map[string][]float64{"UnfinishedWalks": {1, 2}}, rings: []string{"UnfinishedWalksAlarm"}},
	{says: "one sweep leaves something, the next does not", samples: map[string][]float64{"UnfinishedWalks": {1, 0}}},
	{says: "an event was missed", samples: map[string][]float64{"MissedEvents": {1}}, rings: []string{"MissedEventsAlarm"}},
	{says: "a mail was refused", samples: map[string][]float64{"NoticeMailsRefused": {1}}, rings: []string{"NoticeMailsRefusedAlarm"}},
	{says: "the sweep fails", samples: map[string][]float64{"Errors SweepDueFunction": {0, 1}}, rings: []string{"SweepDueErrorsAlarm"}},
	{says: "the sweep runs", samples: map[string][]float64{"Invocations SweepDueFunction": of(5, 1), "Errors SweepDueFunction": of(5, 0)}},
	{says: "the sweep does not run", samples: map[string][]float64{"Invocations SweepDueFunction": {0}}, rings: []string{"SweepDueSilentAlarm"}},
	{says: "a call was refused as wrong", samples: map[string][]float64{"TableRefusals": {1}}, rings: []string{"TableRefusalsAlarm"}},
	{says: "five of each trouble", samples: map[string][]float64{
		"FunctionErrors": of(5, 1), "SlowInvocations": of(5, 1), "Throttles": share(5, 900), "TableThrottles": of(5, 1), "TableFailures": of(5, 1),
	}},
	{says: "six of each trouble", samples: map[string][]float64{
		"FunctionErrors": of(6, 1), "SlowInvocations": of(6, 1), "Throttles": share(6, 900), "TableThrottles": of(6, 1), "TableFailures": of(6, 1),
	}, rings: []string{"FunctionErrorsAlarm", "FunctionThrottlesAlarm", "FunctionTimeAlarm", "TableFailuresAlarm", "TableThrottlesAlarm"}},
}

// ofQueues are occasions of each queue: its oldest message, its dead letters, what is in flight.
func ofQueues(t *template.Template) ([]occasion, error) {
	queues, err := t.Queues(template.Scope{})
	if err != nil {
		return nil, err
	}
	var all []occasion
	flights := func(id string, most, others float64) map[string][]float64 {
		samples := map[string][]float64{}
		for _, q := range queues {
			if q.DeadLetter != "" {
				samples["ApproximateNumberOfMessagesNotVisible "+q.LogicalID] = []float64{0, others}
			}
		}
		samples["ApproximateNumberOfMessagesNotVisible "+id] = []float64{0, most}
		return samples
	}
	for _, q := range queues {
		if q.DeadLetter == "" {
			continue
		}
		room := strings.TrimSuffix(q.LogicalID, "Queue")
		all = append(all,
			occasion{says: room + " is behind", samples: map[string][]float64{"ApproximateAgeOfOldestMessage " + q.LogicalID: {3, 900}}, rings: []string{room + "AgeAlarm"}},
			occasion{says: room + " is busy", samples: map[string][]float64{"ApproximateAgeOfOldestMessage " + q.LogicalID: {3, 300}}},
			occasion{says: room + " gave one up", samples: map[string][]float64{"ApproximateNumberOfMessagesVisible " + q.DeadLetter: {0, 1}}, rings: []string{room + "DeadLetterAlarm"}},
			occasion{says: room + " has many in flight", samples: flights(q.LogicalID, 6000, 0), rings: []string{"QueuesInFlightAlarm"}},
			occasion{says: "all have some in flight", samples: flights(q.LogicalID, 3000, 3000)})
	}
	return all, nil
}

// alarmsRingWhenTheyShould plays each occasion, and looks which alarms would ring by it; each alarm
// rings by some.
func alarmsRingWhenTheyShould(t *template.Template) (problems, error) {
	var p problems
	alarms, err := t.Alarms(template.Scope{})
	if err != nil {
		return nil, err
	}
	queues, err := ofQueues(t)
	if err != nil {
		return nil, err
	}
	heard := map[string]bool{}
	for _, o := range append(queues, occasions...) {
		samples, err := o.sent(t)
		if err != nil {
			p.addf("%s: %v", o.says, err)
			continue
		}
		for _, a := range alarms {
			rings, err := ringsBy(t, a, samples)
			if err != nil {
				p.addf("%s: %v", a.LogicalID, err)
				continue
			}
			if want := slices.Contains(o.rings, a.LogicalID); rings != want {
				p.addf("%s: %s rings: %t, should be %t", o.says, a.LogicalID, rings, want)
			}
			heard[a.LogicalID] = heard[a.LogicalID] || rings
		}
	}
	for _, a := range alarms {
		if !heard[a.LogicalID] {
			p.addf("%s rings by none of the occasions: say when it should", a.LogicalID)
		}
	}
	return p, nil
}

// sent is what metrics get on the occasion: its samples, and what the filters make of the answers.
func (o occasion) sent(t *template.Template) (map[string][]float64, error) {
	sent := map[string][]float64{}
	for name, samples := range o.samples {
		sent[name] = samples
	}
	for _, r := range t.ResourcesOfType(typeMetricFilter) {
		f, err := readFilter(t, r)
		if err != nil {
			return nil, err
		}
		value, err := strconv.ParseFloat(f.value, 64)
		if err != nil {
			return nil, err
		}
		for route, answers := range map[string]map[string]int{"POST /webhooks/stripe": o.answers, "POST /v1/grants": o.elsewhere} {
			for status, n := range answers {
				passed, err := passes(f.pattern, map[string]string{"route": route, "status": status})
				if err != nil {
					return nil, fmt.Errorf("%s: %w", r.LogicalID, err)
				}
				if passed {
					sent[f.metric] = append(sent[f.metric], of(n, value)...)
				}
			}
		}
	}
	return sent, nil
}

// ringsBy reports whether an alarm goes off by those samples. One without samples does not: how it
// takes that is another rule's.
func ringsBy(t *template.Template, a template.Alarm, samples map[string][]float64) (bool, error) {
	values := map[string]float64{}
	value := 0.0
	for _, m := range a.Metrics {
		name := m.Name
		for dimension, one := range m.Dimensions {
			if dimension != "Function" {
				name += " " + one
			}
		}
		if len(samples[name]) == 0 {
			return false, nil
		}
		var err error
		if value, err = statistic(m.Stat, samples[name]); err != nil {
			return false, err
		}
		values[m.ID] = value
	}
	if a.Expression != "" {
		var err error
		if value, err = reckon(a.Expression, values); err != nil {
			return false, err
		}
	}
	threshold, err := strconv.ParseFloat(a.Threshold, 64)
	if err != nil {
		return false, err
	}
	operator, _ := t.Resource(a.LogicalID).Lookup("ComparisonOperator")
	switch operator {
	case "GreaterThanThreshold":
		return value > threshold, nil
	case "GreaterThanOrEqualToThreshold":
		return value >= threshold, nil
	case "LessThanThreshold":
		return value < threshold, nil
	}
	return false, fmt.Errorf("%v is not reckoned here", operator)
}

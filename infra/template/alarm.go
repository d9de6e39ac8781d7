package template

import "fmt"

// Metric is one metric as an alarm or a dashboard names it.
type Metric struct {
	ID         string            // its name in the alarm's expression, "" where there is none
	Namespace  string            // as in "AWS/SQS"
	Name       string            // as in "Errors"
	Dimensions map[string]string // with the logical id where one names a queue, function or API
	Stat       string            // as in "Sum" or "p99"
	Period     int               // in seconds
}

// Alarm is one AWS::CloudWatch::Alarm.
type Alarm struct {
	LogicalID  string   // in the template
	Metrics    []Metric // what it watches; AWS bills each of them
	Expression string   // what is made of several, "" of one
	Threshold  string   // as text: a parameter may give it
	Periods    int      // how many on end are looked at
}

// Alarms returns every alarm whose condition holds, resolved in scope.
func (t *Template) Alarms(s Scope) ([]Alarm, error) {
	var all []Alarm
	for _, r := range t.ResourcesOfType(TypeAlarm) {
		if here, err := t.Included(s, r); err != nil {
			return nil, err
		} else if !here {
			continue
		}
		alarm, err := t.alarm(s, r)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.where(r), err)
		}
		all = append(all, alarm)
	}
	return all, nil
}

// alarm reads an alarm: its metric stands at the top, or several do in a list of queries beside the
// expression over them.
func (t *Template) alarm(s Scope, r *Resource) (Alarm, error) {
	p, err := t.ResolveProperties(s, r, "Threshold", "EvaluationPeriods", "Period", "Statistic", "ExtendedStatistic")
	if err != nil {
		return Alarm{}, err
	}
	alarm := Alarm{LogicalID: r.LogicalID, Threshold: text(p["Threshold"])}
	if alarm.Periods, err = t.number(r, p, "EvaluationPeriods", 1); err != nil {
		return alarm, err
	}
	queries := maps(r.Properties["Metrics"])
	if len(queries) == 0 {
		metric, err := t.metric(s, r.Properties)
		if metric.Stat = text(p["Statistic"]); metric.Stat == "" {
			metric.Stat = text(p["ExtendedStatistic"])
		}
		if err == nil {
			metric.Period, err = t.number(r, p, "Period", 0)
		}
		alarm.Metrics = []Metric{metric}
		return alarm, err
	}
	for _, query := range queries {
		if expression, ok := query["Expression"]; ok {
			value, err := t.Resolve(s, expression)
			if err != nil {
				return alarm, err
			}
			alarm.Expression = text(value)
			continue
		}
		stat, _ := query["MetricStat"].(map[string]any)
		of, _ := stat["Metric"].(map[string]any)
		metric, err := t.metric(s, of)
		if err == nil {
			metric.Period, err = t.number(r, stat, "Period", 0)
		}
		if err != nil {
			return alarm, err
		}
		metric.ID, metric.Stat = text(query["Id"]), text(stat["Stat"])
		alarm.Metrics = append(alarm.Metrics, metric)
	}
	return alarm, nil
}

// metric reads what names a metric.
func (t *Template) metric(s Scope, of map[string]any) (Metric, error) {
	namespace, err := t.Resolve(s, of["Namespace"])
	if err != nil {
		return Metric{}, err
	}
	metric := Metric{Namespace: text(namespace), Name: text(of["MetricName"]), Dimensions: map[string]string{}}
	for _, d := range maps(of["Dimensions"]) {
		if metric.Dimensions[text(d["Name"])], err = t.target(s, d["Value"]); err != nil {
			return metric, fmt.Errorf("dimensions of %s: %w", metric.Name, err)
		}
	}
	return metric, nil
}

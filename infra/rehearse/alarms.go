package main

import (
	"os"

	"github.com/goccy/go-yaml"
)

// The kinds of alarm that the emulator lacks, and the plain one that stands in their place.
const (
	kindAlarm     = "AWS::CloudWatch::Alarm"
	kindComposite = "AWS::CloudWatch::CompositeAlarm"
)

// plainAlarms writes the template at from to the file at to: an alarm of metric math, and one of
// other alarms, becomes a plain one of the same name, since the emulator refuses both. It returns
// how many. No alarm rings there anyhow; what the expressions say is infra/templatetest's.
func plainAlarms(from, to string) (int, error) {
	text, err := os.ReadFile(from)
	if err != nil {
		return 0, err
	}
	var whole yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(text, &whole, yaml.UseOrderedMap()); err != nil {
		return 0, err
	}
	count := 0
	resources, _ := member(whole, "Resources")
	for _, resource := range resources {
		body, _ := resource.Value.(yaml.MapSlice)
		kind, _ := value(body, "Type").(string)
		properties, _ := member(body, "Properties")
		if kind != kindComposite && (kind != kindAlarm || value(properties, "Metrics") == nil) {
			continue
		}
		count++
		set(body, "Type", kindAlarm)
		set(body, "Properties", plainAlarm(properties))
	}
	// A template without any goes on to the last byte as it is.
	if count > 0 {
		if text, err = yaml.Marshal(whole); err != nil {
			return 0, err
		}
	}
	return count, os.WriteFile(to, text, 0o644)
}

// plainAlarm keeps what an alarm says and whom it tells, and has it look at a metric that nobody
// sends.
func plainAlarm(properties yaml.MapSlice) yaml.MapSlice {
	plain := yaml.MapSlice{
		{Key: "Namespace", Value: "Rehearsal"},
		{Key: "MetricName", Value: "Nothing"},
		{Key: "Statistic", Value: "Sum"},
		{Key: "Period", Value: 60},
		{Key: "EvaluationPeriods", Value: 1},
		{Key: "Threshold", Value: 1},
		{Key: "ComparisonOperator", Value: "GreaterThanOrEqualToThreshold"},
	}
	for _, item := range properties {
		switch item.Key {
		case "AlarmName", "AlarmDescription", "AlarmActions", "OKActions":
			plain = append(plain, item)
		}
	}
	return plain
}

func value(m yaml.MapSlice, key string) any {
	for _, item := range m {
		if item.Key == key {
			return item.Value
		}
	}
	return nil
}

func member(m yaml.MapSlice, key string) (yaml.MapSlice, bool) {
	inner, ok := value(m, key).(yaml.MapSlice)
	return inner, ok
}

// set changes the value of a key that is there.
func set(m yaml.MapSlice, key string, to any) {
	for n := range m {
		if m[n].Key == key {
			m[n].Value = to
		}
	}
}

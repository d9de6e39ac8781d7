package templatetest

import (
	"fmt"
	"strings"

	"makegood/infra/template"
)

// deadLettersRing: one dead letter among empty readings rings at once. A mean would hide it.
func deadLettersRing(t *template.Template) (problems, error) {
	var p problems
	alarms, err := t.Alarms(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, alarm := range alarms {
		for _, metric := range alarm.Metrics {
			// A dimension is a name: of an ARN there are no readings.
			for name := range metric.Dimensions {
				if written := fmt.Sprint(t.Resource(alarm.LogicalID).Properties["Dimensions"]); strings.Contains(written, ".Arn") {
					p.addf("%s: %s is an ARN", alarm.LogicalID, name)
				}
			}
			if strings.HasSuffix(metric.Dimensions["QueueName"], "DeadLetterQueue") && (metric.Stat != "Maximum" || alarm.Periods != 1) {
				p.addf("%s takes the %s of %d periods: one dead letter may not ring", alarm.LogicalID, metric.Stat, alarm.Periods)
			}
		}
	}
	return p, nil
}

package local

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"makegood/infra/template"
)

var rate = regexp.MustCompile(`^rate\((\d+) (minute|hour|day)s?\)$`)

// interval reads a rate expression. Cron expressions are refused: nothing here has one, and a wrong
// guess would be worse.
func interval(expression string) (time.Duration, error) {
	parts := rate.FindStringSubmatch(expression)
	if parts == nil {
		return 0, fmt.Errorf("schedule %q: only rate(n minutes|hours|days) runs locally", expression)
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil || n == 0 {
		return 0, fmt.Errorf("schedule %q: not a rate", expression)
	}
	return time.Duration(n) * map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[parts[2]], nil
}

// startSchedule runs a function at its rate, or faster where the stack was told so. A run that
// fails is not run again: the next one is.
func (s *Stack) startSchedule(ctx context.Context, f *function, schedule template.Schedule) error {
	every, err := interval(schedule.Expression)
	if err != nil {
		return fmt.Errorf("%s: %w", f.spec.LogicalID, err)
	}
	// Checked after the expression: a test of a template should see a wrong one too.
	if s.options.ManualSchedules {
		return nil
	}
	if s.options.ScheduleEvery > 0 {
		every = s.options.ScheduleEvery
	}
	s.work.Go(func() {
		ticks := time.NewTicker(every)
		defer ticks.Stop()
		for {
			select {
			case at := <-ticks.C:
				_, _ = f.invoke(ctx, scheduledEvent(f, schedule, at)) // what went wrong is in the function's log
			case <-ctx.Done():
				return
			}
		}
	})
	return nil
}

// scheduledEvent is what the scheduler hands over: the schedule's own input, or the event that says
// when it ran.
func scheduledEvent(f *function, schedule template.Schedule, at time.Time) []byte {
	if schedule.Input != "" {
		return []byte(schedule.Input)
	}
	event, err := json.Marshal(map[string]any{
		"version": "0", "id": newInvocation(nil).id, "detail-type": "Scheduled Event", "source": "aws.scheduler", "account": accountID,
		"time": at.UTC().Format(time.RFC3339), "region": region, "detail": map[string]any{},
		"resources": []string{"arn:aws:scheduler:" + region + ":" + accountID + ":schedule/default/" + f.spec.Deployed + "-" + schedule.Event},
	})
	if err != nil {
		panic(err) // strings and maps of strings always marshal
	}
	return event
}

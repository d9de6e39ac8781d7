package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

const (
	logsWithin = 10 * time.Second
	maxLines   = 20 // of errors that are shown
)

// explain prints what functions logged as errors: what a caller is told says nothing of the cause.
func (r *rehearsal) explain(out io.Writer) {
	if r.account == nil {
		return
	}
	// The rehearsal may have been interrupted, and its logs are still asked for.
	ctx, cancel := context.WithTimeout(context.Background(), logsWithin)
	defer cancel()
	groups, err := r.account.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	if err != nil {
		return // the emulator is gone, and there is nothing to show
	}
	count := 0
	for _, group := range groups.LogGroups {
		name := aws.ToString(group.LogGroupName)
		lines, err := r.account.logs.FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group.LogGroupName})
		if err != nil {
			continue
		}
		for _, event := range lines.Events {
			line := strings.TrimSpace(aws.ToString(event.Message))
			if count == maxLines || !isError(line) {
				continue
			}
			count++
			fmt.Fprintf(out, "  %s: %s\n", name, line)
		}
	}
}

// isError reports whether a function's line is one of an operator's errors, or of its end. The
// emulator has functions log as text, whatever the template says.
func isError(line string) bool {
	for _, mark := range []string{"level=ERROR", `"level":"ERROR"`, "errorMessage", "panic:", "exited"} {
		if strings.Contains(line, mark) {
			return true
		}
	}
	return false
}

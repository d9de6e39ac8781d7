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

// errors returns the lines of errors that functions logged, each behind the name of its log group.
// A group that begins with prefix is read, and no other.
func (a *account) errors(ctx context.Context, prefix string) ([]string, error) {
	groups, err := a.logs.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String(prefix)})
	if err != nil {
		return nil, err
	}
	var all []string
	for _, group := range groups.LogGroups {
		pages := cloudwatchlogs.NewFilterLogEventsPaginator(a.logs, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group.LogGroupName})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, err
			}
			for _, event := range page.Events {
				if line := strings.TrimSpace(aws.ToString(event.Message)); isError(line) {
					all = append(all, aws.ToString(group.LogGroupName)+": "+line)
				}
			}
		}
	}
	return all, nil
}

// functionLogs begins the log groups of functions.
const functionLogs = "/aws/lambda/" + stackName + "-"

// explain prints what functions logged as errors: what a caller is told says nothing of the cause.
func (r *rehearsal) explain(out io.Writer) {
	if r.account == nil {
		return
	}
	// The rehearsal may have been interrupted, and its logs are still asked for.
	ctx, cancel := context.WithTimeout(context.Background(), logsWithin)
	defer cancel()
	lines, err := r.account.errors(ctx, functionLogs)
	if err != nil {
		return // the emulator is gone, and there is nothing to show
	}
	for _, line := range lines[:min(len(lines), maxLines)] {
		fmt.Fprintf(out, "  %s\n", line)
	}
}

// quiet demands that the functions of a name's beginning logged no error.
func (r *rehearsal) quiet(ctx context.Context, function string) error {
	lines, err := r.account.errors(ctx, functionLogs+function)
	if err != nil || len(lines) == 0 {
		return err
	}
	return fmt.Errorf("%d errors are logged, the first by %s", len(lines), lines[0])
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

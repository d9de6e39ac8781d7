package account

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
)

// The bounds of reading logs.
const (
	logPages = 100     // of one function: a million lines or so
	logLine  = 1 << 20 // bytes of one line
)

// failedMessage is what the log of a consumer says of a message that failed.
const failedMessage = "message failed"

// ErrNoLog means that functions' logs cannot be read from here.
var ErrNoLog = errors.New("no log can be read here: give --stack, or set " + EnvLogs + " to the folder of the local stack's logs")

// FailedMessages calls each with the lines that a function logged of messages that failed, since
// the instant, oldest first. On the local stack they lie in the folder that MAKEGOOD_LOGS names.
func (a *Account) FailedMessages(ctx context.Context, function string, since time.Time, each func(line []byte)) error {
	if folder := a.env(EnvLogs); folder != "" {
		return readLog(filepath.Join(folder, function+".log"), each)
	}
	if a.Stack == "" || !a.Reaches(Logs) {
		return ErrNoLog
	}
	group := "/aws/lambda/" + a.Stack + "-" + function
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(a.Logs, &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &group, FilterPattern: aws.String(`"` + failedMessage + `"`), StartTime: aws.Int64(since.UnixMilli()),
	})
	for page := 0; pages.HasMorePages() && page < logPages; page++ {
		out, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("the log group %s: %w", group, err)
		}
		for _, event := range out.Events {
			each([]byte(aws.ToString(event.Message)))
		}
	}
	return nil
}

// readLog reads a function's log of the local stack; a function that has written none has no lines.
func readLog(path string, each func(line []byte)) error {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, logLine)
	for lines.Scan() {
		each(lines.Bytes())
	}
	return lines.Err()
}

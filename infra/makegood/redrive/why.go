package redrive

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"makegood/shared/message"
)

// Log reads what a function logged of messages that failed.
type Log interface {
	// FailedMessages calls each with the lines of the function's log since the instant, oldest
	// first.
	FailedMessages(ctx context.Context, function string, since time.Time, each func(line []byte)) error
}

// ConsumerOf returns the function that takes messages off a queue, "" where there is no such queue.
func ConsumerOf(queue string) string {
	for _, route := range message.Routes {
		if route.Queue == queue {
			return route.Function
		}
	}
	return ""
}

// Explain sets why each letter lies there: the last thing that the function's log says of it. A
// message carries no error, but its id is in the log, and is the same in the dead-letter queue.
func Explain(ctx context.Context, log Log, queue string, letters []Letter) error {
	if len(letters) == 0 {
		return nil
	}
	since, places := letters[0].SentAt, map[string]int{}
	for n, letter := range letters {
		places[letter.ID] = n
		if letter.SentAt.Before(since) {
			since = letter.SentAt
		}
	}
	return log.FailedMessages(ctx, ConsumerOf(queue), since, func(line []byte) {
		id, failure, ok := failureOf(line)
		if n, wanted := places[id]; ok && wanted {
			letters[n].Failure = &failure
		}
	})
}

// failureOf reads a line of a consumer's log; ok is false for one of another sort.
func failureOf(line []byte) (id string, failure Failure, ok bool) {
	var fields struct {
		Timestamp   time.Time       `json:"timestamp"`
		Message     string          `json:"message_id"`
		Attempt     json.RawMessage `json:"attempt"` // a number; a text in former releases' logs
		Code        string          `json:"code"`
		Error       string          `json:"error"`
		Correlation string          `json:"correlation_id"`
	}
	if json.Unmarshal(line, &fields) != nil || fields.Message == "" || fields.Error == "" {
		return "", Failure{}, false
	}
	attempt, _ := strconv.Atoi(strings.Trim(string(fields.Attempt), `"`)) // 0: it does not say
	return fields.Message, Failure{
		At: fields.Timestamp, Attempt: attempt, Code: fields.Code, Error: fields.Error, Correlation: fields.Correlation,
	}, true
}

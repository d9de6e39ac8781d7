package queue

import (
	"context"
	"encoding/json"
	"log/slog"
	"strconv"

	"github.com/aws/aws-lambda-go/events"

	"makegood/shared/correlation"
	"makegood/shared/message"
)

// maxLoggedID bounds an id in a log line, in bytes. Ours are shorter; a worker writes its messages
// by itself, and may put anything in an id's place.
const maxLoggedID = 160

// subject is what a message says it is about: its type, and the ids that messages of ours carry.
// None of them is personal.
type subject struct {
	Type       string `json:"type"`
	Case       string `json:"case"`
	Payment    string `json:"payment"`
	Generation string `json:"generation"`
	Outage     string `json:"outage"`
	Offer      string `json:"offer"`
	Change     string `json:"change"`
	Attachment string `json:"attachment"`
}

// subjectOf reads the subject of a message as far as it can be read; the zero subject of what is
// not one.
func subjectOf(body []byte) subject {
	var about subject
	// Whatever is wrong with the message is the handler's error, which stands on the same line.
	_ = json.Unmarshal(body, &about)
	return about
}

// step returns what was to be done with the message.
func (s subject) step() string {
	if route, ok := message.RouteOf(s.Type); ok {
		return route.Step
	}
	return "read message"
}

// notes returns the step and the ids as fields of log lines, absent ids and what cannot be one left
// out.
func (s subject) notes() []slog.Attr {
	notes := []slog.Attr{slog.String("step", s.step())}
	for _, id := range []struct{ key, value string }{
		{"case", s.Case},
		{"payment", s.Payment},
		{"generation", s.Generation},
		{"outage", s.Outage},
		{"offer", s.Offer},
		{"change", s.Change},
		{"attachment", s.Attachment},
	} {
		if id.value != "" && len(id.value) <= maxLoggedID {
			notes = append(notes, slog.String(id.key, id.value))
		}
	}
	return notes
}

type attemptKey struct{}

// Attempt returns how often the message that ctx works on was delivered, this time among them; 1
// where the queue did not say.
func Attempt(ctx context.Context) int {
	if attempt, ok := ctx.Value(attemptKey{}).(int); ok {
		return attempt
	}
	return 1
}

// within returns ctx for the work on the message: its lines are logged under the id that its sender
// gave it, and say what it is about. A worker's message, or one that a person put on the queue, may
// have no id: its message id, which SQS shows too, stands in.
func within(ctx context.Context, message events.SQSMessage) context.Context {
	id := message.MessageId
	if sent := message.MessageAttributes[correlation.Attribute].StringValue; sent != nil && correlation.Fits(*sent) {
		id = *sent
	}
	notes := subjectOf([]byte(message.Body)).notes()
	if attempt, err := strconv.Atoi(message.Attributes["ApproximateReceiveCount"]); err == nil {
		notes = append(notes, slog.Int("attempt", attempt))
		ctx = context.WithValue(ctx, attemptKey{}, attempt)
	}
	return correlation.Note(correlation.With(ctx, id), notes...)
}

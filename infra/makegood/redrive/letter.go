package redrive

import (
	"encoding/json"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"makegood/shared/message"
)

// The attributes that a run gives what it moves: which run it was, and how many there were. They
// stay with a message that fails again.
const (
	attributeRun   = "redrive-run"
	attributeTimes = "redrive-times"
)

// unread is the step of a message that is none of ours, as the functions' logs have it.
const unread = "read message"

// maxID bounds an id that is shown, in bytes: a worker may put anything in an id's place.
const maxID = 160

// Subject is one thing that a message is about.
type Subject struct {
	// Kind is case, payment, generation, outage, offer or change.
	Kind string `json:"kind"`
	// ID is its id.
	ID string `json:"id"`
}

// Failure is the last line that a function logged of a message.
type Failure struct {
	// At is when.
	At time.Time `json:"at"`
	// Attempt counts the deliveries of the message, as SQS does.
	Attempt int `json:"attempt,omitempty"`
	// Code is the error's code, as the HTTP API has them.
	Code string `json:"code,omitempty"`
	// Error is what went wrong.
	Error string `json:"error"`
	// Correlation is the id of the piece of work, which all its lines have.
	Correlation string `json:"correlation_id,omitempty"`
}

// Letter is a message of a dead-letter queue, without its text.
type Letter struct {
	// ID is SQS's id of the message, which the function's log names too.
	ID string `json:"message_id"`
	// Type is the message's type, "" of one that cannot be read.
	Type string `json:"type,omitempty"`
	// Step is what a function was to do with it.
	Step string `json:"step"`
	// About is the case, payment or generation of the message, and what else it names.
	About []Subject `json:"about"`
	// SentAt is when the message was sent to its queue.
	SentAt time.Time `json:"sent_at"`
	// Redriven is how many runs moved it before.
	Redriven int `json:"redriven"`
	// Failure is why it lies here, nil where no log says it.
	Failure *Failure `json:"failure,omitempty"`
	// Now is how its subject stands today, "" where nobody was asked.
	Now string `json:"now,omitempty"`

	raw types.Message
}

// subjects are the ids that messages of ours carry, what decides first.
var subjects = []string{"case", "payment", "generation", "outage", "offer", "change", "attachment"}

// letterOf reads a message as far as it can be read.
func letterOf(raw types.Message) Letter {
	letter := Letter{ID: aws.ToString(raw.MessageId), Step: unread, About: []Subject{}, raw: raw}
	// A text that is no message of ours has no subject; it is shown and moved all the same.
	var fields map[string]any
	_ = json.Unmarshal([]byte(aws.ToString(raw.Body)), &fields)
	letter.Type, _ = fields["type"].(string)
	if route, ok := message.RouteOf(letter.Type); ok {
		letter.Step = route.Step
	} else {
		letter.Type = ""
	}
	for _, kind := range subjects {
		if id, _ := fields[kind].(string); id != "" && len(id) <= maxID {
			letter.About = append(letter.About, Subject{kind, id})
		}
	}
	if millis, err := strconv.ParseInt(raw.Attributes["SentTimestamp"], 10, 64); err == nil {
		letter.SentAt = time.UnixMilli(millis).UTC()
	}
	letter.Redriven, _ = strconv.Atoi(text(raw, attributeTimes)) // none: never
	return letter
}

// text returns a message's own attribute, "" for none.
func text(raw types.Message, name string) string {
	return aws.ToString(raw.MessageAttributes[name].StringValue)
}

// movedBy reports whether the run has moved the message already: it failed again since.
func (l Letter) movedBy(run string) bool { return text(l.raw, attributeRun) == run }

// again returns the entry that sends the message to its queue once more, with all that it carries,
// and with the marks of the run.
func (l Letter) again(entry, run string) types.SendMessageBatchRequestEntry {
	own := map[string]types.MessageAttributeValue{}
	for name, value := range l.raw.MessageAttributes {
		own[name] = value
	}
	// SQS refuses a message of more than ten attributes. Ours are for an operator alone: where
	// there is no room, the message goes without.
	if len(own) <= maxAttributes-2 || own[attributeRun].StringValue != nil {
		own[attributeRun] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(run)}
		own[attributeTimes] = types.MessageAttributeValue{DataType: aws.String("Number"), StringValue: aws.String(strconv.Itoa(l.Redriven + 1))}
	}
	return types.SendMessageBatchRequestEntry{Id: aws.String(entry), MessageBody: l.raw.Body, MessageAttributes: own}
}

// maxAttributes is how many attributes of its own a message may have.
const maxAttributes = 10

// Package sender owns how a message leaves for a queue: one JSON text, one SendMessage, and with it
// the correlation id of the work that it comes of.
//
// It refuses to know what the message says, and whether it went out before: state is the outbox, so
// a message may be sent again. It links no SDK client of sqs (0.3 ms of every start), for it needs
// one signed POST.
//
// Invariants: a nil error means that SQS has the message; an error means that it may have it.
package sender

import (
	"context"
	"crypto/md5" //nolint:gosec // SQS's own checksum of a message, not a secret's
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"makegood/shared/aws/client"
	"makegood/shared/correlation"
	"makegood/shared/fault"
)

// A passing fault is tried again at once, for a commit waits for its message. After that it is left
// to the caller, and to sweep-due.
const (
	attempts   = 3
	firstPause = 20 * time.Millisecond
)

var sendMessage = client.Operation{Service: "sqs", Env: "SQS", Target: "AmazonSQS.SendMessage", Version: "1.0"}

// Sender sends to one queue. It is safe for use by many goroutines.
type Sender struct {
	env string
	url string
}

// Open returns a sender to the queue whose URL the environment variable holds. A missing URL fails
// each Send, not the start: what the function committed before is sent again by sweep-due once the
// variable is set.
func Open(urlEnv string) *Sender {
	return &Sender{env: urlEnv, url: os.Getenv(urlEnv)}
}

// Send puts the message on the queue as JSON. A KindBusy error is a passing one, and the message
// may have been taken none the less. Any other (no such queue, not allowed, no JSON) is
// KindInternal, and another attempt cannot mend it.
func (s *Sender) Send(ctx context.Context, message any) error {
	return s.SendAfter(ctx, message, 0)
}

// maxDelay is the longest that SQS delays a message.
const maxDelay = 15 * time.Minute

// SendAfter is Send of a message that nobody receives before the delay is over: in whole seconds,
// rounded up, at most maxDelay.
func (s *Sender) SendAfter(ctx context.Context, message any, delay time.Duration) error {
	if delay < 0 || delay > maxDelay {
		return fmt.Errorf("%s: a delay of %s", s.env, delay)
	}
	if s.url == "" {
		return fmt.Errorf("%s is not set", s.env)
	}
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("message for %s: %w", s.env, err)
	}
	return fault.Repeat(ctx, attempts, firstPause, func(ctx context.Context) error { return s.attempt(ctx, string(body), delay) })
}

// order is the body of SendMessage, in SQS's own names.
type order struct {
	QueueUrl          string
	MessageBody       string
	DelaySeconds      int                  `json:",omitempty"`
	MessageAttributes map[string]attribute `json:",omitempty"`
}

type attribute struct{ DataType, StringValue string }

func (s *Sender) attempt(ctx context.Context, body string, delay time.Duration) error {
	// An attribute, not a field of the message: whoever reads the message's meaning must not see
	// it, and it costs no call.
	send := order{QueueUrl: s.url, MessageBody: body, DelaySeconds: int((delay + time.Second - 1) / time.Second)}
	if id := correlation.ID(ctx); id != "" {
		send.MessageAttributes = map[string]attribute{correlation.Attribute: {"String", id}}
	}
	var receipt struct{ MD5OfMessageBody string }
	err := client.Call(ctx, sendMessage, send, &receipt)
	if err != nil {
		return fault.At("sender.Send", s.env, err)
	}
	// SQS returns the checksum of what it stored. Another one means that the text was changed on
	// its way.
	if sum := md5.Sum([]byte(body)); receipt.MD5OfMessageBody != hex.EncodeToString(sum[:]) { //nolint:gosec // as above
		return fault.Busy(errors.New("SQS took another text than was sent"))
	}
	return nil
}

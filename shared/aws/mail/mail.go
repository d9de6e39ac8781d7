// Package mail owns how a notice leaves as e-mail: one signed SendEmail of SES, plain text to one
// address.
//
// It refuses to know what the mail says, and whether it went out before. SES takes no idempotency
// key, so whoever sends claims the mail first.
//
// Invariants: one call makes at most one mail, for it makes one attempt, on a connection of its
// own. An error says whether the mail can have gone out. No address and no text stands in an error.
//
// Words: taken, unsent (surely, and it may be sent later), refused (surely, and for good), unknown.
package mail

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"makegood/shared/aws/client"
	"makegood/shared/correlation"
	"makegood/shared/fault"
	"makegood/shared/notice"
)

const (
	timeout   = 8 * time.Second // of one call in all; SES answers within one
	maxAnswer = 16 << 10
	path      = "/v2/email/outbound-emails"
	charset   = "UTF-8"
)

// Sender sends mail from one address. It is safe for use by many goroutines.
type Sender struct{ from string }

// Open returns a sender from the address, which SES must have verified, itself or its domain.
// KindInvalid when it is no bare address.
func Open(from string) (*Sender, error) {
	if !notice.IsAddress(from) {
		return nil, fault.Invalid("NOTICE_EMAIL_FROM", "must be one bare e-mail address")
	}
	return &Sender{from: from}, nil
}

// Send implements notice.Mailer. KindBusy: SES was not reached, or wants the mail later.
// KindInvalid: SES refused. KindInternal: the mail may have gone out (no answer, or a fault inside
// SES).
func (s *Sender) Send(ctx context.Context, mail notice.Mail) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	// Whether a connection was had decides what is known of the mail when no answer comes.
	var connected atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }})
	base := client.Base()
	request, err := s.signed(ctx, base, mail)
	if err != nil {
		return fault.Busy(fmt.Errorf("SendEmail: not made: %w", err))
	}
	answer, err := base.HTTPClient.Do(request)
	// No connection: SES cannot have seen the mail. A connection without an answer leaves its fate
	// unknown.
	if err != nil {
		if !connected.Load() {
			return fault.Busy(fmt.Errorf("SendEmail: not reached: %w", err))
		}
		return fmt.Errorf("SendEmail: no answer: %w", err)
	}
	defer func() { _ = answer.Body.Close() }()
	return judge(answer)
}

// envelope is the body of SendEmail, in SES's own names.
type envelope struct {
	FromEmailAddress string
	Destination      struct{ ToAddresses []string }
	Content          struct{ Simple simple }
}

type simple struct {
	Subject content
	Body    struct{ Text content }
	Headers []header
}

type (
	content struct{ Data, Charset string }
	header  struct{ Name, Value string }
)

func (s *Sender) signed(ctx context.Context, base client.Options, mail notice.Mail) (*http.Request, error) {
	// Mark it as automatic, so that no out-of-office reply comes back.
	ask := envelope{FromEmailAddress: s.from}
	ask.Destination.ToAddresses = []string{mail.To}
	ask.Content.Simple.Subject = content{mail.Subject, charset}
	ask.Content.Simple.Body.Text = content{mail.Text, charset}
	ask.Content.Simple.Headers = []header{{"Auto-Submitted", "auto-generated"}}
	// A customer who forwards the mail to support brings the id of its log lines along.
	if id := correlation.ID(ctx); id != "" {
		ask.Content.Simple.Headers = append(ask.Content.Simple.Headers, header{correlation.Header, id})
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address(base.Region), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/json")
	// A connection of its own: one that went stale while the function was frozen would leave the
	// mail's fate unknown.
	request.Close = true
	return request, client.Sign(ctx, request, "ses", body)
}

func address(region string) string {
	if local := client.Endpoint("SESV2"); local != nil {
		return strings.TrimSuffix(*local, "/") + path
	}
	return "https://email." + region + ".amazonaws.com" + path
}

// passing holds SES's words for what may succeed later, beside the SDK's own list of throttling
// words.
var passing = map[string]bool{"LimitExceededException": true, "ExpiredTokenException": true}

// judge turns SES's answer into what is known of the mail. A fault inside SES (5xx) leaves it
// unknown; SES answers 503 before any work.
func judge(answer *http.Response) error {
	status := answer.StatusCode
	if status >= 200 && status < 300 {
		return nil
	}
	word := wordOf(answer)
	err := fmt.Errorf("SendEmail: %d %.64s", status, word)
	_, busy := retry.DefaultThrottleErrorCodes[word]
	// The order decides: a throttling word counts whatever the status, and 503 must not read as an
	// inner fault.
	switch {
	case busy, passing[word], status == http.StatusTooManyRequests, status == http.StatusRequestTimeout, status == http.StatusServiceUnavailable:
		return fault.Busy(err)
	case status >= http.StatusInternalServerError:
		return err
	default:
		return fault.Errorf(fault.KindInvalid, fault.CodeInvalidRequest, "%s", err)
	}
}

// wordOf returns the service's own word for a refusal, "" when it has none: "MessageRejected" of
// "MessageRejected:http://…".
func wordOf(answer *http.Response) string {
	word := answer.Header.Get("X-Amzn-Errortype")
	if word == "" {
		var body struct {
			Type string `json:"__type"`
		}
		text, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
		_ = json.Unmarshal(text, &body) // an answer without a word has its status
		word = body.Type
	}
	word, _, _ = strings.Cut(word, ":")
	return word[strings.LastIndexByte(word, '#')+1:]
}

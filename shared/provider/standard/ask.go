package standard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/payment"
	"makegood/shared/provider"
)

// maxAnswer is how much of an answer is read: many pages of events.
const maxAnswer = 4 << 20

var (
	errNotUnderstood = errors.New("standard: the adapter's answer is not understood")
	errUnknown       = errors.New("standard: the adapter knows nothing of that")
)

// request is one message to the adapter; path has its query, id is the idempotency key where something is to be done.
type request struct {
	method, path, id string
	body             []byte
}

// ask sends a signed request and reads its answer into answer; the timestamp is now. Its errors are those of payment.Gateway, and errUnknown
// for 404 to a question.
func (g Gateway) ask(ctx context.Context, r request, answer any, now time.Time) error {
	if g.broken != nil {
		return g.broken
	}
	ctx, cancel := context.WithTimeout(ctx, provider.Patience)
	defer cancel()
	signatures, err := g.sign(ctx, r, now)
	if err != nil {
		return err
	}
	sent, err := http.NewRequestWithContext(ctx, r.method, g.base+r.path, bytes.NewReader(r.body))
	if err != nil {
		return err
	}
	sent.Header.Set("User-Agent", "makegood/1")
	sent.Header.Set(HeaderID, r.id)
	sent.Header.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	sent.Header.Set(HeaderSignature, signatures)
	if r.body != nil {
		sent.Header.Set("Content-Type", "application/json")
		sent.Header["Idempotency-Key"] = nil // not sent: it lets the transport try again on a connection that was closed while it lay idle
	}
	answered, err := g.client.Do(sent)
	if err != nil {
		return provider.Unanswered(err)
	}
	defer func() { _ = answered.Body.Close() }()
	raw, err := io.ReadAll(io.LimitReader(answered.Body, maxAnswer))
	if err != nil {
		return provider.Unanswered(err)
	}
	if answered.StatusCode != http.StatusOK {
		return refusal(r.method, answered.StatusCode, raw)
	}
	if json.Unmarshal(raw, answer) != nil {
		return fault.Busy(errNotUnderstood)
	}
	return nil
}

// sign returns the signatures by every live secret, so that the adapter may change its own at any time. A malformed one is left out beside
// a good one, as in signed.
func (g Gateway) sign(ctx context.Context, r request, now time.Time) (string, error) {
	secrets, err := provider.Live(ctx, g.secrets)
	if err != nil {
		return "", err
	}
	var signatures []string
	for _, secret := range secrets {
		one, malformed := Sign(secret, r.id, now, r.body)
		if malformed != nil {
			err = fault.Busy(malformed)
			continue
		}
		signatures = append(signatures, one)
	}
	if len(signatures) == 0 {
		return "", err
	}
	return strings.Join(signatures, " "), nil
}

// final are the codes of a 409 that will not change; in_use, and any that is not known here, may.
var final = []string{payment.CodeAlreadyRefunded, payment.CodeDisputed, payment.CodeKeySpent, payment.CodeRefused}

// refusal maps an answer that is not 200 to the kinds of payment.Gateway.
func refusal(method string, status int, raw []byte) error {
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(raw, &problem) // an answer without a code has a status all the same
	report := fmt.Errorf("standard: the adapter answered %d", status)
	asking := method == http.MethodGet
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return report
	case asking && status == http.StatusNotFound:
		return errUnknown
	case !asking && status == http.StatusConflict && slices.Contains(final, problem.Code):
		return provider.NoRefund(problem.Code, problem.Code)
	case status < 400, status >= 500, status == http.StatusConflict, status == http.StatusTooManyRequests:
		return fault.Busy(report)
	case asking:
		return report
	default:
		return provider.NoRefund(payment.CodeRefused, problem.Code)
	}
}

// unread makes nothing of what the adapter does not know.
func unread(err error) error {
	if errors.Is(err, errUnknown) {
		return nil
	}
	return err
}

// unclear is the error of a look that shows what cannot be understood: whoever asked would else pay again what they cannot see.
func unclear(id payment.ID, err error) error {
	return fmt.Errorf("standard: what is shown of payment %s is not understood: %v", id, err) //nolint:errorlint // KindInternal: the input that is wrong is not our caller's
}

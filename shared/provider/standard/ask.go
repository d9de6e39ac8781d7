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

// maxAnswer is how many bytes of an answer are read: many pages of events.
const maxAnswer = 4 << 20

var (
	errNotUnderstood = errors.New("standard: the adapter's answer is not understood")
	errUnknown       = errors.New("standard: the adapter knows nothing of that")
)

// request is one message to the adapter. path has its query; id is the idempotency key where
// something is to be done.
type request struct {
	method, path, id string
	body             []byte
}

// ask sends a signed request and decodes its answer into answer; the timestamp is now. Its errors
// are those of payment.Gateway, and errUnknown for 404 to a query.
func (g Gateway) ask(ctx context.Context, r request, answer any, now time.Time) error {
	if g.broken != nil {
		return g.broken
	}
	// The function and its message wait for this call, so it has an end of its own.
	ctx, cancel := context.WithTimeout(ctx, provider.Patience)
	defer cancel()
	// An unsigned request is never sent: the adapter could not tell it from a stranger's.
	signatures, err := g.sign(ctx, r, now)
	if err != nil {
		return err
	}
	httpRequest, err := http.NewRequestWithContext(ctx, r.method, g.base+r.path, bytes.NewReader(r.body))
	if err != nil {
		return err
	}
	httpRequest.Header.Set("User-Agent", "makegood/1")
	httpRequest.Header.Set(HeaderID, r.id)
	httpRequest.Header.Set(HeaderTimestamp, strconv.FormatInt(now.Unix(), 10))
	httpRequest.Header.Set(HeaderSignature, signatures)
	if r.body != nil {
		httpRequest.Header.Set("Content-Type", "application/json")
		// Not sent, for its value is nil: the key alone lets the transport try again on a
		// connection that was closed while it lay idle. The webhook-id is the adapter's idempotency
		// key.
		httpRequest.Header["Idempotency-Key"] = nil
	}
	response, err := g.client.Do(httpRequest)
	if err != nil {
		return provider.Unanswered(err)
	}
	defer func() { _ = response.Body.Close() }()
	// A body that is cut reads as no answer: a refund may have been made, and the same key will
	// show it.
	raw, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return provider.Unanswered(err)
	}
	if response.StatusCode != http.StatusOK {
		return refusal(r.method, response.StatusCode, raw)
	}
	// Busy, not a refusal: the adapter may have acted before it answered nonsense.
	if json.Unmarshal(raw, answer) != nil {
		return fault.Busy(errNotUnderstood)
	}
	return nil
}

// sign returns the signatures by every live secret, so that the adapter may change its own at any
// time. A malformed secret is left out beside a good one, as in signed.
func (g Gateway) sign(ctx context.Context, r request, now time.Time) (string, error) {
	secrets, err := provider.Live(ctx, g.secrets)
	if err != nil {
		return "", err
	}
	var signatures []string
	for _, secret := range secrets {
		one, signErr := Sign(secret, r.id, now, r.body)
		if signErr != nil {
			err = fault.Busy(signErr)
			continue
		}
		signatures = append(signatures, one)
	}
	// Now err says that a secret is malformed; beside a good one that does not matter.
	if len(signatures) == 0 {
		return "", err
	}
	return strings.Join(signatures, " "), nil
}

// final are the codes of a 409 that will not change. in_use, and any code that is not known here,
// may change.
var final = []string{payment.CodeAlreadyRefunded, payment.CodeDisputed, payment.CodeKeySpent, payment.CodeRefused}

// refusal maps an answer that is not 200 to the kinds of payment.Gateway.
func refusal(method string, status int, raw []byte) error {
	var problem struct {
		Code string `json:"code"`
	}
	_ = json.Unmarshal(raw, &problem) // an answer without a code has a status all the same
	report := fmt.Errorf("standard: the adapter answered %d", status)
	// A query has changed nothing, so its refusal is a fault to mend. A refund's refusal is an
	// answer that closes the attempt.
	query := method == http.MethodGet
	switch {
	// A wrong secret is ours to mend; as a refusal it would be recorded as the provider's final
	// word.
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return report
	case query && status == http.StatusNotFound:
		return errUnknown
	case !query && status == http.StatusConflict && slices.Contains(final, problem.Code):
		return provider.NoRefund(problem.Code, problem.Code)
	// A redirect or an unknown success is no answer that we understand: the refund's fate is open.
	case status < 400, status >= 500, status == http.StatusConflict, status == http.StatusTooManyRequests:
		return fault.Busy(report)
	case query:
		return report
	default:
		return provider.NoRefund(payment.CodeRefused, problem.Code)
	}
}

// unread makes nothing of what the adapter does not know: the answer is empty.
func unread(err error) error {
	if errors.Is(err, errUnknown) {
		return nil
	}
	return err
}

// unclear is the error of a look whose answer cannot be understood. The caller would otherwise pay
// again what they cannot see.
func unclear(id payment.ID, err error) error {
	//nolint:errorlint // KindInternal: the input that is wrong is not our caller's
	return fmt.Errorf("standard: what is shown of payment %s is not understood: %v", id, err)
}

package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"makegood/shared/fault"
)

// maxAnswer bounds what is read of an answer. A secret is at most 64 KiB, and JSON may double it;
// all other answers are short.
const maxAnswer = 256 << 10

// Operation is one operation of a service that speaks AWS JSON. One signed POST is all that we need
// of these, so the service's whole SDK package is left out (2 ms of every start for ssm, 0.3 for
// sqs).
type Operation struct {
	Service string // the host's and the signature's word: "ssm", "secretsmanager", "sqs"
	Env     string // the name in AWS_ENDPOINT_URL_<Env>
	Target  string // "AmazonSSM.GetParameter"
	Version string // of the protocol: "1.0" or "1.1"
}

// Call makes one signed call; request and response are JSON. There is one attempt. A passing fault
// (throttled, 5xx, no answer) is KindBusy, any other refusal KindInternal. Nothing of the request
// or of the answer gets into an error but the service's own word for it.
// Why: infra/decisions/0006.
func Call(ctx context.Context, to Operation, ask, got any) error {
	base := Base()
	request, err := signed(ctx, base, to, ask)
	if err != nil {
		return fault.At("client.Call: sign", to.Target, err)
	}
	answer, err := base.HTTPClient.Do(request)
	// No answer does not mean that nothing happened: the service may have done it.
	if err != nil {
		return fault.At("client.Call: send", to.Target, fault.Busy(err))
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return fault.At("client.Call: read answer", to.Target, fault.Busy(err))
	}
	// A refusal is read only for its word. Its text may quote the request, which may hold a secret.
	if answer.StatusCode != http.StatusOK {
		return refusal(to, answer.StatusCode, text)
	}
	if json.Unmarshal(text, got) != nil {
		return errors.New(to.Target + ": an answer that cannot be read")
	}
	return nil
}

func signed(ctx context.Context, base Options, to Operation, ask any) (*http.Request, error) {
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url(base.Region), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-amz-json-"+to.Version)
	request.Header.Set("X-Amz-Target", to.Target)
	if trace := os.Getenv("_X_AMZN_TRACE_ID"); trace != "" { // set for each invocation: the trace goes on, and Lambda sees its own loops
		request.Header.Set("X-Amzn-Trace-Id", trace)
	}
	return request, Sign(ctx, request, to.Service, body)
}

// Sign signs a request with that body for a service in the function's own region.
func Sign(ctx context.Context, request *http.Request, service string, body []byte) error {
	base := Base()
	// Credentials are read now, not at the start: Lambda renews them while the function lives.
	credentials, err := base.Credentials.Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	return v4.NewSigner().SignHTTP(ctx, credentials, request, hex.EncodeToString(sum[:]), service, base.Region, time.Now())
}

func (o Operation) url(region string) string {
	if local := Endpoint(o.Env); local != nil {
		return strings.TrimSuffix(*local, "/") + "/"
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		suffix = "amazonaws.com.cn"
	}
	return fmt.Sprintf("https://%s.%s.%s/", o.Service, region, suffix)
}

// refusal turns an error answer into an error: KindBusy for what may pass.
func refusal(from Operation, status int, text []byte) error {
	var word struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(text, &word) // an answer without a word has its status
	// The word may carry the service's namespace in front:
	// com.amazonaws…#ResourceNotFoundException.
	_, code, prefixed := strings.Cut(word.Type, "#")
	if !prefixed {
		code = word.Type
	}
	err := fmt.Errorf("%s: %d %.64s", from.Target, status, code)
	_, busy := retry.DefaultThrottleErrorCodes[code]
	if busy || status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || code == "InternalServerError" || code == "KmsThrottled" {
		return fault.Busy(err)
	}
	return err
}

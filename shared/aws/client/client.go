// Package client owns what every AWS client of ours is built from: region, credentials, one http
// transport, how often to try again.
//
// It refuses to know any one service. aws/dynamo calls New(Options) of its SDK package. What needs
// one operation only (secret, queue/sender) makes a signed Call, so that a function links no client
// it does not need. The SDK's config package is left out, since it links sts, sso and ssooidc into
// every start.
//
// Invariants: one transport for all calls of a process. Starting makes no call and reads no file.
// Everything comes from the environment that Lambda sets.
//
// Words: endpoint (where a service answers, when it is not AWS's own: the local stack).
package client

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
)

// The limits of one call. A function of ours lives 10–30 s and its calls take milliseconds, so a
// call that hangs is cut off in time to try again. Idle connections outlive the gaps between
// invokes; an environment that was frozen longer dials anew.
const (
	dialTimeout      = 1 * time.Second
	handshakeTimeout = 2 * time.Second
	answerTimeout    = 4 * time.Second
	idleTimeout      = 10 * time.Minute
	connections      = 16 // idle ones kept to each service: a batch of ten is worked on in parallel
)

// The SDK's own attempts mend a broken connection or a throttled call at once. fault.Retry,
// outside, does the rest with its longer pauses.
const (
	attempts   = 3
	maxBackoff = 100 * time.Millisecond
)

// Options is what all SDK clients share. Each field fits the field of that name in a service's
// Options.
type Options struct {
	Region      string                  // as in "eu-central-1"
	Credentials aws.CredentialsProvider // read for each signature
	HTTPClient  *http.Client            // one for the process
	Retryer     aws.Retryer             // the attempts inside one call
}

// Base returns the shared options: region from AWS_REGION, credentials from AWS_ACCESS_KEY_ID,
// AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, read when a call is signed. Missing credentials fail
// the call, not the start.
var Base = sync.OnceValue(func() Options {
	return Options{
		Region:      os.Getenv("AWS_REGION"),
		Credentials: aws.CredentialsProviderFunc(fromEnv),
		HTTPClient:  &http.Client{Transport: transport(), CheckRedirect: stay},
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff = attempts, maxBackoff
		}),
	}
})

// Endpoint returns the value of AWS_ENDPOINT_URL_<service> ("DYNAMODB", "SQS", "SSM",
// "SECRETS_MANAGER", "SESV2"), else that of AWS_ENDPOINT_URL, as the SDKs' own configuration does.
// It is nil where both are unset or empty: then the service is AWS's own.
func Endpoint(service string) *string {
	if url := cmp.Or(os.Getenv("AWS_ENDPOINT_URL_"+service), os.Getenv("AWS_ENDPOINT_URL")); url != "" {
		return &url
	}
	return nil
}

func fromEnv(context.Context) (aws.Credentials, error) {
	keys := aws.Credentials{
		AccessKeyID:     os.Getenv("AWS_ACCESS_KEY_ID"),
		SecretAccessKey: os.Getenv("AWS_SECRET_ACCESS_KEY"),
		SessionToken:    os.Getenv("AWS_SESSION_TOKEN"),
		Source:          "environment",
	}
	if !keys.HasKeys() {
		return aws.Credentials{}, errors.New("no credentials: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set")
	}
	return keys, nil
}

func transport() *http.Transport {
	return &http.Transport{
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		Proxy:                 http.ProxyFromEnvironment,
		TLSHandshakeTimeout:   handshakeTimeout,
		ResponseHeaderTimeout: answerTimeout,
		IdleConnTimeout:       idleTimeout,
		MaxIdleConns:          2 * connections,
		MaxIdleConnsPerHost:   connections,
	}
}

// stay returns a redirect as the answer: a signed request is good for one host only.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Command echo answers with the event it was given, or misbehaves as its query string asks. It
// knows nothing else.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

func handle(ctx context.Context, event json.RawMessage) (any, error) {
	var request struct {
		Query map[string]string `json:"queryStringParameters"`
	}
	if err := json.Unmarshal(event, &request); err != nil {
		return nil, err
	}
	if mark := request.Query["mark"]; mark != "" { // a file that says: at work
		if err := os.WriteFile(mark, nil, 0o600); err != nil {
			return nil, err
		}
	}
	if nap, err := time.ParseDuration(request.Query["sleep"]); err == nil {
		time.Sleep(nap)
	}
	switch request.Query["do"] {
	case "exit":
		os.Exit(3)
	case "panic":
		panic("asked to")
	case "fail":
		return nil, errors.New("asked to")
	case "plain":
		return map[string]string{"just": "a value"}, nil
	case "text":
		return "no status code", nil
	case "binary":
		return map[string]any{"statusCode": 201, "headers": map[string]string{"content-type": "image/png"}, "body": "iVBORw==",
			"isBase64Encoded": true, "cookies": []string{"a=1", "b=2"}}, nil
	}
	lc, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	env := map[string]string{}
	for _, name := range []string{
		"GREETING", "ITEMS_TABLE", "APP_KEYS", "MAKEGOOD_LOCAL", "HTTPS_PROXY", "AWS_LAMBDA_FUNCTION_NAME", "HOME",
		"AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL_SECRETS_MANAGER", "AWS_ENDPOINT_URL_SESV2",
	} {
		env[name] = os.Getenv(name)
	}
	body, err := json.Marshal(map[string]any{
		"event": event, "request_id": lc.AwsRequestID, "arn": lc.InvokedFunctionArn, "pid": os.Getpid(), "env": env,
		"remaining_ms": time.Until(deadline).Milliseconds(),
	})
	return map[string]any{"statusCode": 200, "headers": map[string]string{"content-type": "application/json"}, "body": string(body)}, err
}

func main() { lambda.Start(handle) }

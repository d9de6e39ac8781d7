// Command hello is a function that does nothing: what any aws-lambda-go binary costs, and so the
// floor of ours.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context, map[string]any) (struct{}, error) { return struct{}{}, nil })
}

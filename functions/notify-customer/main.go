// Command notify-customer takes verdicts off the queue notices and tells the app of them, or marks them as told when the app reads by itself.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/secret"
	"makegood/shared/notice"
	"makegood/shared/notice/webhook"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	teller := notice.Teller{Store: dynamo.Open(), Policies: notice.Published}
	if address := os.Getenv("NOTICE_URL"); address != "" {
		server, err := webhook.Open(address, secret.FromEnv("NOTICE_SECRETS"))
		if err != nil {
			slog.Error("not started", "error", err.Error())
			os.Exit(1)
		}
		teller.Webhook = server
	}
	lambda.Start(handler{teller: teller, now: time.Now}.handle)
}

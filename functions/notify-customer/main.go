// Command notify-customer takes from the queue notices what customers are notified of: verdicts,
// offers, standings and outputs that did not come. It posts each, signed, to the app, and mails all
// but the last to the customer, where the stack names an address for it. Where it names none, the
// notice is marked as sent, and the app reads by itself.
package main

import (
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/mail"
	"makegood/shared/aws/metric"
	"makegood/shared/aws/secret"
	"makegood/shared/fault"
	"makegood/shared/notice"
	"makegood/shared/notice/webhook"
	"makegood/shared/policy"
)

func main() {
	slog.SetDefault(lambdacontext.NewLogger())
	store := dynamo.Open()
	n := notice.Notifier{Store: store, Generations: store, Offers: store, Standings: store, Policies: policy.Published, InForce: inForce}
	// Both ways are optional. A wrong address stops the start, so that a deployment fails and not a
	// customer's notice.
	if address := os.Getenv("NOTICE_URL"); address != "" {
		server, err := webhook.Open(address, secret.FromEnv("NOTICE_SECRETS", webhook.FitSecret))
		orExit(err)
		n.Webhook = server
	}
	if from := os.Getenv("NOTICE_EMAIL_FROM"); from != "" {
		sender, err := mail.Open(from)
		orExit(err)
		n.Mailer = watched{mailer: sender, metrics: metric.Open(os.Stdout, "notify-customer"), now: time.Now}
	}
	lambda.Start(handler{notifier: n, now: time.Now}.handle)
}

// inForce returns the stack's policy at an instant. The policy is parsed once.
func inForce(at time.Time) (policy.Revision, error) {
	p, err := policy.Open(os.Getenv("POLICY"))
	if err != nil {
		return policy.Revision{}, fault.At("notify-customer: open policy", "", err)
	}
	return p.At(at), nil
}

func orExit(err error) {
	if err != nil {
		slog.Error("not started", "error", err.Error())
		os.Exit(1)
	}
}

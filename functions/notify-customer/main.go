// Command notify-customer takes from the queue notices what customers are notified of: verdicts,
// offers, standings and outputs that did not come. It posts each, signed, to the app, and mails all
// but the last to the customer, where the stack names an address for it. Where it names none, the
// notice is marked as sent, and the app reads by itself.
package main

import (
	"os"
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/function"
	"makegood/shared/aws/mail"
	"makegood/shared/aws/metric"
	"makegood/shared/aws/secret"
	"makegood/shared/aws/settings"
	"makegood/shared/notice"
	"makegood/shared/notice/webhook"
	"makegood/shared/policy"
)

func main() {
	store := dynamo.Open()
	n := notice.Notifier{Store: store, Generations: store, Offers: store, Standings: store, Policies: policy.Published, InForce: settings.Policy().At}
	// Both ways are optional. A wrong address stops the start, so that a deployment fails and not a
	// customer's notice.
	if address := os.Getenv("NOTICE_URL"); address != "" {
		n.Webhook = function.Must(webhook.Open(address, secret.FromEnv("NOTICE_SECRETS", webhook.FitSecret)))
	}
	if from := os.Getenv("NOTICE_EMAIL_FROM"); from != "" {
		n.Mailer = watched{mailer: function.Must(mail.Open(from)), metrics: metric.Open(os.Stdout, "notify-customer"), now: time.Now}
	}
	function.Start(handler{notifier: n, now: time.Now}.handle)
}

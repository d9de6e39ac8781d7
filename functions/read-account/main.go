// Command read-account answers every GET about what is recorded: customers, statements,
// generations, cases, the policy, what is stuck, and what a few characters of staff name.
package main

import (
	"context"
	"os"
	"time"

	"makegood/shared/access"
	"makegood/shared/api/view"
	"makegood/shared/aws/bucket/link"
	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/aws/secret"
	"makegood/shared/aws/settings"
	"makegood/shared/refund"
)

func main() {
	awshttp.Start(handler{
		store: dynamo.Open(), policy: settings.Policy(), links: links{link.New(os.Getenv("EVIDENCE_BUCKET"))}, now: time.Now,
		email: os.Getenv("CONTACT_EMAIL"), addresses: refund.Addresses{Secrets: secret.FromEnv("ADDRESS_SECRETS", access.FitSecret)},
	}.routes(awshttp.Gate()))
}

// links makes links to the pictures of cases.
type links struct{ link.Signer }

func (l links) Link(ctx context.Context, key, mediaType string) (string, error) {
	return l.Get(ctx, link.Object{Key: key, MediaType: mediaType}, view.LinkLife, time.Now())
}

// Command read-account answers every GET about what is recorded: customers, statements,
// generations, cases, the policy, what is stuck, and what a few characters of staff name.
package main

import (
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
	store := dynamo.Open()
	awshttp.Start(handler{
		store: store, policy: settings.Policy(), links: link.Lasting{Signer: link.New(os.Getenv("EVIDENCE_BUCKET")), Life: view.LinkLife}, now: time.Now,
		email: os.Getenv("CONTACT_EMAIL"), addresses: refund.Addresses{Secrets: secret.FromEnv("ADDRESS_SECRETS", access.FitSecret)},
	}.routes(awshttp.CountingGate(store)))
}

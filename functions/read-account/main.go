// Command read-account answers every GET about what is recorded: customers, statements,
// generations, cases, the policy, what is stuck.
package main

import (
	"os"
	"time"

	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/aws/settings"
)

func main() {
	awshttp.Start(handler{store: dynamo.Open(), policy: settings.Policy(), now: time.Now, email: os.Getenv("CONTACT_EMAIL")}.routes(awshttp.Gate()))
}

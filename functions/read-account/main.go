// Command read-account answers every GET about what is recorded: customers, statements,
// generations, cases, the policy, what is stuck.
package main

import (
	"os"
	"time"

	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/policy"
)

func main() {
	go func() { _, _ = openPolicy() }() // parsed while the first event is on its way
	awshttp.Start(handler{store: dynamo.Open(), policy: openPolicy, now: time.Now, email: os.Getenv("CONTACT_EMAIL")}.routes(awshttp.Gate()))
}

func openPolicy() (*policy.Policy, error) { return policy.Open(os.Getenv("POLICY")) }

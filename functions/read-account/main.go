// Command read-account answers every question about what is recorded: customers, statements, generations, cases, the policy, what is stuck.
package main

import (
	"os"
	"time"

	"makegood/shared/access"
	"makegood/shared/aws/dynamo"
	awshttp "makegood/shared/aws/http"
	"makegood/shared/aws/secret"
	"makegood/shared/policy"
)

func main() {
	go func() { _, _ = published() }() // parsed while the first event is on its way
	gate := access.Gate{
		AppKeys: secret.FromEnv("APP_KEYS"), OperatorKeys: secret.FromEnv("OPERATOR_KEYS"),
		Sessions: access.Sessions{Secrets: secret.FromEnv("SESSION_SECRETS")}, Now: time.Now,
	}
	awshttp.Start(handler{store: dynamo.Open(), policy: published, now: time.Now}.routes(gate))
}

func published() (*policy.Policy, error) { return policy.Open(os.Getenv("POLICY")) }

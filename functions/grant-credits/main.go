// Command grant-credits gives credits that nobody bought: allowances and promotions of the app, goodwill of staff.
package main

import (
	"time"

	"makegood/shared/access"
	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/aws/secret"
	"makegood/shared/grant"
)

func main() {
	gate := access.Gate{
		AppKeys:      secret.FromEnv("APP_KEYS"),
		OperatorKeys: secret.FromEnv("OPERATOR_KEYS"),
		Sessions:     access.Sessions{Secrets: secret.FromEnv("SESSION_SECRETS")},
		Now:          time.Now,
	}
	http.Start(handler{grants: grant.Granter{Store: dynamo.Open()}, now: time.Now}.routes(gate))
}

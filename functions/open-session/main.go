// Command open-session gives the app's server a token with which one customer may speak for themselves.
package main

import (
	"time"

	"makegood/shared/access"
	"makegood/shared/aws/http"
	"makegood/shared/aws/secret"
)

func main() {
	sessions := access.Sessions{Secrets: secret.FromEnv("SESSION_SECRETS")}
	gate := access.Gate{
		AppKeys:      secret.FromEnv("APP_KEYS"),
		OperatorKeys: secret.FromEnv("OPERATOR_KEYS"),
		Sessions:     sessions,
		Now:          time.Now,
	}
	http.Start(handler{sessions: sessions, now: time.Now}.routes(gate))
}

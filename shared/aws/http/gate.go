package http

import (
	"time"

	"makegood/shared/access"
	"makegood/shared/aws/secret"
)

// Gate returns the one gate of every function behind /v1: the keys and session secrets that the
// function's environment names.
func Gate() access.Gate {
	return access.Gate{
		AppKeys:      secret.FromEnv("APP_KEYS", access.FitSecret),
		OperatorKeys: secret.FromEnv("OPERATOR_KEYS", access.FitOperatorKey),
		Sessions:     access.Sessions{Secrets: secret.FromEnv("SESSION_SECRETS", access.FitSecret)},
		Now:          time.Now,
	}
}

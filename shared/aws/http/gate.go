package http

import (
	"os"
	"strconv"
	"time"

	"makegood/shared/access"
	"makegood/shared/aws/function"
	"makegood/shared/aws/secret"
)

// Gate returns the one gate of every function behind /v1: the keys and session secrets that the
// function's environment names, and the pages that may call.
func Gate() access.Gate {
	return access.Gate{
		AppKeys:      secret.FromEnv("APP_KEYS", access.FitSecret),
		OperatorKeys: secret.FromEnv("OPERATOR_KEYS", access.FitOperatorKey),
		Sessions:     access.Sessions{Secrets: secret.FromEnv("SESSION_SECRETS", access.FitSecret)},
		Pages:        function.Must(access.ParsePageOrigins(os.Getenv("ALLOWED_ORIGINS"))),
		Now:          time.Now,
	}
}

// CountingGate is Gate for the functions that customers may call: it counts their requests.
func CountingGate(counter access.Counter) access.Gate {
	gate := Gate()
	gate.Counter = counter
	gate.PerMinute = function.Must(strconv.Atoi(os.Getenv("CUSTOMER_REQUESTS")))
	return gate
}

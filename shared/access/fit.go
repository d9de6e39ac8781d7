package access

import (
	"fmt"
	"strings"
)

// MinSecret is the least length of a key or a session's secret, in bytes: what 128 random bits take as hexadecimal digits.
const MinSecret = 32

// FitSecret returns what is wrong with a key of the app's server, or with a secret that signs sessions, as a secret; nil for one that will do.
func FitSecret(secret string) error {
	if len(secret) < MinSecret {
		return fmt.Errorf("it has fewer than %d bytes", MinSecret)
	}
	return nil
}

// FitOperatorKey is FitSecret for an entry of the operators' keys: its name is no part of the secret.
func FitOperatorKey(entry string) error {
	_, key, named := strings.Cut(entry, ":")
	if !named {
		key = entry
	}
	return FitSecret(key)
}

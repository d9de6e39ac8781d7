package access

import (
	"errors"
	"fmt"
	"strings"
)

// MinSecret is the least length of a key or a session's secret, in bytes: what 128 random bits take
// as hexadecimal digits.
const MinSecret = 32

// FitSecret returns what is wrong with a key of the app's server, or with a secret that signs
// sessions; nil for one that will do.
func FitSecret(secret string) error {
	if len(secret) < MinSecret {
		return fmt.Errorf("it has fewer than %d bytes", MinSecret)
	}
	return nil
}

// maxName bounds the name of a member of staff, in bytes.
const maxName = 64

// FitName returns what is wrong with the name of a member of staff or of an operator key; nil for 1
// to 64 letters, digits, ".", "_", "@", "+" and "-". It is shown beside what its holder did, so
// that nobody acts without one.
func FitName(name string) error {
	for _, c := range name {
		plain := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.ContainsRune("._@+-", c)
		if !plain {
			return errors.New("a name has letters, digits, '.', '_', '@', '+' and '-' only")
		}
	}
	if name == "" || len(name) > maxName {
		return fmt.Errorf("a name has 1 to %d characters", maxName)
	}
	return nil
}

// SplitOperatorKey returns the name and the secret of an entry name:key; false where it has no name
// that FitName takes.
func SplitOperatorKey(entry string) (name, key string, ok bool) {
	name, key, ok = strings.Cut(strings.TrimSpace(entry), ":")
	return name, key, ok && key != "" && FitName(name) == nil
}

// FitOperatorKey is FitSecret for an entry of the operators' keys, which needs a name beside the
// secret.
func FitOperatorKey(entry string) error {
	_, key, ok := SplitOperatorKey(entry)
	if !ok {
		return errors.New("it has no name: an entry is name:key")
	}
	return FitSecret(key)
}

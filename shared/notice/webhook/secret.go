package webhook

import (
	"encoding/base64"
	"errors"
	"strings"
)

// The lengths of a secret of Standard Webhooks, in bytes.
const (
	minSecret = 24
	maxSecret = 64
)

// FitSecret returns what is wrong with a secret that signs notices; nil for one that is whsec_ and
// the base64 of 24 to 64 bytes.
func FitSecret(secret string) error {
	_, err := parseSecret(secret)
	return err
}

func parseSecret(secret string) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil || len(key) < minSecret || len(key) > maxSecret {
		return nil, errors.New("it is not whsec_ and the base64 of 24 to 64 bytes")
	}
	return key, nil
}

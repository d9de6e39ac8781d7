package stripe

import (
	"errors"
	"strings"
)

// minSecret is how many characters a signing secret or key of Stripe's has at least, its prefix
// included. Today's signing secrets have 38, the oldest keys 32.
const minSecret = 32

// FitSecret returns what is wrong with a webhook's signing secret; nil for one that Stripe may have
// issued.
func FitSecret(secret string) error {
	if !strings.HasPrefix(secret, "whsec_") || len(secret) < minSecret {
		// The text must not show the secret: it is logged, and a cut or swapped secret is still
		// one.
		return errors.New("a signing secret of Stripe's begins with whsec_ and has 32 characters or more")
	}
	return nil
}

// FitKey returns what is wrong with a key for Stripe's API; nil for one that Stripe may have
// issued.
func FitKey(key string) error {
	if !strings.HasPrefix(key, "rk_") && !strings.HasPrefix(key, "sk_") || len(key) < minSecret {
		return errors.New("a key of Stripe's begins with rk_ or sk_ and has 32 characters or more")
	}
	return nil
}

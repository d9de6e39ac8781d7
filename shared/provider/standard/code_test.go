package standard

import (
	"crypto/hmac"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCodeAgreesWithThePublicVectors(t *testing.T) {
	raw, err := os.ReadFile("testdata/wycheproof_hmac_sha256_subset.json")
	require.NoError(t, err)
	var vectors struct {
		Tests []struct {
			TcID                           int
			Comment, Key, Msg, Tag, Result string
		}
	}
	require.NoError(t, json.Unmarshal(raw, &vectors))
	require.Len(t, vectors.Tests, 33)
	unhex := func(text string) []byte {
		out, err := hex.DecodeString(text)
		require.NoError(t, err)
		return out
	}
	for _, v := range vectors.Tests {
		message := unhex(v.Msg)
		half := len(message) / 2
		matches := hmac.Equal(unhex(v.Tag), code(unhex(v.Key), message[:half], message[half:]))
		assert.Equal(t, v.Result == "valid", matches, "vector %d: %s", v.TcID, v.Comment)
	}
}

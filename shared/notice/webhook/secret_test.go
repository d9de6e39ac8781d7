package webhook_test

import (
	"encoding/base64"
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/notice/webhook"
	"makegood/shared/provider/standard"
)

func TestASecretOfStandardWebhooksHas24To64Bytes(t *testing.T) {
	for _, fit := range []func(string) error{webhook.FitSecret, standard.FitSecret} {
		for bytes, fits := range map[int]bool{0: false, 23: false, 24: true, 32: true, 64: true, 65: false} {
			text := base64.StdEncoding.EncodeToString(make([]byte, bytes))
			assert.Equal(t, fits, fit("whsec_"+text) == nil, bytes)
			assert.Equal(t, fits, fit(text) == nil, "without its prefix")
		}
		assert.Error(t, fit("whsec_%%%"))
	}
}

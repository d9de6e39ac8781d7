package access_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/access"
)

func TestOriginsAreAsBrowsersSendThem(t *testing.T) {
	for _, list := range []string{"https://app.example.com", "https://app.example.com,https://shop.example:8443", "http://localhost:5173", "http://127.0.0.1:3000,http://[::1]:3000"} {
		origins, err := access.ParsePageOrigins(list)
		require.NoError(t, err, list)
		require.True(t, access.Gate{Pages: origins}.AllowsOrigin(origins[0]))
	}
	for _, list := range []string{
		"*", "https://*", "https://*.example.com", "null", "https://app.example.com/", "https://app.example.com/app", "https://App.example.com",
		"http://app.example.com", "app.example.com", "https://", "https://a.example,", " https://a.example", "https://u@a.example?", "ftp://a.example", "https://a.example:443", "http://localhost:80",
	} {
		_, err := access.ParsePageOrigins(list)
		require.Error(t, err, list)
	}
}

func TestOnlyListedOriginsAreAllowed(t *testing.T) {
	none, err := access.ParsePageOrigins("")
	require.NoError(t, err)
	gate := access.Gate{Pages: access.PageOrigins{"https://app.example.com"}}
	for _, origin := range []string{"", "null", "*", "https://app.example.com.evil.example", "https://app.example.com:444", "http://app.example.com"} {
		require.False(t, access.Gate{Pages: none}.AllowsOrigin(origin))
		require.False(t, gate.AllowsOrigin(origin), origin)
	}
}

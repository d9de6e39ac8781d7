package main

import (
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/attachment"
	"makegood/shared/aws/http/httptest"
	"makegood/shared/ledger"
)

// receipt is what events/request-refund/attach.json opens.
var receipt = attachment.NewID("alice", "app", "attach-1")

// signing is the desk in a function that has credentials to sign by.
func signing(t *testing.T) *desk {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
	} {
		t.Setenv(name, value)
	}
	return open(t)
}

// uploadOf returns the parts of an answer's link, and how long it is good for.
func uploadOf(t *testing.T, answer httptest.Answer) (upload map[string]any, path, signed, seconds string) {
	t.Helper()
	upload = answer.Fields["upload"].(map[string]any)
	address, err := url.Parse(upload["url"].(string))
	require.NoError(t, err)
	delete(upload, "url")
	query := address.Query()
	return upload, address.Path, query.Get("X-Amz-SignedHeaders"), query.Get("X-Amz-Expires")
}

func TestAnAttachmentIsOpenedAndMayBeUploaded(t *testing.T) {
	d := signing(t)
	answer := d.Want(201, "attach")
	upload, path, signed, seconds := uploadOf(t, answer)
	require.Equal(t, map[string]any{
		"method": "PUT", "expires_at": "2026-03-01T12:15:00Z",
		"headers": map[string]any{"Content-Type": "application/pdf", "x-amz-checksum-sha256": "kO6JLjbMK8Dz1DywSSL0fgrOIOvqcWoRpJm+YvYJJvc="},
	}, upload)
	require.Equal(t, "content-length;content-type;host;x-amz-checksum-sha256", signed)
	require.Equal(t, "/evidence/"+ledger.CustomerID("alice").Key()+"/attachments/"+string(receipt), path)
	require.Equal(t, "900", seconds)
	require.Equal(t, []any{string(receipt), "2026-03-02T12:00:00.000Z"}, []any{answer.Fields["id"], answer.Fields["expires_at"]})
	kept, err := d.store.FindAttachments(t.Context(), receipt)
	require.NoError(t, err)
	require.Len(t, kept, 1)
	require.Equal(t, attachment.File{MediaType: attachment.PDF, Bytes: 18, SHA256: "90ee892e36cc2bc0f3d43cb04922f47e0ace20ebea716a11a499be62f60926f7"}, kept[0].File)
}

func TestAnAttachmentAskedForAgainGetsAFreshLink(t *testing.T) {
	d := signing(t)
	first := d.Want(201, "attach")
	for after, want := range map[time.Duration]struct{ seconds, until string }{
		time.Hour:                       {"900", "2026-03-01T13:15:00Z"},
		24*time.Hour - 10*time.Second:   {"10", "2026-03-02T12:00:00Z"}, // never longer than a case may take it
		24*time.Hour - time.Millisecond: {"1", "2026-03-02T12:00:00Z"},
	} {
		d.now = noon.Add(after)
		again := d.Want(201, "attach")
		require.True(t, again.Replayed)
		require.Equal(t, []any{first.Fields["id"], first.Fields["expires_at"]}, []any{again.Fields["id"], again.Fields["expires_at"]})
		upload, _, _, seconds := uploadOf(t, again)
		require.Equal(t, []any{want.seconds, want.until}, []any{seconds, upload["expires_at"]}, after)
	}
	d.now = noon.Add(24 * time.Hour)
	require.Equal(t, httptest.Refusal{404, "attachment_not_found", nil}, d.Ask("attach").Refusal())
}

func TestAnAttachmentIsOpenedByWhoMayAsk(t *testing.T) {
	d := signing(t)
	d.Want(201, "attach", d.As("alice"))
	d.Want(201, "attach-by-staff")
	d.Want(201, "attach-picture")
	require.Equal(t, httptest.Refusal{404, "not_found", nil}, d.Ask("attach", d.As("mallory")).Refusal(), "another does not exist")
	require.Equal(t, httptest.Refusal{400, "attachment_type", "media_type"}, d.Ask("attach-other-type", d.As("mallory")).Refusal(), "fields are judged first")
}

func TestARefusedAttachmentNamesItsCodeAndItsField(t *testing.T) {
	d := signing(t)
	d.Want(201, "attach")
	for fixture, want := range map[string]httptest.Refusal{
		"attach-other-hash":         {409, "idempotency_key_reused", nil},
		"attach-bad-customer":       {400, "invalid_request", "customer"},
		"attach-other-type":         {400, "attachment_type", "media_type"},
		"attach-no-bytes":           {400, "invalid_request", "bytes"},
		"attach-fraction":           {400, "invalid_request", "bytes"},
		"attach-too-large":          {413, "attachment_too_large", "bytes"},
		"attach-upper-case-hash":    {400, "invalid_request", "sha256"},
		"attach-unknown-field":      {400, "invalid_request", "name"},
		"attach-without-key":        {400, "invalid_request", "Idempotency-Key"},
		"attach-without-credential": {401, "unauthenticated", nil},
	} {
		require.Equal(t, want, d.Ask(fixture).Refusal(), fixture)
	}
	require.ElementsMatch(t, []any{"customer", "media_type", "bytes", "sha256"}, d.Want(400, "attach-without-fields").Fields["fields"])
}

func TestACustomersAttachmentsOfOneDayAreBounded(t *testing.T) {
	d := signing(t)
	numbered := func(n int) func(event map[string]any) {
		return func(event map[string]any) { event["headers"].(map[string]any)["idempotency-key"] = strconv.Itoa(n) }
	}
	for n := range attachment.MaxOpened {
		d.Want(201, "attach", d.As("alice"), numbered(n))
	}
	refused := d.Want(429, "attach", d.As("alice"), numbered(attachment.MaxOpened))
	require.Equal(t, []any{"throttled", "43200"}, []any{refused.Fields["code"], refused.Headers["retry-after"]}, "to the end of the day")
	d.Want(201, "attach", d.As("alice"), numbered(0)) // one that is open may be asked for again
	d.Want(201, "attach", numbered(attachment.MaxOpened))
}

func TestWithoutCredentialsNoLinkIsMade(t *testing.T) {
	d := signing(t)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	require.NotContains(t, d.Want(500, "attach").Body, "credentials")
}

package link_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/bucket/link"
	"makegood/shared/fault"
)

const receipt = "%PDF-1.7 a receipt"

// uploadOf is an upload of the text under that key.
func uploadOf(key, text string) link.Upload {
	sum := sha256.Sum256([]byte(text))
	return link.Upload{Key: key, MediaType: "application/pdf", Bytes: int64(len(text)), SHA256: hex.EncodeToString(sum[:])}
}

// put sends the text by the link, with those headers.
func put(t *testing.T, address, text string, headers map[string]string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, strings.NewReader(text))
	require.NoError(t, err)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, string(body)
}

func TestALinkToWriteTakesItsBytesAsOftenAsTheyCome(t *testing.T) {
	served(t)
	signer := link.New("evidence")
	address, headers, err := signer.Put(t.Context(), uploadOf("alice/attachments/größe +1", receipt), 5*time.Minute, time.Now())
	require.NoError(t, err)
	for range 2 {
		answer, body := put(t, address, receipt, headers)
		require.Equal(t, http.StatusOK, answer.StatusCode, body)
	}
	kept, err := signer.Get(t.Context(), link.Object{Key: "alice/attachments/größe +1"}, time.Minute, time.Now())
	require.NoError(t, err)
	_, body := follow(t, kept)
	assert.Equal(t, receipt, body)
}

func TestALinkToWriteSignsWhatMustBeSent(t *testing.T) {
	known(t, "http://127.0.0.1:1")
	address, headers, err := link.New("evidence").Put(t.Context(), uploadOf("k", receipt), time.Minute, time.Now())
	require.NoError(t, err)
	u, err := url.Parse(address)
	require.NoError(t, err)
	assert.Equal(t, "content-length;content-type;host;x-amz-checksum-sha256", u.Query().Get("X-Amz-SignedHeaders"))
	assert.Equal(t, map[string]string{"Content-Type": "application/pdf", "x-amz-checksum-sha256": "kO6JLjbMK8Dz1DywSSL0fgrOIOvqcWoRpJm+YvYJJvc="}, headers)
	for name := range u.Query() {
		assert.NotContains(t, strings.ToLower(name), "checksum", "S3 looks at none that stands in the address")
	}
}

func TestALinkToWriteTakesNothingElse(t *testing.T) {
	served(t)
	address, headers, err := link.New("evidence").Put(t.Context(), uploadOf("alice/attachments/1", receipt), 5*time.Minute, time.Now())
	require.NoError(t, err)
	with := func(name, value string) map[string]string {
		changed := map[string]string{}
		for n, v := range headers {
			changed[n] = v
		}
		changed[name] = value
		return changed
	}
	other := uploadOf("alice/attachments/1", "%PDF-1.7 b receipt")
	_, others, err := link.New("evidence").Put(t.Context(), other, time.Minute, time.Now())
	require.NoError(t, err)
	for name, c := range map[string]struct {
		address, text string
		headers       map[string]string
		status        int
		code          string
	}{
		"other bytes":       {address, "%PDF-1.7 b receipt", headers, 400, "BadDigest"},
		"other checksum":    {address, "%PDF-1.7 b receipt", with("x-amz-checksum-sha256", others["x-amz-checksum-sha256"]), 403, "SignatureDoesNotMatch"},
		"no checksum":       {address, receipt, map[string]string{"Content-Type": "application/pdf"}, 403, "SignatureDoesNotMatch"},
		"fewer bytes":       {address, receipt[1:], headers, 403, "SignatureDoesNotMatch"},
		"more bytes":        {address, receipt + "s", headers, 403, "SignatureDoesNotMatch"},
		"another type":      {address, receipt, with("Content-Type", "text/html"), 403, "SignatureDoesNotMatch"},
		"a header of AWS's": {address, receipt, with("x-amz-website-redirect-location", "/x"), 403, "AccessDenied"},
		"another key":       {strings.Replace(address, "/attachments/1", "/attachments/2", 1), receipt, headers, 403, "SignatureDoesNotMatch"},
		"another's folder":  {strings.Replace(address, "alice", "bob", 1), receipt, headers, 403, "SignatureDoesNotMatch"},
	} {
		answer, body := put(t, c.address, c.text, c.headers)
		assert.Equal(t, c.status, answer.StatusCode, "%s: %s", name, body)
		assert.Contains(t, body, "<Code>"+c.code+"</Code>", name)
	}
	answer, _ := follow(t, address)
	assert.Equal(t, http.StatusForbidden, answer.StatusCode, "a link to write is none to read")
	_, err = link.New("evidence").Begin(t.Context(), "alice/attachments/1", 8)
	assert.Equal(t, fault.KindNotFound, fault.KindOf(err), "and nothing was kept")
}

func TestALinkToWriteIsGoodForItsMinutesAlone(t *testing.T) {
	served(t)
	address, headers, err := link.New("evidence").Put(t.Context(), uploadOf("k", receipt), 5*time.Minute, time.Now().Add(-6*time.Minute))
	require.NoError(t, err)
	answer, body := put(t, address, receipt, headers)
	assert.Equal(t, http.StatusForbidden, answer.StatusCode, body)
}

func TestALinkToWriteKnowsWhatItTakes(t *testing.T) {
	known(t, "http://127.0.0.1:1")
	whole := uploadOf("k", receipt)
	for name, change := range map[string]func(u *link.Upload){
		"no key":         func(u *link.Upload) { u.Key = "" },
		"no type":        func(u *link.Upload) { u.MediaType = "" },
		"no bytes":       func(u *link.Upload) { u.Bytes = 0 },
		"no checksum":    func(u *link.Upload) { u.SHA256 = "" },
		"half of one":    func(u *link.Upload) { u.SHA256 = u.SHA256[:32] },
		"no hexadecimal": func(u *link.Upload) { u.SHA256 = strings.Repeat("x", 64) },
	} {
		upload := whole
		change(&upload)
		_, _, err := link.New("evidence").Put(t.Context(), upload, time.Minute, time.Now())
		require.Error(t, err, name)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err), name)
	}
	_, _, err := link.New("evidence").Put(t.Context(), whole, 2*time.Hour, time.Now())
	require.Error(t, err)
}

func TestTheBeginningOfAnObjectIsRead(t *testing.T) {
	served(t)
	begin, err := link.New("evidence").Begin(t.Context(), key, 4)
	require.NoError(t, err)
	assert.Equal(t, "of a", string(begin))
	begin, err = link.New("evidence").Begin(t.Context(), key, 1000)
	require.NoError(t, err)
	assert.Equal(t, "of "+key, string(begin))
	_, err = link.New("evidence").Begin(t.Context(), "alice/cas_1/none.png", 4)
	assert.Equal(t, fault.KindNotFound, fault.KindOf(err))
}

func TestNoMoreThanTheBeginningIsReadOfWhoeverSendsAll(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, receipt) }))
	t.Cleanup(server.Close)
	known(t, server.URL)
	begin, err := link.New("evidence").Begin(t.Context(), "k", 5)
	require.NoError(t, err)
	assert.Equal(t, "%PDF-", string(begin))
}

func TestWhatS3RefusesIsAbsentOrPassesOrIsAFault(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		want   fault.Kind
	}{
		{404, "NoSuchKey", fault.KindNotFound},
		{403, "AccessDenied", fault.KindNotFound},
		{403, "SignatureDoesNotMatch", fault.KindInternal},
		{403, "RequestTimeTooSkewed", fault.KindInternal},
		{404, "NoSuchBucket", fault.KindInternal},
		{301, "PermanentRedirect", fault.KindInternal},
		{403, "", fault.KindInternal},
		{429, "", fault.KindBusy},
		{503, "SlowDown", fault.KindBusy},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(c.status)
			if c.code != "" {
				_, _ = io.WriteString(w, "<Error><Code>"+c.code+"</Code><Key>alice/secret</Key></Error>")
			}
		}))
		known(t, server.URL)
		_, err := link.New("evidence").Begin(t.Context(), "alice/secret", 4)
		server.Close()
		require.Error(t, err)
		assert.Equal(t, c.want, fault.KindOf(err), "%d %s", c.status, c.code)
		assert.NotContains(t, err.Error(), "secret")
	}
}

func TestAnAnswerThatNeverComesIsBusyAndQuotesNoLink(t *testing.T) {
	known(t, "http://127.0.0.1:1")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := link.New("evidence").Begin(ctx, "alice/secret", 4)
	require.Error(t, err)
	assert.Equal(t, fault.KindBusy, fault.KindOf(err))
	assert.NotContains(t, err.Error(), "X-Amz")
}

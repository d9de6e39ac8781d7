package link_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/aws/bucket/link"
	"makegood/shared/fault"
)

const key = "alice/cas_1/größe +%2f.png"

// served starts an S3 that checks signatures, with one picture in it.
func served(t *testing.T) {
	t.Helper()
	address, stop, err := local.StartS3()
	require.NoError(t, err)
	t.Cleanup(stop)
	client := local.S3(address)
	_, err = client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("evidence")})
	require.NoError(t, err)
	for _, at := range []string{key, "bob/cas_2/output.png"} {
		_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("evidence"), Key: aws.String(at), Body: strings.NewReader("of " + at)})
		require.NoError(t, err)
	}
	known(t, address)
}

func known(t *testing.T, address string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3": address, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_SESSION_TOKEN": "local",
	} {
		t.Setenv(name, value)
	}
}

func follow(t *testing.T, address string) (*http.Response, string) {
	t.Helper()
	answer, err := http.Get(address)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer, string(body)
}

func TestALinkShowsItsPictureAndSaysWhatItIs(t *testing.T) {
	served(t)
	signer := link.New("evidence")
	for _, c := range []struct {
		object                 link.Object
		mediaType, disposition string
	}{
		{link.Object{Key: key, MediaType: "image/png"}, "image/png", "inline"},
		{link.Object{Key: key, MediaType: "image/png", Name: "a\"\r\nSet-Cookie: b/../ö.png"}, "image/png", `attachment; filename="a___Set-Cookie__b_..__.png"`},
		{link.Object{Key: key, MediaType: "text/html"}, "application/octet-stream", "attachment"},
		{link.Object{Key: key, MediaType: "image/svg+xml", Name: "x.svg"}, "application/octet-stream", "attachment"},
		{link.Object{Key: key, MediaType: "application/pdf"}, "application/octet-stream", `attachment; filename="gr__e___2f.png.pdf"`},
	} {
		address, err := signer.Get(t.Context(), c.object, 5*time.Minute, time.Now())
		require.NoError(t, err)
		answer, body := follow(t, address)
		require.Equal(t, http.StatusOK, answer.StatusCode, body)
		assert.Equal(t, "of "+key, body)
		assert.Equal(t, c.mediaType, answer.Header.Get("Content-Type"))
		assert.Equal(t, c.disposition, answer.Header.Get("Content-Disposition"))
		assert.Equal(t, "private, no-store", answer.Header.Get("Cache-Control"))
	}
}

func TestALinkIsGoodForItsMinutesAlone(t *testing.T) {
	served(t)
	for at, status := range map[time.Duration]int{-4 * time.Minute: 200, -6 * time.Minute: 403, -24 * time.Hour: 403, time.Hour: 403} {
		address, err := link.New("evidence").Get(t.Context(), link.Object{Key: key, MediaType: "image/png"}, 5*time.Minute, time.Now().Add(at))
		require.NoError(t, err)
		answer, body := follow(t, address)
		assert.Equal(t, status, answer.StatusCode, "%s %s", at, body)
	}
}

func TestAnAlteredLinkShowsNothing(t *testing.T) {
	served(t)
	address, err := link.New("evidence").Get(t.Context(), link.Object{Key: key, MediaType: "image/png"}, 5*time.Minute, time.Now())
	require.NoError(t, err)
	alter := func(change func(u *url.URL, query url.Values)) string {
		u, err := url.Parse(address)
		require.NoError(t, err)
		query := u.Query()
		change(u, query)
		u.RawQuery = query.Encode()
		return u.String()
	}
	for name, other := range map[string]string{
		"another's picture": alter(func(u *url.URL, _ url.Values) { u.Path, u.RawPath = "/evidence/bob/cas_2/output.png", "" }),
		"the whole bucket":  alter(func(u *url.URL, _ url.Values) { u.Path, u.RawPath = "/evidence", "" }),
		"a longer life":     alter(func(_ *url.URL, q url.Values) { q.Set("X-Amz-Expires", "3600") }),
		"a later date": alter(func(_ *url.URL, q url.Values) {
			q.Set("X-Amz-Date", time.Now().UTC().Add(time.Minute).Format("20060102T150405Z"))
		}),
		"a page":            alter(func(_ *url.URL, q url.Values) { q.Set("response-content-type", "text/html") }),
		"one more override": alter(func(_ *url.URL, q url.Values) { q.Set("response-content-language", "de") }),
		"another key": alter(func(_ *url.URL, q url.Values) {
			q.Set("X-Amz-Credential", "other"+strings.TrimPrefix(q.Get("X-Amz-Credential"), "local"))
		}),
		"no signature": alter(func(_ *url.URL, q url.Values) { q.Del("X-Amz-Signature") }),
		"half of one":  alter(func(_ *url.URL, q url.Values) { q.Set("X-Amz-Signature", q.Get("X-Amz-Signature")[:32]) }),
	} {
		answer, body := follow(t, other)
		assert.Equal(t, http.StatusForbidden, answer.StatusCode, "%s: %s", name, body)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, address, strings.NewReader("other"))
	require.NoError(t, err)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	assert.Equal(t, http.StatusForbidden, answer.StatusCode, "a link to read is none to write")
}

func TestAtAWSALinkIsOfTheBucketsOwnHost(t *testing.T) {
	known(t, "")
	t.Setenv("AWS_ENDPOINT_URL", "")
	address, err := link.New("makegood-evidencebucket-abc").Get(t.Context(), link.Object{Key: "alice/cas_1/a b.png", MediaType: "image/png"}, time.Minute, time.Unix(1_800_000_000, 0))
	require.NoError(t, err)
	u, err := url.Parse(address)
	require.NoError(t, err)
	assert.Equal(t, "https://makegood-evidencebucket-abc.s3.us-east-1.amazonaws.com/alice/cas_1/a%20b.png", u.Scheme+"://"+u.Host+u.EscapedPath())
	assert.Equal(t, "60", u.Query().Get("X-Amz-Expires"))
	assert.Equal(t, "local", u.Query().Get("X-Amz-Security-Token"), "Lambda's credentials are a role's, and hold only with their token")
}

func TestALinkHasAKeyAndAShortLife(t *testing.T) {
	known(t, "http://127.0.0.1:1")
	for _, c := range []struct {
		key  string
		life time.Duration
	}{{"", time.Minute}, {"k", 0}, {"k", time.Millisecond}, {"k", time.Hour + time.Second}} {
		_, err := link.New("evidence").Get(t.Context(), link.Object{Key: c.key}, c.life, time.Now())
		require.Error(t, err)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err))
	}
	t.Setenv("AWS_SECRET_ACCESS_KEY", "")
	_, err := link.New("evidence").Get(t.Context(), link.Object{Key: "k"}, time.Minute, time.Now())
	require.ErrorContains(t, err, "no credentials")
}

package bucket_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/aws/bucket"
	"makegood/shared/fault"
)

// served starts an S3 of the test's own, with one bucket.
func served(t *testing.T) *bucket.Bucket {
	t.Helper()
	url, stop, err := local.StartS3()
	require.NoError(t, err)
	t.Cleanup(stop)
	_, err = local.S3(url).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("evidence")})
	require.NoError(t, err)
	known(t, url, "local")
	return bucket.New("evidence")
}

// known tells the process where S3 is, and the secret that it signs by.
func known(t *testing.T, url, secret string) {
	t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL_S3": url, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": "local",
	} {
		t.Setenv(name, value)
	}
}

func TestWhatWasPutIsReadUntilItIsDeleted(t *testing.T) {
	b := served(t)
	picture := bytes.Repeat([]byte("picture "), 400_000)
	require.NoError(t, b.Put(t.Context(), "alice/cas_1/output.png", "image/png", picture))
	require.NoError(t, b.Put(t.Context(), "alice/cas_1/größe +%2f.png", "image/png", []byte("x")))
	body, err := b.Get(t.Context(), "alice/cas_1/output.png", int64(len(picture)))
	require.NoError(t, err)
	assert.Equal(t, picture, body)

	for range 2 { // there or not
		require.NoError(t, b.Delete(t.Context(), "alice/cas_1/größe +%2f.png"))
	}
	_, err = b.Get(t.Context(), "alice/cas_1/größe +%2f.png", 1)
	assert.Equal(t, fault.KindNotFound, fault.KindOf(err))
	_, err = b.Get(t.Context(), "alice/cas_1/output.png", int64(len(picture)))
	require.NoError(t, err, "no other goes with it")

	left, err := b.DeletePrefix(t.Context(), "alice/")
	require.NoError(t, err)
	assert.Zero(t, left)
	_, err = b.Get(t.Context(), "alice/cas_1/output.png", 1)
	assert.Equal(t, fault.KindNotFound, fault.KindOf(err))
	left, err = b.DeletePrefix(t.Context(), "alice/")
	require.NoError(t, err, "what is gone is deleted again without complaint")
	assert.Zero(t, left)
}

func TestAnObjectIsReadUpToItsBound(t *testing.T) {
	b := served(t)
	require.NoError(t, b.Put(t.Context(), "a/b", "image/png", []byte("1234")))
	_, err := b.Get(t.Context(), "a/b", 3)
	assert.Equal(t, fault.KindTooLarge, fault.KindOf(err))
	assert.NotContains(t, err.Error(), "a/b", "a key names a customer")
}

func TestAnObjectWithoutALengthCostsItsBoundAndOneByte(t *testing.T) {
	sent := make(chan int, 1)
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		total := 0
		for {
			n, err := w.Write(make([]byte, 64<<10))
			if total += n; err != nil || total > 64<<20 {
				sent <- total
				return
			}
		}
	}))
	t.Cleanup(endless.Close)
	known(t, endless.URL, "local")
	_, err := bucket.New("evidence").Get(t.Context(), "a/b", 1<<20)
	assert.Equal(t, fault.KindTooLarge, fault.KindOf(err))
	assert.Less(t, <-sent, 16<<20, "the rest is not read: only the buffers between are full")
}

func TestAPrefixIsOfOneCustomerAlone(t *testing.T) {
	b := served(t)
	for _, key := range []string{"al/1", "alice/1", "alice/2/3", "alicea/1", "bob/alice/1"} {
		require.NoError(t, b.Put(t.Context(), key, "image/png", []byte(key)))
	}
	for _, prefix := range []string{"", "/", "alice", "/alice/"} {
		_, err := b.DeletePrefix(t.Context(), prefix)
		assert.Equal(t, fault.KindInvalid, fault.KindOf(err), prefix)
	}
	_, err := b.DeletePrefix(t.Context(), "alice/")
	require.NoError(t, err)
	for key, stays := range map[string]bool{"al/1": true, "alice/1": false, "alice/2/3": false, "alicea/1": true, "bob/alice/1": true} {
		_, err := b.Get(t.Context(), key, 100)
		assert.Equal(t, stays, err == nil, key)
	}
}

func TestAPrefixOfMoreThanOnePageIsDeletedWhole(t *testing.T) {
	left, remaining := deletes(t, 2)
	assert.Zero(t, left)
	assert.Zero(t, remaining)
}

func TestAPrefixThatIsTooLongIsSaidToBe(t *testing.T) {
	left, remaining := deletes(t, 50)
	assert.Positive(t, left, "whoever calls must call again")
	assert.Equal(t, 30, remaining, "twenty pages a call")
}

// deletes deletes a prefix at a server that lists pages of one object each, and returns what it is
// told is left, and what is.
func deletes(t *testing.T, objects int) (left, remaining int) {
	t.Helper()
	kept := map[string]bool{}
	for n := range objects {
		kept[fmt.Sprintf("a/%02d", n)] = true
	}
	key := regexp.MustCompile("<Key>(.*?)</Key>")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, _ := io.ReadAll(r.Body)
			for _, match := range key.FindAllSubmatch(body, -1) {
				delete(kept, string(match[1]))
			}
			_, _ = io.WriteString(w, "<DeleteResult/>")
			return
		}
		page := ""
		for _, name := range slices.Sorted(maps.Keys(kept)) {
			if name > r.URL.Query().Get("start-after") {
				page = "<Contents><Key>" + name + "</Key></Contents>"
				break
			}
		}
		_, _ = fmt.Fprintf(w, "<ListBucketResult><IsTruncated>%t</IsTruncated>%s</ListBucketResult>", len(kept) > 1, page)
	}))
	t.Cleanup(server.Close)
	known(t, server.URL, "local")
	left, err := bucket.New("evidence").DeletePrefix(t.Context(), "a/")
	require.NoError(t, err)
	return left, len(kept)
}

func TestWhatS3KeepsIsSaid(t *testing.T) {
	// A server that lists two objects and deletes none.
	s3server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a/1</Key></Contents><Contents><Key>a/2</Key></Contents></ListBucketResult>`)
			return
		}
		_, _ = io.WriteString(w, `<DeleteResult><Error><Key>a/1</Key><Code>AccessDenied</Code></Error></DeleteResult>`)
	}))
	t.Cleanup(s3server.Close)
	known(t, s3server.URL, "local")
	left, err := bucket.New("evidence").DeletePrefix(t.Context(), "a/")
	require.NoError(t, err)
	assert.Equal(t, 1, left)
}

func TestABucketIsThereOrNot(t *testing.T) {
	b := served(t)
	there, err := b.Exists(t.Context())
	require.NoError(t, err)
	assert.True(t, there)
	there, err = bucket.New("another").Exists(t.Context())
	require.NoError(t, err)
	assert.False(t, there)
}

func TestWhoeverIsNotKnownReadsAndWritesNothing(t *testing.T) {
	b := served(t)
	t.Setenv("AWS_SECRET_ACCESS_KEY", "guess")
	err := b.Put(t.Context(), "a/b", "image/png", []byte("x"))
	assert.Equal(t, fault.KindForbidden, fault.KindOf(err))
	_, err = b.Get(t.Context(), "a/b", 1)
	assert.Equal(t, fault.KindForbidden, fault.KindOf(err))
}

func TestWhatMayPassIsBusy(t *testing.T) {
	for status, kind := range map[int]fault.Kind{500: fault.KindBusy, 503: fault.KindBusy, 429: fault.KindBusy, 400: fault.KindInternal, 301: fault.KindInternal} {
		s3server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		known(t, s3server.URL, "local")
		_, err := bucket.New("evidence").Get(t.Context(), "a/secret-key", 1)
		s3server.Close()
		assert.Equal(t, kind, fault.KindOf(err), status)
		assert.NotContains(t, err.Error(), "secret-key")
	}
}

func TestALinkLinksNoClient(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", "./link").Output()
	require.NoError(t, err)
	for _, path := range strings.Fields(string(listed)) {
		assert.NotContains(t, path, "aws-sdk-go-v2/service/")
	}
}

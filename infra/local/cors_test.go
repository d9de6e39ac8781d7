package local_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/template"
)

// reached is a template of two buckets, of which a page may put into one.
const reached = `
Parameters:
  Origins: {Type: String, Default: ""}
Conditions:
  HasOrigins: !Not [!Equals [!Ref Origins, ""]]
Resources:
  ClosedBucket: {Type: AWS::S3::Bucket}
  ReachedBucket:
    Type: AWS::S3::Bucket
    Properties:
      CorsConfiguration: !If
        - HasOrigins
        - CorsRules: [{AllowedOrigins: !Split [",", !Ref Origins], AllowedMethods: [PUT], AllowedHeaders: [content-type, x-amz-checksum-sha256], MaxAge: 7200}]
        - !Ref AWS::NoValue
`

// asked sends a page's request to S3, signed by nobody.
func asked(t *testing.T, method, address, origin, wants string, headers ...string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	require.NoError(t, err)
	request.Header.Set("Origin", origin)
	request.Header.Set("Access-Control-Request-Method", wants)
	request.Header.Set("Access-Control-Request-Headers", strings.Join(headers, ","))
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer
}

func TestABucketAnswersThePagesThatTheTemplateAllows(t *testing.T) {
	url, stop, err := local.StartS3()
	require.NoError(t, err)
	t.Cleanup(stop)
	parsed, err := template.ParseBytes("t.yaml", []byte(reached))
	require.NoError(t, err)
	pages := template.Scope{Parameters: map[string]string{"Origins": "https://a.example,https://b.example"}}
	for prefix, scope := range map[string]template.Scope{"some-": pages, "none-": {}} {
		_, err = local.CreateBucketsOf(t.Context(), local.S3(url), parsed, scope, prefix)
		require.NoError(t, err)
	}
	for _, c := range []struct {
		bucket, origin, method, header string
		status                         int
	}{
		{"some-reached", "https://a.example", "PUT", "Content-Type", 200},
		{"some-reached", "https://b.example", "PUT", "content-type, x-amz-checksum-sha256", 200},
		{"some-reached", "https://c.example", "PUT", "content-type", 403},
		{"some-reached", "https://a.example", "GET", "content-type", 403},
		{"some-reached", "https://a.example", "PUT", "x-amz-acl", 403},
		{"some-closed", "https://a.example", "PUT", "content-type", 403},
		{"none-reached", "https://a.example", "PUT", "content-type", 403},
	} {
		answer := asked(t, http.MethodOptions, url+"/"+c.bucket+"/key", c.origin, c.method, c.header)
		assert.Equal(t, c.status, answer.StatusCode, "%v", c)
		if c.status != http.StatusOK {
			assert.Empty(t, answer.Header.Get("Access-Control-Allow-Origin"), "%v", c)
			continue
		}
		assert.Equal(t, []string{c.origin, "PUT", c.header, "7200"}, []string{
			answer.Header.Get("Access-Control-Allow-Origin"), answer.Header.Get("Access-Control-Allow-Methods"),
			answer.Header.Get("Access-Control-Allow-Headers"), answer.Header.Get("Access-Control-Max-Age"),
		})
	}
}

func TestABucketHasTheRulesOfItsLastDeployment(t *testing.T) {
	url, stop, err := local.StartS3()
	require.NoError(t, err)
	t.Cleanup(stop)
	parsed, err := template.ParseBytes("t.yaml", []byte(reached))
	require.NoError(t, err)
	for _, c := range []struct {
		origins string
		status  int
	}{{"https://a.example", 200}, {"https://b.example", 403}, {"https://a.example", 200}, {"", 403}} {
		_, err = local.CreateBucketsOf(t.Context(), local.S3(url), parsed, template.Scope{Parameters: map[string]string{"Origins": c.origins}}, "a-")
		require.NoError(t, err)
		answer := asked(t, http.MethodOptions, url+"/a-reached/key", "https://a.example", "PUT", "content-type")
		assert.Equal(t, c.status, answer.StatusCode, c.origins)
	}
}

func TestAPageReadsEvenARefusalOfS3sWhereItMayAsk(t *testing.T) {
	url, stop, err := local.StartS3()
	require.NoError(t, err)
	t.Cleanup(stop)
	parsed, err := template.ParseBytes("t.yaml", []byte(reached))
	require.NoError(t, err)
	_, err = local.CreateBucketsOf(t.Context(), local.S3(url), parsed, template.Scope{Parameters: map[string]string{"Origins": "https://a.example"}}, "a-")
	require.NoError(t, err)
	for origin, allowed := range map[string]string{"https://a.example": "https://a.example", "https://c.example": ""} {
		answer := asked(t, http.MethodPut, url+"/a-reached/key", origin, "")
		assert.Equal(t, http.StatusForbidden, answer.StatusCode, "nobody signed it")
		assert.Equal(t, allowed, answer.Header.Get("Access-Control-Allow-Origin"))
	}
}

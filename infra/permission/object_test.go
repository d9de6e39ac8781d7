package permission_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/infra/permission"
	"makegood/infra/template"
)

// keeper is a template of one function that may put and read, put attachments into another bucket,
// and read a stranger's.
const keeper = `
Resources:
  KeepFunction:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/keep/
      Handler: bootstrap
      Policies:
        - Version: "2012-10-17"
          Statement:
            - Effect: Allow
              Action: [s3:PutObject, s3:GetObject]
              Resource: !Sub "${KeptBucket.Arn}/*"
            - Effect: Allow
              Action: s3:GetObject
              Resource: arn:aws:s3:::results/*
            - Effect: Allow
              Action: s3:PutObject
              Resource: !Sub "${FiledBucket.Arn}/*/attachments/*"
  KeptBucket: {Type: AWS::S3::Bucket}
  FiledBucket: {Type: AWS::S3::Bucket}
`

func TestAFunctionDoesWithObjectsWhatItsRoleAllows(t *testing.T) {
	url, stop, err := local.StartS3()
	require.NoError(t, err)
	t.Cleanup(stop)
	parsed, err := template.ParseBytes("t.yaml", []byte(keeper))
	require.NoError(t, err)
	buckets, err := local.CreateBuckets(t.Context(), local.S3(url), parsed, "a-")
	require.NoError(t, err)
	for _, other := range []string{"results", "others"} {
		_, err = local.S3(url).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &other})
		require.NoError(t, err)
		_, err = local.S3(url).PutObject(t.Context(), &s3.PutObjectInput{Bucket: &other, Key: aws.String("a b/ö"), Body: strings.NewReader("x")})
		require.NoError(t, err)
	}
	guard, err := permission.NewGuard(parsed, url, url, buckets)
	require.NoError(t, err)
	objects, err := guard.Objects("keep", url)
	require.NoError(t, err)
	front := httptest.NewServer(objects)
	t.Cleanup(front.Close)

	client, kept, key := local.S3(front.URL), aws.String("a-kept"), aws.String("a b/ö")
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: kept, Key: key, Body: strings.NewReader("x")})
	require.NoError(t, err)
	for bucket, may := range map[string]bool{"a-kept": true, "results": true, "others": false} {
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: &bucket, Key: key})
		if assert.Equal(t, may, err == nil, bucket) && may {
			require.NoError(t, out.Body.Close())
		}
	}
	_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("results"), Key: key, Body: strings.NewReader("x")})
	require.Error(t, err)
	for key, may := range map[string]bool{"alice/attachments/1": true, "alice/pictures/attachments/1": false, "attachments/1": false} {
		_, err = client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("a-filed"), Key: &key, Body: strings.NewReader("x")})
		assert.Equal(t, may, err == nil, key)
	}
	_, err = client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: kept})
	require.Error(t, err)
	_, err = client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: kept, Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: key}}}})
	require.Error(t, err)
	_, err = client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{Bucket: kept, VersioningConfiguration: &types.VersioningConfiguration{}})
	require.Error(t, err)
	answer, err := http.Get(front.URL + "/")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	assert.Equal(t, []string{
		"keep may not s3:GetObject on arn:aws:s3:::others/*", "keep may not s3:PutObject on arn:aws:s3:::results/*",
		"keep may not s3:PutObject on FiledBucket.Arn/*", "keep may not s3:PutObject on FiledBucket.Arn/*", "keep may not s3:ListBucket on KeptBucket.Arn",
		"keep may not s3:DeleteObject on KeptBucket.Arn/*", "keep PUT /a-kept is no request that a function here needs", "keep GET / names no bucket",
	}, guard.Refused())
	assert.ElementsMatch(t, []permission.Grant{
		{Action: "s3:PutObject", Resource: "KeptBucket.Arn/*"},
		{Action: "s3:GetObject", Resource: "KeptBucket.Arn/*"},
		{Action: "s3:GetObject", Resource: "arn:aws:s3:::results/*"},
		{Action: "s3:PutObject", Resource: "FiledBucket.Arn/*/attachments/*"},
	}, guard.Used("keep"))
}

// Package bucket owns how objects are put into S3, read from it and deleted.
//
// It refuses to know what an object is, and who may ask for it. A link for whoever looks is
// bucket/link's, which links no client.
//
// Invariants: a read costs at most the bytes that it was allowed. A deletion says what is left. No
// key and no body stands in an error.
//
// Words: object (bytes under a key), key, prefix.
//
// Why a client of the SDK here, and none in functions that answer customers: infra/decisions/0057.
package bucket

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"makegood/shared/aws/client"
	"makegood/shared/fault"
)

// Variable names the bucket that evidence is kept in.
const Variable = "EVIDENCE_BUCKET"

// The bounds of DeletePrefix: S3 lists and deletes a thousand objects at a time.
const (
	pageSize = 1_000
	maxPages = 20
)

// Bucket is one bucket. It is safe for use by many goroutines.
type Bucket struct {
	client *s3.Client
	name   string
}

// New returns the bucket of that name, in the function's own region. Nothing is called.
func New(name string) *Bucket {
	base := client.Base()
	endpoint := client.Endpoint("S3")
	return &Bucket{name: name, client: s3.New(s3.Options{
		Region: base.Region, Credentials: base.Credentials, HTTPClient: base.HTTPClient, Retryer: base.Retryer,
		// The local server has no name for each bucket, only a path.
		BaseEndpoint: endpoint, UsePathStyle: endpoint != nil,
		// The signature covers the body's hash already.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	})}
}

// Put writes an object, in place of what the key held. mediaType is what a browser is told that it
// is. KindBusy: it may succeed later.
func (b *Bucket) Put(ctx context.Context, key, mediaType string, body []byte) error {
	_, err := b.client.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &b.name, Key: &key, ContentType: &mediaType, Body: bytes.NewReader(body), ContentLength: aws.Int64(int64(len(body))),
	})
	return b.at("Put", err)
}

// Get reads an object of at most that many bytes. KindNotFound: there is none. KindForbidden: the
// bucket is not there for us, or holds no such key and hides it. KindTooLarge: it has more, and at
// most one byte more was read. KindBusy: it may succeed later.
func (b *Bucket) Get(ctx context.Context, key string, most int64) ([]byte, error) {
	out, err := b.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &b.name, Key: &key})
	if err != nil {
		return nil, b.at("Get", err)
	}
	defer func() { _ = out.Body.Close() }()
	// What S3 says of the length spares the bytes; what it sends is counted all the same.
	if aws.ToInt64(out.ContentLength) > most {
		return nil, b.tooLarge(most)
	}
	body, err := io.ReadAll(io.LimitReader(out.Body, most+1))
	if err != nil {
		return nil, fault.At("bucket.Get: read", b.name, fault.Busy(err))
	}
	if int64(len(body)) > most {
		return nil, b.tooLarge(most)
	}
	return body, nil
}

// Exists reports whether the bucket is there for us. KindBusy: nobody can tell now.
func (b *Bucket) Exists(ctx context.Context) (bool, error) {
	_, err := b.client.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &b.name})
	if err = b.at("Exists", err); err == nil {
		return true, nil
	}
	switch fault.KindOf(err) {
	case fault.KindNotFound, fault.KindForbidden:
		return false, nil
	default:
		return false, err
	}
}

// Delete deletes the object of that key, there or not. KindBusy: it may succeed later.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	_, err := b.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &b.name, Key: &key})
	return b.at("Delete", err)
}

// DeletePrefix deletes every object whose key begins with the prefix, and says how many were left:
// those that S3 did not delete, and those past its bound of 20,000. A prefix that is not whole
// parts of a path, as in "alice/", is KindInvalid: it would delete what belongs to alicea too.
// Whoever has something left, or an error, calls again.
func (b *Bucket) DeletePrefix(ctx context.Context, prefix string) (left int, err error) {
	if len(prefix) < 2 || !strings.HasSuffix(prefix, "/") || strings.HasPrefix(prefix, "/") {
		return 0, fault.Invalid("prefix", "must end in a slash, and have something before it")
	}
	// Each turn begins after the last key of the one before: what S3 kept is not met again.
	after := ""
	for range maxPages {
		page, err := b.client.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
			Bucket: &b.name, Prefix: &prefix, StartAfter: nonEmpty(after), MaxKeys: aws.Int32(pageSize),
		})
		if err != nil {
			return left, b.at("DeletePrefix: list", err)
		}
		if len(page.Contents) == 0 {
			return left, nil
		}
		remaining, err := b.deleteAll(ctx, page.Contents)
		if left += remaining; err != nil {
			return left, err
		}
		after = aws.ToString(page.Contents[len(page.Contents)-1].Key)
		if !aws.ToBool(page.IsTruncated) {
			return left, nil
		}
	}
	// The bound was met with a page still to come: at least one more is there.
	return left + 1, nil
}

// deleteAll deletes the objects of a page, and returns how many S3 kept.
func (b *Bucket) deleteAll(ctx context.Context, objects []types.Object) (int, error) {
	ids := make([]types.ObjectIdentifier, len(objects))
	for n, object := range objects {
		ids[n] = types.ObjectIdentifier{Key: object.Key}
	}
	out, err := b.client.DeleteObjects(ctx, &s3.DeleteObjectsInput{
		Bucket: &b.name, Delete: &types.Delete{Objects: ids, Quiet: aws.Bool(true)},
	})
	if err != nil {
		return len(objects), b.at("DeletePrefix: delete", err)
	}
	return len(out.Errors), nil
}

func (b *Bucket) tooLarge(most int64) error {
	return fault.At("bucket.Get", b.name, fault.Errorf(fault.KindTooLarge, fault.CodeTooLarge, "more than %d bytes", most))
}

// at returns the error with its kind. S3's own text may hold the key, so only its word is kept.
func (b *Bucket) at(operation string, err error) error {
	if err == nil {
		return nil
	}
	return fault.At("bucket."+operation, b.name, kindOf(err))
}

// kindOf classifies what the SDK returned after its own attempts.
func kindOf(err error) error {
	var answer *awshttp.ResponseError
	if !errors.As(err, &answer) {
		return fault.Busy(err) // no answer came
	}
	word := "no word"
	var named smithy.APIError
	if errors.As(err, &named) {
		word = named.ErrorCode()
	}
	status := answer.HTTPStatusCode()
	refusal := fmt.Errorf("S3: %d %.64s", status, word)
	switch {
	case status == http.StatusNotFound:
		return fault.NotFound("object")
	case status == http.StatusForbidden:
		return fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "%s", refusal)
	case status >= http.StatusInternalServerError, status == http.StatusTooManyRequests, word == "SlowDown", word == "RequestTimeout":
		return fault.Busy(refusal)
	default:
		return refusal
	}
}

func nonEmpty(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

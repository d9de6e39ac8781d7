package doctor

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"makegood/infra/makegood/account"
)

// pictures looks whether the bucket that keeps the pictures of reported results is there, and
// closed to strangers.
func (b Back) pictures(ctx context.Context) ([]Line, error) {
	const look = "pictures"
	name := b.Account.Bucket
	if name == "" {
		return []Line{unknown(look, "", "%s is not set, and no --stack is named", account.Bucket)}, nil
	}
	if !b.Account.Reaches(account.S3) {
		return []Line{unknown(look, "", "S3 has no address here")}, nil
	}
	_, err := b.Account.S3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: &name})
	if statusOf(err) == http.StatusNotFound {
		return []Line{wrong(look, "aws s3api head-bucket --bucket "+name, "the bucket %s does not exist: what is reported goes to a person without pictures", name)}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the bucket %s: %w", name, err)
	}
	if b.Account.Local() {
		return []Line{ok(look, "the bucket %s is there; whether strangers are kept out is not asked here", name)}, nil
	}
	open, err := b.public(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("the bucket %s: %w", name, err)
	}
	if open {
		return []Line{wrong(look, "aws s3api get-public-access-block --bucket "+name, "the bucket %s may be opened to strangers: deploy again", name)}, nil
	}
	return []Line{ok(look, "the bucket %s is there, and closed to strangers", name)}, nil
}

// public reports whether one of the four blocks of public access is off.
func (b Back) public(ctx context.Context, name string) (bool, error) {
	out, err := b.Account.S3.GetPublicAccessBlock(ctx, &s3.GetPublicAccessBlockInput{Bucket: &name})
	if statusOf(err) == http.StatusNotFound {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	c := out.PublicAccessBlockConfiguration
	whole := c != nil && aws.ToBool(c.BlockPublicAcls) && aws.ToBool(c.BlockPublicPolicy) && aws.ToBool(c.IgnorePublicAcls) && aws.ToBool(c.RestrictPublicBuckets)
	return !whole, nil
}

// statusOf returns the status of an error answer, 0 for any other error and for none.
func statusOf(err error) int {
	var answer *awshttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

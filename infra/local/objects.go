package local

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3bolt"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"go.etcd.io/bbolt"

	"makegood/infra/template"
)

// The names that S3 takes for a bucket.
const (
	leastBucketName = 3
	mostBucketName  = 63
)

// lockWithin is how long a stack waits for the objects of another that is just ending.
const lockWithin = 5 * time.Second

// objects is the server of S3's: it runs in this process, since it takes no time to start.
type objects struct {
	server *server
	file   *bbolt.DB // nil: in memory
}

// startObjects serves S3 on the port, a free one where it is 0. With a data folder its objects are
// kept in a file there. Why this server, and what stands before it: infra/decisions/0057.
func startObjects(bind string, port int, data string) (*objects, error) {
	l, err := listenOn(net.JoinHostPort(bind, strconv.Itoa(port)))
	if err != nil {
		return nil, portError("S3", "--s3-port", port, err)
	}
	own := "http://127.0.0.1:" + strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	o := &objects{server: &server{url: own, listener: l}}
	var backend gofakes3.Backend = s3mem.New()
	if data != "" {
		if o.file, err = openObjects(data); err != nil {
			_ = l.Close()
			return nil, err
		}
		backend = s3bolt.New(o.file)
	}
	// Its own limit of 15 minutes stays: a signature of another time is refused.
	cors := &corsRules{}
	o.server.serve(cors.answer(checkSignature(cors.keep(checkBytes(gofakes3.New(backend).Server())), time.Now)))
	return o, nil
}

func openObjects(data string) (*bbolt.DB, error) {
	folder := filepath.Join(data, "s3")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return nil, err
	}
	file, err := bbolt.Open(filepath.Join(folder, "objects.db"), 0o600, &bbolt.Options{Timeout: lockWithin})
	if err != nil {
		return nil, fmt.Errorf("the objects in %s cannot be opened, does another stack use the folder? %w", folder, err)
	}
	return file, nil
}

func (o *objects) close() {
	if o == nil {
		return
	}
	o.server.close()
	if o.file != nil {
		_ = o.file.Close()
	}
}

// S3 gives a client of a local S3; nothing of this machine's AWS configuration is read.
func S3(url string) *s3.Client {
	return s3.New(s3.Options{
		BaseEndpoint: aws.String(url), UsePathStyle: true, Region: region, HTTPClient: plain,
		Credentials:                aws.CredentialsProviderFunc(credentials),
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired,
		ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	})
}

// CreateBuckets creates the template's buckets, each name with the prefix in front, in lower case
// as S3 wants it. It gives the names by logical id ("EvidenceBucket"). One that is there is kept.
func CreateBuckets(ctx context.Context, client *s3.Client, t *template.Template, prefix string) (map[string]string, error) {
	return CreateBucketsOf(ctx, client, t, template.Scope{}, prefix)
}

// CreateBucketsOf is CreateBuckets for a stack with those parameters.
func CreateBucketsOf(
	ctx context.Context, client *s3.Client, t *template.Template, scope template.Scope, prefix string,
) (map[string]string, error) {
	buckets, err := t.Buckets(scope)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, b := range buckets {
		name := strings.ReplaceAll(strings.ToLower(prefix+b.Name), "_", "-")
		if len(name) < leastBucketName || len(name) > mostBucketName {
			return nil, fmt.Errorf("bucket %s: S3 takes no name of %d characters: %s", b.LogicalID, len(name), name)
		}
		_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: &name})
		var exists *s3types.BucketAlreadyExists
		if err != nil && !errors.As(err, &exists) {
			return nil, fmt.Errorf("creating bucket %s: %w", name, err)
		}
		if err := putCORS(ctx, client, name, b.CORS); err != nil {
			return nil, fmt.Errorf("bucket %s: CORS: %w", name, err)
		}
		names[b.LogicalID] = name
	}
	return names, nil
}

// refuseObject answers as S3 does.
func refuseObject(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `<?xml version="1.0" encoding="UTF-8"?><Error><Code>%s</Code><Message>%s</Message></Error>`, code, message)
}

// StartS3 serves S3 alone, in memory on a free loopback port: a test that keeps objects needs none
// of the other services. stop ends it.
func StartS3() (url string, stop func(), err error) {
	o, err := startObjects("127.0.0.1", 0, "")
	if err != nil {
		return "", nil, err
	}
	return o.server.url, o.close, nil
}

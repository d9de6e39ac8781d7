// Package link owns links to objects of one bucket: for some minutes whoever has one may read that
// object, and nothing else.
//
// It refuses to know who may have one. It makes no call and links no client of S3: a link is
// reckoned from the function's own credentials.
//
// Invariants: a link is good for at most an hour, and reads one object. What a browser is told of
// the bytes stands in the link and is signed with it: a picture, a video or a download, never a
// page.
package link

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"makegood/shared/aws/client"
	"makegood/shared/fault"
)

// Longest is how long a link may be good for.
const Longest = time.Hour

// unsigned stands for the body's hash: a reader sends none.
const unsigned = "UNSIGNED-PAYLOAD"

// mediaTypes are those that a browser may show by itself. Whatever else a key holds is a
// download.
var mediaTypes = []string{"image/png", "image/jpeg", "image/webp", "image/gif", "video/mp4", "video/webm"}

// Signer makes links to the objects of one bucket. It is safe for use by many goroutines.
type Signer struct{ bucket string }

// New returns a signer for the bucket of that name, in the function's own region.
func New(bucket string) Signer { return Signer{bucket} }

// Object is what a link is for.
type Object struct {
	// Key is where it lies in the bucket.
	Key string
	// MediaType is what a browser is told that it is. Other than a picture or a video it becomes a
	// download of unknown bytes.
	MediaType string
	// Name is the file's name where it is a download, "" where it is shown in a page.
	Name string
}

// Get returns a link to the object, good for that long from now on. KindInvalid: no key, or a life
// outside one second and an hour.
func (s Signer) Get(ctx context.Context, object Object, life time.Duration, now time.Time) (string, error) {
	if object.Key == "" || life < time.Second || life > Longest {
		return "", fault.Invalid("link", "needs a key, and a life between a second and an hour")
	}
	base := client.Base()
	address, err := s.address(base.Region, object.Key)
	if err != nil {
		return "", fault.At("link.Get: address", s.bucket, err)
	}
	mediaType, disposition := object.headers()
	address.RawQuery = url.Values{
		"X-Amz-Expires":                {strconv.Itoa(int(life / time.Second))},
		"response-content-type":        {mediaType},
		"response-content-disposition": {disposition},
		"response-cache-control":       {"private, no-store"},
	}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return "", fault.At("link.Get: request", s.bucket, err)
	}
	credentials, err := base.Credentials.Retrieve(ctx)
	if err != nil {
		return "", fault.At("link.Get: credentials", s.bucket, err)
	}
	// S3 signs a path as it stands, where other services escape it once more.
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	text, _, err := signer.PresignHTTP(ctx, credentials, request, unsigned, "s3", base.Region, now)
	return text, fault.At("link.Get: sign", s.bucket, err)
}

// Origin returns where the links lead as a browser names it, scheme and host: a page whose pictures
// they are allows that. "" where the address is none.
func (s Signer) Origin() string {
	address, err := s.address(client.Base().Region, "")
	if err != nil {
		return ""
	}
	return address.Scheme + "://" + address.Host
}

// headers returns what the answer is to say of the bytes.
func (o Object) headers() (mediaType, disposition string) {
	if !slices.Contains(mediaTypes, o.MediaType) {
		return "application/octet-stream", "attachment"
	}
	if o.Name == "" {
		return o.MediaType, "inline"
	}
	return o.MediaType, `attachment; filename="` + plain(o.Name) + `"`
}

// plain returns the name with every character that a header or a file system might read otherwise
// replaced.
func plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-', r == '_', r == '.':
			return r
		default:
			return '_'
		}
	}, name)
}

// address returns where the object lies: under the bucket's own host at AWS, by its path locally.
func (s Signer) address(region, key string) (*url.URL, error) {
	if local := client.Endpoint("S3"); local != nil {
		address, err := url.Parse(strings.TrimSuffix(*local, "/"))
		if err != nil {
			return nil, err
		}
		address.Path += "/" + s.bucket + "/" + key
		return address, nil
	}
	suffix := "amazonaws.com"
	if strings.HasPrefix(region, "cn-") {
		suffix = "amazonaws.com.cn"
	}
	return &url.URL{Scheme: "https", Host: s.bucket + ".s3." + region + "." + suffix, Path: "/" + key}, nil
}

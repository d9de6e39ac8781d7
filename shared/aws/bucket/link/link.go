// Package link owns links to objects of one bucket: for some minutes whoever has one may read that
// object, or put those very bytes there, and nothing else.
//
// It refuses to know who may have one. It links no client of S3: a link is reckoned from the
// function's own credentials, and Begin follows one by itself.
//
// Invariants: a link is good for at most an hour, and reads or writes one object. What a browser is
// told of the bytes that it reads stands in the link and is signed with it: a picture, a video or a
// download, never a page. A link to write takes one type, one length and one SHA-256.
package link

import (
	"context"
	"net/http"
	"net/url"
	"path"
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

// unsigned stands for the body's hash, which no link holds: a reader has no body, and a writer's
// has a checksum beside it.
const unsigned = "UNSIGNED-PAYLOAD"

// mediaTypes are those that a browser may show by itself. Whatever else a key holds is a
// download.
var mediaTypes = []string{"image/png", "image/jpeg", "image/webp", "image/gif", "video/mp4", "video/webm"}

// endings are those of a download whose type is known: a reader of it goes by its name.
var endings = map[string]string{"application/pdf": ".pdf"}

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
	mediaType, disposition := object.headers()
	request, err := s.request(ctx, http.MethodGet, object.Key, life, url.Values{
		"response-content-type":        {mediaType},
		"response-content-disposition": {disposition},
		"response-cache-control":       {"private, no-store"},
	})
	if err != nil {
		return "", err
	}
	return s.sign(ctx, request, now)
}

// request returns the request that a link is for, without its signature.
func (s Signer) request(ctx context.Context, method, key string, life time.Duration, query url.Values) (*http.Request, error) {
	if key == "" || life < time.Second || life > Longest {
		return nil, fault.Invalid("link", "needs a key, and a life between a second and an hour")
	}
	address, err := s.address(client.Base().Region, key)
	if err != nil {
		return nil, fault.At("link: address", s.bucket, err)
	}
	query.Set("X-Amz-Expires", strconv.Itoa(int(life/time.Second)))
	address.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, method, address.String(), nil)
	return request, fault.At("link: request", s.bucket, err)
}

// sign returns the request's address, signed together with its headers and its length: whoever
// follows it must send them as they are.
func (s Signer) sign(ctx context.Context, request *http.Request, now time.Time) (string, error) {
	base := client.Base()
	credentials, err := base.Credentials.Retrieve(ctx)
	if err != nil {
		return "", fault.At("link: credentials", s.bucket, err)
	}
	// S3 signs a path as it stands, where other services escape it once more.
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	text, _, err := signer.PresignHTTP(ctx, credentials, request, unsigned, "s3", base.Region, now)
	return text, fault.At("link: sign", s.bucket, err)
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
		disposition = "attachment"
		if ending, known := endings[o.MediaType]; known {
			disposition += `; filename="` + plain(path.Base(o.Key)) + ending + `"`
		}
		return "application/octet-stream", disposition
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

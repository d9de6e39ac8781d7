package link

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"time"

	"makegood/shared/fault"
)

// The headers that whoever follows a link to write must send, beside Content-Length, which clients
// set by themselves.
const (
	contentType = "Content-Type"
	checksum    = "x-amz-checksum-sha256"
)

// digestLength is how many bytes a SHA-256 has.
const digestLength = 32

// Upload is what a link to write is for.
type Upload struct {
	// Key is where it comes to lie in the bucket.
	Key string
	// MediaType is what it is kept as, for example "image/png".
	MediaType string
	// Bytes is how many it has, at least one.
	Bytes int64
	// SHA256 is theirs, in hexadecimal digits.
	SHA256 string
}

// Put returns a link by which these bytes and no others may be put, good for that long from now on,
// and the headers to send with them. S3 refuses another type, length or key, as it is signed, and
// other bytes, as they have another checksum. KindInvalid: no key, no type, no bytes, no SHA-256,
// or a life outside one second and an hour.
func (s Signer) Put(ctx context.Context, upload Upload, life time.Duration, now time.Time) (string, map[string]string, error) {
	digest, err := hex.DecodeString(upload.SHA256)
	if err != nil || len(digest) != digestLength || upload.MediaType == "" || upload.Bytes < 1 {
		return "", nil, fault.Invalid("link", "needs a media type, a number of bytes and their SHA-256")
	}
	request, err := s.request(ctx, http.MethodPut, upload.Key, life, url.Values{})
	if err != nil {
		return "", nil, err
	}
	headers := map[string]string{contentType: upload.MediaType, checksum: base64.StdEncoding.EncodeToString(digest)}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	request.ContentLength = upload.Bytes
	address, err := s.sign(ctx, request, now)
	return address, headers, err
}

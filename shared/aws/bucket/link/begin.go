package link

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"makegood/shared/aws/client"
	"makegood/shared/fault"
)

const (
	readWithin = 3 * time.Second // one attempt: a caller's whole request has ten seconds
	maxRefusal = 4 << 10         // of S3's words for why not
	linkLife   = time.Minute     // of a link that is followed at once
)

// Begin returns the first n bytes of the object of that key, all where it has fewer. It follows a
// link of its own, once. KindNotFound: there is none; as S3 answers a role that may not list the
// bucket with AccessDenied then, that is KindNotFound too. KindBusy: it may succeed later.
func (s Signer) Begin(ctx context.Context, key string, n int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	address, err := s.Get(ctx, Object{Key: key}, linkLife, time.Now())
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fault.At("link.Begin: request", s.bucket, err)
	}
	request.Header.Set("Range", "bytes=0-"+strconv.Itoa(n-1))
	answer, err := client.Base().HTTPClient.Do(request)
	if err != nil {
		return nil, fault.At("link.Begin: send", s.bucket, fault.Busy(bare(err)))
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusPartialContent && answer.StatusCode != http.StatusOK {
		return nil, fault.At("link.Begin", s.bucket, refusal(answer))
	}
	begin, err := io.ReadAll(io.LimitReader(answer.Body, int64(n)))
	if err != nil {
		return nil, fault.At("link.Begin: read", s.bucket, fault.Busy(bare(err)))
	}
	return begin, nil
}

// bare returns the error without the link, which net/http quotes.
func bare(err error) error {
	var quoting *url.Error
	if errors.As(err, &quoting) {
		return quoting.Err
	}
	return err
}

// refusal classifies an answer without the object. S3's own text may hold the key, so only its word
// is kept.
func refusal(answer *http.Response) error {
	var document struct{ Code string }
	_ = xml.NewDecoder(io.LimitReader(answer.Body, maxRefusal)).Decode(&document) // an answer without a word has its status
	err := fmt.Errorf("S3: %d %.64s", answer.StatusCode, document.Code)
	switch {
	case answer.StatusCode == http.StatusNotFound && document.Code == "NoSuchKey", answer.StatusCode == http.StatusForbidden && document.Code == "AccessDenied":
		return fault.NotFound("object")
	case answer.StatusCode >= http.StatusInternalServerError, answer.StatusCode == http.StatusTooManyRequests:
		return fault.Busy(err)
	default:
		return err
	}
}

package local

import (
	"context"
	"crypto/subtle"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	longestLink = 7 * 24 * time.Hour // S3's own bound
	clockSkew   = 15 * time.Minute
	signingTime = "20060102T150405Z"
)

// checkSignature lets through what is signed by the local credentials, in a header or in a link
// that has not expired. It signs each request again, as the SDK does, and compares: what was
// altered on its way has another signature. A link is no good for headers of AWS's own that it does
// not name.
func checkSignature(next http.Handler, clock func() time.Time) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		check := checkHeader
		if r.URL.Query().Has("X-Amz-Signature") {
			check = checkLink
		}
		if code, message := check(r, clock()); code != "" {
			refuseObject(w, http.StatusForbidden, code, message)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// S3's words for a signature that does not hold.
const (
	accessDenied = "AccessDenied"
	notMatching  = "SignatureDoesNotMatch"
	unknownKey   = "InvalidAccessKeyId"
)

// checkLink judges a link. "" where it holds.
func checkLink(r *http.Request, now time.Time) (code, message string) {
	query := r.URL.Query()
	at, err := time.Parse(signingTime, query.Get("X-Amz-Date"))
	seconds, secondsErr := strconv.Atoi(query.Get("X-Amz-Expires"))
	life := time.Duration(seconds) * time.Second
	if err != nil || secondsErr != nil || life <= 0 || life > longestLink {
		return accessDenied, "A link needs X-Amz-Date, and X-Amz-Expires of a week at the most"
	}
	if now.After(at.Add(life)) {
		return accessDenied, "Request has expired"
	}
	if at.After(now.Add(clockSkew)) {
		return accessDenied, "Request is not yet valid"
	}
	key, scope, ok := scopeOf(query.Get("X-Amz-Credential"))
	if !ok || key != localKey {
		return unknownKey, "The local server knows one key"
	}
	signature, signed := query.Get("X-Amz-Signature"), strings.Split(query.Get("X-Amz-SignedHeaders"), ";")
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-amz-") && !slices.Contains(signed, name) {
			return accessDenied, "There were headers present in the request which were not signed"
		}
	}
	copied := unsignedCopy(r, signed)
	text, _, err := signer().PresignHTTP(
		r.Context(), localCredentials(query.Get("X-Amz-Security-Token")), copied, "UNSIGNED-PAYLOAD", scope.service, scope.region, at,
	)
	if err != nil {
		return accessDenied, "The link cannot be read"
	}
	again, err := url.Parse(text)
	if err != nil || subtle.ConstantTimeCompare([]byte(again.Query().Get("X-Amz-Signature")), []byte(signature)) != 1 {
		return notMatching, "The signature does not match the link"
	}
	return "", ""
}

// checkHeader judges a request that carries its signature in a header. "" where it holds.
func checkHeader(r *http.Request, now time.Time) (code, message string) {
	text, ok := strings.CutPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ")
	if !ok {
		return accessDenied, "Nobody signed the request"
	}
	parts := map[string]string{}
	for part := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	at, err := time.Parse(signingTime, r.Header.Get("X-Amz-Date"))
	if err != nil || at.Sub(now).Abs() > clockSkew {
		return "RequestTimeTooSkewed", "The signature is of another time"
	}
	key, scope, ok := scopeOf(parts["Credential"])
	if !ok || key != localKey {
		return unknownKey, "The local server knows one key"
	}
	copied := unsignedCopy(r, strings.Split(parts["SignedHeaders"], ";"))
	err = signer().SignHTTP(
		r.Context(), localCredentials(r.Header.Get("X-Amz-Security-Token")), copied, r.Header.Get("X-Amz-Content-Sha256"), scope.service, scope.region, at,
	)
	if err != nil {
		return accessDenied, "The request cannot be read"
	}
	_, again, _ := strings.Cut(copied.Header.Get("Authorization"), "Signature=")
	if subtle.ConstantTimeCompare([]byte(again), []byte(parts["Signature"])) != 1 {
		return notMatching, "The signature does not match the request"
	}
	return "", ""
}

// localKey is the id and the secret of the one key that the local services know.
const localKey = "local"

func localCredentials(token string) aws.Credentials {
	return aws.Credentials{AccessKeyID: localKey, SecretAccessKey: localKey, SessionToken: token}
}

// signer signs as S3 wants it: a path as it stands.
func signer() *v4.Signer {
	return v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
}

// keyScope is what a signature is good for.
type keyScope struct{ region, service string }

// scopeOf reads key/date/region/service/aws4_request.
func scopeOf(credential string) (key string, scope keyScope, ok bool) {
	parts := strings.Split(credential, "/")
	if len(parts) != 5 {
		return "", keyScope{}, false
	}
	return parts[0], keyScope{parts[2], parts[3]}, true
}

// unsignedCopy returns the request with those headers alone that its signature covers, and without
// the signature.
func unsignedCopy(r *http.Request, headers []string) *http.Request {
	address := *r.URL
	query := address.Query()
	query.Del("X-Amz-Signature")
	address.RawQuery = query.Encode()
	copied := &http.Request{Method: r.Method, URL: &address, Host: r.Host, Header: http.Header{}}
	for _, name := range headers {
		for _, value := range r.Header.Values(name) {
			copied.Header.Add(name, value)
		}
	}
	if slices.Contains(headers, "content-length") {
		copied.Header.Del("Content-Length") // the signer adds it by itself
		copied.ContentLength = r.ContentLength
	}
	return copied.WithContext(context.WithoutCancel(r.Context()))
}

package local

import (
	"context"
	"encoding/xml"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"makegood/infra/template"
)

// maxCORS bounds a bucket's rules; S3 takes 64 KB of them.
const maxCORS = 64 << 10

// corsRules are the CORS configurations of the server's buckets, which gofakes3 has none of: it
// allows every page everything. They are in memory alone, since a stack puts its own as it starts.
type corsRules struct {
	mu     sync.Mutex
	bucket map[string][]corsRule
}

// corsRule is one rule. Origins are compared as they stand: no template here has a wildcard.
type corsRule struct {
	Origins []string `xml:"AllowedOrigin"`
	Methods []string `xml:"AllowedMethod"`
	Headers []string `xml:"AllowedHeader"`
	MaxAge  int      `xml:"MaxAgeSeconds"`
}

// allows reports whether a page of that origin may do so with these headers of its own.
func (r corsRule) allows(origin, method string, headers []string) bool {
	for _, name := range headers {
		if !slices.ContainsFunc(r.Headers, func(allowed string) bool { return strings.EqualFold(allowed, name) }) {
			return false
		}
	}
	return slices.Contains(r.Origins, origin) && slices.Contains(r.Methods, method)
}

// find returns the first rule of the request's bucket that allows it; nil where none does.
func (p *corsRules) find(r *http.Request, method string, headers []string) *corsRule {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, rule := range p.bucket[bucketOf(r)] {
		if rule.allows(r.Header.Get("Origin"), method, headers) {
			return &rule
		}
	}
	return nil
}

// bucketOf returns the bucket that a path names.
func bucketOf(r *http.Request) string {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return name
}

// answer answers preflights, which nobody signs, and gives each other answer the headers by which a
// page may read it: those of the rule that allows the page, or none.
func (p *corsRules) answer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodOptions {
			p.preflight(w, r)
			return
		}
		ruled := &ruledWriter{ResponseWriter: w, origin: r.Header.Get("Origin"), rule: p.find(r, r.Method, nil)}
		next.ServeHTTP(ruled, r)
		if !ruled.written { // an answer without a body
			ruled.WriteHeader(http.StatusOK)
		}
	})
}

func (p *corsRules) preflight(w http.ResponseWriter, r *http.Request) {
	method, headers := r.Header.Get("Access-Control-Request-Method"), fields(r.Header.Get("Access-Control-Request-Headers"))
	rule := p.find(r, method, headers)
	if rule == nil {
		refuseObject(w, http.StatusForbidden, "AccessForbidden", "CORSResponse: This CORS request is not allowed.")
		return
	}
	rule.say(w.Header(), r.Header.Get("Origin"))
	w.Header().Set("Access-Control-Allow-Headers", strings.Join(headers, ", "))
	w.Header().Set("Access-Control-Max-Age", strconv.Itoa(rule.MaxAge))
}

// fields splits a list of header names.
func fields(list string) []string {
	return strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' })
}

func (r corsRule) say(header http.Header, origin string) {
	header.Set("Access-Control-Allow-Origin", origin)
	header.Set("Access-Control-Allow-Methods", strings.Join(r.Methods, ", "))
	header.Set("Vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method")
}

// ruledWriter puts the rule's headers in place of those that gofakes3 gives everybody.
type ruledWriter struct {
	http.ResponseWriter
	origin  string
	rule    *corsRule
	written bool
}

func (w *ruledWriter) WriteHeader(status int) {
	if !w.written {
		w.written = true
		for name := range w.Header() {
			if strings.HasPrefix(name, "Access-Control-") {
				w.Header().Del(name)
			}
		}
		if w.rule != nil {
			w.rule.say(w.Header(), w.origin)
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *ruledWriter) Write(body []byte) (int, error) {
	if !w.written {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(body)
}

// keep takes PutBucketCors and DeleteBucketCors, which gofakes3 takes for the making of a bucket
// and for its end.
func (p *corsRules) keep(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !r.URL.Query().Has("cors") {
			next.ServeHTTP(w, r)
			return
		}
		var configuration struct {
			Rules []corsRule `xml:"CORSRule"`
		}
		err := xml.NewDecoder(io.LimitReader(r.Body, maxCORS)).Decode(&configuration)
		if r.Method != http.MethodDelete && err != nil {
			refuseObject(w, http.StatusBadRequest, "MalformedXML", "The rules cannot be read")
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.bucket == nil {
			p.bucket = map[string][]corsRule{}
		}
		p.bucket[bucketOf(r)] = configuration.Rules
	})
}

// putCORS puts the rules by which pages may reach a bucket, in place of those that it has.
func putCORS(ctx context.Context, client *s3.Client, name string, rules []template.CORSRule) error {
	if len(rules) == 0 {
		_, err := client.DeleteBucketCors(ctx, &s3.DeleteBucketCorsInput{Bucket: &name})
		return err
	}
	configuration := &s3types.CORSConfiguration{}
	for _, rule := range rules {
		configuration.CORSRules = append(configuration.CORSRules, s3types.CORSRule{
			AllowedOrigins: rule.Origins, AllowedMethods: rule.Methods, AllowedHeaders: rule.Headers, MaxAgeSeconds: aws.Int32(int32(rule.MaxAge)), //nolint:gosec // seconds of a day
		})
	}
	_, err := client.PutBucketCors(ctx, &s3.PutBucketCorsInput{Bucket: &name, CORSConfiguration: configuration})
	return err
}

package http

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	nethttp "net/http"
	"strings"
	"unicode/utf8"

	"makegood/shared/correlation"
)

// answer collects what a handler writes.
type answer struct {
	status int
	header nethttp.Header
	sent   nethttp.Header // the header as it was when the status was written
	body   bytes.Buffer
}

// newAnswer returns an answer of nothing but the id under which ctx works.
func newAnswer(ctx context.Context) *answer {
	a := &answer{header: nethttp.Header{}}
	if id := correlation.ID(ctx); id != "" {
		a.header.Set(correlation.Header, id)
	}
	return a
}

// Header returns the header to be sent. Changes after WriteHeader are not sent.
func (a *answer) Header() nethttp.Header { return a.header }

// WriteHeader takes the first status. Later ones change nothing, as net/http has it.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status, a.sent = status, a.header.Clone()
	}
}

// Write appends to the body.
func (a *answer) Write(text []byte) (int, error) {
	a.WriteHeader(nethttp.StatusOK)
	return a.body.Write(text)
}

// response returns the answer as the gateway wants it: values of one name joined, cookies apart,
// what is not text in base64.
func (a *answer) response() Response {
	// A handler that wrote nothing has answered 200.
	a.WriteHeader(nethttp.StatusOK)
	r := Response{StatusCode: a.status, Headers: make(map[string]string, len(a.sent)), Cookies: a.sent.Values("Set-Cookie")}
	for name, values := range a.sent {
		if name != "Set-Cookie" {
			r.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
		}
	}
	// The gateway takes a body as text; bytes that are no UTF-8 would arrive changed.
	if utf8.Valid(a.body.Bytes()) {
		r.Body = a.body.String()
		return r
	}
	r.Body, r.IsBase64Encoded = base64.StdEncoding.EncodeToString(a.body.Bytes()), true
	return r
}

// encode returns the response as JSON. < > and & stay as they are: escaped, a body of them would
// take six times its room of Lambda's 6 MB.
func encode(r Response) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(r)
	return text.Bytes(), err
}

package local

import (
	"bytes"
	"crypto/md5" //nolint:gosec // SQS's own checksum of a body
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"makegood/infra/standin"
)

// Call is one call of a function to DynamoDB, SQS or the payment provider, on its way.
type Call struct {
	Operation string // "SendMessage", "TransactWriteItems"…; to the provider its method and path, "POST /v1/refunds"
	Body      []byte // the request as it was sent: JSON to a service
}

// Reply is what the caller gets. Status 0 closes the connection without an answer.
type Reply struct {
	Status int         // 0: none, the line is cut
	Header http.Header // all of it is passed on
	Body   []byte      // as it came, or as a test made it
}

// Proxy stands between a function and a service or the provider, so that a test can kill the caller
// at the moment it calls, lose or repeat a call, or answer in the service's place. Point a function
// at it by Options.Env: {"decide-refund": {"AWS_ENDPOINT_URL_SQS": proxy.URL}}.
type Proxy struct {
	URL    string // what the function is given as the service's address
	server *server
	target atomic.Pointer[string]
}

// NewProxy starts a proxy to the service at target. between is asked about every call, several at
// once; forward makes the real call, and may be left out or made more than once. A nil between
// forwards all. A target that is known only when the stack has started, its Provider.URL, may be ""
// until To names it.
func NewProxy(target string, between func(call Call, forward func() Reply) Reply) (*Proxy, error) {
	s, err := listen("proxy", "", 0)
	if err != nil {
		return nil, err
	}
	p := &Proxy{URL: s.url, server: s}
	p.To(target)
	s.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		// AWS's JSON protocols name the operation in a header ("AmazonSQS.SendMessage"); a
		// provider's call is its method and path.
		name := r.Header.Get("X-Amz-Target")
		call := Call{Operation: name[strings.LastIndexByte(name, '.')+1:], Body: body}
		if name == "" {
			call.Operation = r.Method + " " + r.URL.Path
		}
		// The real call is a function, so that a test may make it, leave it out, or make it twice.
		forward := func() Reply { return forwarded(r, *p.target.Load(), body) }
		var reply Reply
		if between == nil {
			reply = forward()
		} else {
			reply = between(call, forward)
		}
		// No answer at all: the caller cannot know whether the call took effect.
		if reply.Status == 0 {
			standin.Cut(w)
		}
		for name, values := range reply.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(reply.Status)
		_, _ = w.Write(reply.Body)
	}))
	return p, nil
}

// To names where calls go from now on.
func (p *Proxy) To(target string) { p.target.Store(&target) }

// Stop ends the proxy.
func (p *Proxy) Stop() { p.server.close() }

func forwarded(r *http.Request, target string, body []byte) Reply {
	req, err := http.NewRequestWithContext(r.Context(), r.Method, target+r.URL.RequestURI(), bytes.NewReader(body))
	if err != nil {
		return Reply{}
	}
	req.Header = r.Header.Clone()
	resp, err := plain.Do(req)
	if err != nil {
		return Reply{}
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return Reply{}
	}
	return Reply{Status: resp.StatusCode, Header: resp.Header, Body: answer}
}

// Lost is SQS's answer to a SendMessage or SendMessageBatch that was accepted, for a message that
// is then dropped.
func Lost(call Call) Reply {
	var request struct {
		MessageBody string
		Entries     []struct{ ID, MessageBody string }
	}
	if err := json.Unmarshal(call.Body, &request); err != nil {
		return Reply{Status: http.StatusBadRequest}
	}
	// The SDK compares the checksum with the body that it sent: a wrong one would look like a
	// broken line.
	sum := func(text string) string {
		digest := md5.Sum([]byte(text)) //nolint:gosec // as above
		return hex.EncodeToString(digest[:])
	}
	answer := any(map[string]string{"MessageId": randomHex(16), "MD5OfMessageBody": sum(request.MessageBody)})
	if call.Operation == "SendMessageBatch" {
		receipts := []map[string]string{}
		for _, e := range request.Entries {
			receipts = append(receipts, map[string]string{"Id": e.ID, "MessageId": randomHex(16), "MD5OfMessageBody": sum(e.MessageBody)})
		}
		answer = map[string]any{"Successful": receipts, "Failed": []string{}}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		panic(fmt.Sprint("strings always marshal: ", err))
	}
	return Reply{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: body}
}

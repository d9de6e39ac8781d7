package local

import (
	"encoding/base64"
	"mime"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"makegood/infra/template"
)

// requestEvent is a request in payload format 2.0: header names lower case, several values joined
// by a comma, cookies apart, the body as text where it is text and as base64 where it is not, so
// that the function can always see the very bytes that came.
func requestEvent(r *http.Request, route template.Route, parameters map[string]string, body []byte) events.APIGatewayV2HTTPRequest {
	now := time.Now()
	// $default has no method in its key.
	key := route.Method + " " + route.Path
	if route.Path == "$default" {
		key = route.Path
	}
	event := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: key, RawPath: r.URL.Path, RawQueryString: r.URL.RawQuery,
		Headers: map[string]string{}, QueryStringParameters: query(r.URL.RawQuery), PathParameters: parameters,
	}
	// Several values of one header become one, joined by a comma: payload 2.0 has no lists. Cookies
	// stand apart.
	for name, values := range r.Header {
		if name != "Cookie" {
			event.Headers[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	for _, line := range r.Header["Cookie"] {
		for _, cookie := range strings.Split(line, ";") {
			if cookie = textproto.TrimString(cookie); cookie != "" {
				event.Cookies = append(event.Cookies, cookie)
			}
		}
	}
	// The headers that the API adds by itself.
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	_, port, _ := net.SplitHostPort(r.Host)
	event.Headers["host"] = r.Host
	event.Headers["x-forwarded-for"] = source
	event.Headers["x-forwarded-port"] = port
	event.Headers["x-forwarded-proto"] = "http"
	event.Headers["x-amzn-trace-id"] = newInvocation(nil).trace
	// A webhook's signature is over the very bytes: what is not text travels as base64.
	if isText(r.Header.Get("Content-Type"), body) {
		event.Body = string(body)
	} else {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	event.RequestContext = events.APIGatewayV2HTTPRequestContext{
		AccountID: accountID, APIID: "local", DomainName: r.Host, DomainPrefix: "local", RequestID: randomHex(8), RouteKey: key,
		Stage: "$default", Time: now.UTC().Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
		HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
			Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent(),
		},
	}
	return event
}

// query joins what a name has several of, in order; nil when there is nothing. Pairs that do not
// decode are kept as they are.
func query(raw string) map[string]string {
	var parameters map[string]string
	for _, pair := range strings.Split(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		name, value = unescape(name), unescape(value)
		if parameters == nil {
			parameters = map[string]string{}
		}
		if before, ok := parameters[name]; ok {
			value = before + "," + value
		}
		parameters[name] = value
	}
	return parameters
}

func unescape(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// isText tells which bodies an HTTP API passes on as they are: JSON, XML, JavaScript and text/*. An
// empty body is text.
func isText(contentType string, body []byte) bool {
	if len(body) == 0 {
		return true
	}
	if !utf8.Valid(body) {
		return false
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media = strings.TrimSpace(strings.ToLower(strings.SplitN(contentType, ";", 2)[0]))
	}
	switch media {
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "+json") || strings.HasSuffix(media, "+xml")
}

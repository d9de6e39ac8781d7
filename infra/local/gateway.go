package local

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sort"
	"strings"

	"makegood/infra/template"
)

// The limits of an HTTP API.
const (
	maxBody   = 10 << 20 // bytes of a request
	maxHeader = 10240    // bytes of request line and headers
)

// gateway is the HTTP API in front of the functions: routes and payload format 2.0, no authorizer,
// no throttle.
type gateway struct {
	routes []gatewayRoute
}

// gatewayRoute is one route of the template. Segments are literal, "{name}" or, last, "{name+}".
type gatewayRoute struct {
	template.Route
	segments []string
	function *function
}

func (s *Stack) newGateway() *gateway {
	g := &gateway{}
	for _, f := range s.functions {
		for _, r := range f.spec.Routes {
			g.routes = append(g.routes, gatewayRoute{Route: r, segments: strings.Split(r.Path, "/"), function: f})
		}
	}
	sort.SliceStable(g.routes, func(i, j int) bool { return g.routes[i].weight() > g.routes[j].weight() })
	return g
}

// weight orders routes as API Gateway chooses: full matches before {name+}, literal before {name},
// a method before ANY, $default last.
func (r gatewayRoute) weight() string {
	if r.Path == "$default" {
		return ""
	}
	var b strings.Builder
	for _, segment := range r.segments {
		switch {
		case strings.HasSuffix(segment, "+}"):
			b.WriteByte('1')
		case strings.HasPrefix(segment, "{"):
			b.WriteByte('2')
		default:
			b.WriteByte('3')
		}
	}
	if r.Method != "ANY" {
		b.WriteByte('1')
	}
	return b.String()
}

// match finds the route of a request and its path parameters; nil when there is none.
func (g *gateway) match(method, path string) (*gatewayRoute, map[string]string) {
	// Routes are sorted by weight, so the first that matches is the one that API Gateway would
	// choose.
	for n := range g.routes {
		r := &g.routes[n]
		if r.Method != "ANY" && r.Method != method {
			continue
		}
		if parameters, ok := r.matches(path); ok {
			return r, parameters
		}
	}
	return nil, nil
}

func (r *gatewayRoute) matches(path string) (map[string]string, bool) {
	if r.Path == "$default" {
		return nil, true
	}
	// Parameters are made on the first one: a route without any has null in the event, as on AWS.
	steps := strings.Split(path, "/")
	var parameters map[string]string
	keep := func(name, value string) {
		if parameters == nil {
			parameters = map[string]string{}
		}
		parameters[name] = value
	}
	for n, segment := range r.segments {
		// {name+} takes all that is left, slashes included.
		if greedy, ok := strings.CutSuffix(segment, "+}"); ok && n < len(steps) {
			keep(strings.TrimPrefix(greedy, "{"), strings.Join(steps[n:], "/"))
			return parameters, true
		}
		if n >= len(steps) {
			return nil, false
		}
		// {name} takes one segment, never an empty one.
		if name, ok := strings.CutPrefix(segment, "{"); ok && steps[n] != "" {
			keep(strings.TrimSuffix(name, "}"), steps[n])
		} else if segment != steps[n] {
			return nil, false
		}
	}
	return parameters, len(steps) == len(r.segments)
}

// ServeHTTP answers as the deployed API would, its own refusals included.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	route, parameters := g.match(r.Method, r.URL.Path)
	if route == nil {
		say(w, http.StatusNotFound, "Not Found")
		return
	}
	// The API refuses a body of more than 10 MB itself; the function never sees it.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		var tooLong *http.MaxBytesError
		if errors.As(err, &tooLong) {
			say(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
			return
		}
		say(w, http.StatusBadRequest, "Bad Request")
		return
	}
	// The id of the request is in the answer's header too, so that a log line can be found by it.
	request := requestEvent(r, route.Route, parameters, body)
	w.Header().Set("Apigw-Requestid", request.RequestContext.RequestID)
	event, err := json.Marshal(request)
	if err != nil {
		say(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	// Base64 makes a body larger: what fits the API may not fit the 6 MB of an invocation.
	if len(event) > maxResponse {
		say(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	// This waits for a free process as long as the caller does: load is never answered by a 5xx.
	answer, err := route.function.invoke(r.Context(), event)
	if err != nil {
		// A function that answered with an error is a 500. One that died, or ran out of time, is a
		// 503, which a caller may repeat.
		var failure *functionError
		if errors.As(err, &failure) && !failure.died {
			say(w, http.StatusInternalServerError, "Internal Server Error")
			return
		}
		say(w, http.StatusServiceUnavailable, "Service Unavailable")
		return
	}
	reply(w, answer)
}

// say is an answer of the API itself.
func say(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"message":"`+message+`"}`)
}

// functionAnswer is payload format 2.0 on the way back.
type functionAnswer struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	Cookies         []string          `json:"cookies"`
}

// reply turns the function's answer into HTTP. Without a statusCode the whole of it is the body of
// a 200; what is no JSON is a 500.
func reply(w http.ResponseWriter, answer []byte) {
	// API Gateway guesses too: an answer without a statusCode is the body of a 200.
	var a functionAnswer
	if !json.Valid(answer) {
		say(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	if json.Unmarshal(answer, &a) != nil || a.StatusCode == 0 {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(answer)
		return
	}
	body := []byte(a.Body)
	if a.IsBase64Encoded {
		raw, err := base64.StdEncoding.DecodeString(a.Body)
		if err != nil {
			say(w, http.StatusInternalServerError, "Internal Server Error")
			return
		}
		body = raw
	}
	if a.StatusCode < 100 || a.StatusCode > 599 {
		say(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	// Headers of the function come after this one and replace it.
	w.Header().Set("Content-Type", "text/plain;charset=UTF-8") // the API's own choice where the function makes none
	for name, value := range a.Headers {
		w.Header().Set(name, value)
	}
	for _, cookie := range a.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	w.Header().Del("Content-Length") // what is written counts
	w.WriteHeader(a.StatusCode)
	_, _ = w.Write(body)
}

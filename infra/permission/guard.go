package permission

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"makegood/infra/template"
)

// largestRequest is above what DynamoDB (16 MB answers, 4 MB transactions) and SQS (1 MiB) take
// from a caller.
const largestRequest = 8 << 20

// Guard is the reverse proxy. The first step of the path says which function calls, so its endpoint
// is URL/<function's folder>.
type Guard struct {
	grants  map[string][]Grant // by the function's folder name
	names   map[string]string  // a table's, queue's or bucket's name → its logical id
	forward map[string]*httputil.ReverseProxy

	mutex   sync.Mutex
	refused []string
	used    map[string]map[Grant]bool
}

// NewGuard returns a guard over the template's functions, in front of DynamoDB and SQS at the two
// URLs; S3's is Objects. created are the names of tables, queues and buckets by logical id, as they
// were created; of a queue's URL the last step counts.
func NewGuard(t *template.Template, dynamodbURL, sqsURL string, created ...map[string]string) (*Guard, error) {
	g := &Guard{
		grants: map[string][]Grant{}, names: map[string]string{}, used: map[string]map[Grant]bool{},
		forward: map[string]*httputil.ReverseProxy{},
	}
	// Forward to the two services themselves: a proxy of the environment must not stand between.
	for service, at := range map[string]string{"DynamoDB": dynamodbURL, "AmazonSQS": sqsURL} {
		target, err := url.Parse(at)
		if err != nil {
			return nil, err
		}
		g.forward[service] = &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				r.Out.URL.Path = "/"
			},
			Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 64},
		}
	}
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	// Read every function's grants once; a policy that cannot be read stops the start.
	for _, f := range functions {
		if g.grants[path.Base(f.Folder)], err = Grants(t, template.Scope{}, f.LogicalID); err != nil {
			return nil, err
		}
	}
	// Requests name what they are about as it was created, grants by logical id.
	for _, names := range created {
		for id, name := range names {
			g.names[name[strings.LastIndexByte(name, '/')+1:]] = id
		}
	}
	return g, nil
}

// ServeHTTP passes on what the role allows, and answers 400 AccessDeniedException to the rest, as
// AWS does.
func (g *Guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	function, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	// The body says what is asked for, so it is read whole and replayed to the service.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestRequest))
	if err != nil {
		g.refuse(w, function, err.Error())
		return
	}
	target := r.Header.Get("X-Amz-Target")
	needed, err := needs(target, body, func(name string) string { return g.names[name] })
	if err != nil {
		g.refuse(w, function, err.Error())
		return
	}
	// Every grant that the request needs must be there, as AWS wants it for a transaction.
	grants := make([]Grant, len(needed))
	for i, need := range needed {
		if grants[i] = need.Grant; !allows(g.grants[function], grants[i]) {
			grants[i] = need.narrowed()
		}
		if !allows(g.grants[function], grants[i]) {
			g.refuse(w, function, fmt.Sprintf("may not %s on %s (asked by %s)", need.Action, need.Resource, target))
			return
		}
	}
	g.note(function, grants)
	r.Body = io.NopCloser(bytes.NewReader(body))
	// Both services name themselves in the target, one as DynamoDB_20120810, the other as
	// AmazonSQS.
	service, _, _ := strings.Cut(target, ".")
	service, _, _ = strings.Cut(service, "_")
	g.forward[service].ServeHTTP(w, r)
}

// refuse answers as AWS would and keeps the refusal for Refused.
func (g *Guard) refuse(w http.ResponseWriter, function, why string) {
	g.keepRefusal(function, why)
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	w.WriteHeader(http.StatusBadRequest)
	_ = json.NewEncoder(w).Encode(map[string]string{
		"__type":  "com.amazon.coral.service#AccessDeniedException",
		"message": "function " + function + " " + why,
	})
}

// keepRefusal keeps what a function was refused, for Refused.
func (g *Guard) keepRefusal(function, why string) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.refused = append(g.refused, function+" "+why)
}

// note keeps what a function made use of, for Used.
func (g *Guard) note(function string, needs []Grant) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.used[function] == nil {
		g.used[function] = map[Grant]bool{}
	}
	for _, need := range needs {
		g.used[function][need] = true
	}
}

// Refused returns what was refused so far, one line each, the function's name first. None is good.
func (g *Guard) Refused() []string {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	return slices.Clone(g.refused)
}

// Used returns the grants that a function (by its folder's name) has made use of so far, in no
// order.
func (g *Guard) Used(function string) []Grant {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	var used []Grant
	for grant := range g.used[function] {
		used = append(used, grant)
	}
	return used
}

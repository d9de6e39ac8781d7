package permission

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// Objects returns the guard of one function's calls to S3, in front of the server at that URL. It
// needs an address of its own for each function: a request to S3 is signed with its path and its
// host, so nothing of it may be changed on the way.
func (g *Guard) Objects(function, s3URL string) (http.Handler, error) {
	target, err := url.Parse(s3URL)
	if err != nil {
		return nil, err
	}
	forward := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
			r.Out.Host = r.In.Host
		},
		Transport: &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 16, DisableCompression: true},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		need, err := objectNeed(r, func(name string) string { return g.names[name] })
		if err == nil && !allows(g.grants[function], need) {
			need = g.narrowed(function, need, r)
		}
		if err == nil && !allows(g.grants[function], need) {
			err = fmt.Errorf("may not %s on %s", need.Action, need.Resource)
		}
		if err != nil {
			g.keepRefusal(function, err.Error())
			w.WriteHeader(http.StatusForbidden)
			_, _ = fmt.Fprint(w, "<Error><Code>AccessDenied</Code></Error>")
			return
		}
		g.note(function, []Grant{need})
		forward.ServeHTTP(w, r)
	}), nil
}

// narrowed returns the grant on the folder that the object lies in, where the function has that
// one: the first folder of its key, or the second within any customer's.
func (g *Guard) narrowed(function string, need Grant, r *http.Request) Grant {
	bucket, all := strings.CutSuffix(need.Resource, "/*")
	parts := strings.Split(strings.TrimPrefix(r.URL.Path, "/"), "/") // bucket, folders, name
	for n := 2; all && n < len(parts) && n < 4; n++ {
		folder := strings.Repeat("/*", n-2) + "/" + parts[n-1]
		if within := (Grant{need.Action, bucket + folder + "/*"}); allows(g.grants[function], within) {
			return within
		}
	}
	return need
}

// objectNeed returns the grant that a request to S3 needs on AWS. A bucket that is not of the
// template is named by its ARN, as a policy would.
func objectNeed(r *http.Request, logicalID names) (Grant, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if bucket == "" {
		return Grant{}, fmt.Errorf("%s %s names no bucket", r.Method, r.URL.Path)
	}
	arn := "arn:aws:s3:::" + bucket
	if id := logicalID(bucket); id != "" {
		arn = id + ".Arn"
	}
	object, whole := arn+"/*", key == ""
	switch {
	case whole && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		return Grant{"s3:ListBucket", arn}, nil
	case whole && r.Method == http.MethodPost && r.URL.Query().Has("delete"), !whole && r.Method == http.MethodDelete:
		return Grant{"s3:DeleteObject", object}, nil
	case !whole && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		return Grant{"s3:GetObject", object}, nil
	case !whole && r.Method == http.MethodPut:
		return Grant{"s3:PutObject", object}, nil
	}
	return Grant{}, fmt.Errorf("%s %s is no request that a function here needs", r.Method, r.URL.Path)
}

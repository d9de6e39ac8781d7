package console

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/fault"
)

// maxForm bounds a form, in bytes: the longest words that the API takes, and then some.
const maxForm = 64 << 10

// request is one request of somebody who is signed in and may make it.
type request struct {
	*http.Request
	// Caller is who makes it.
	Caller access.Caller
	// Now is when, in whole milliseconds.
	Now time.Time
}

// page is what a request is answered with, inside the layout.
type page struct {
	// Template is the name of its file in templates/, without the ending.
	Template string
	// Title stands in the browser's tab and on top of the page.
	Title string
	// Data is what the template reads as .Data.
	Data any
	// File is what a browser saves in place of showing a page, nil for none.
	File *file
	// Location is the path of another page to go to instead, "" for none.
	Location string
}

// file is what a browser saves.
type file struct {
	Name, MediaType string
	Text            []byte
}

// route is one page or one form.
type route struct {
	pattern    string // as http.ServeMux has it, with a method
	permission access.Permission
	read       func(request) (page, error)
	act        func(request) (string, error) // of a form alone
}

// get declares a page. One that is asked for by words that belong into no URL has a form's method.
func get(pattern string, permission access.Permission, read func(request) (page, error)) route {
	return route{pattern: pattern, permission: permission, read: read}
}

// download declares a file, which nobody looks at in a browser: read returns a page with one.
func download(pattern string, permission access.Permission, read func(request) (page, error)) route {
	return get(pattern, permission, read)
}

// post declares a form. act does what it asks for and returns the path to go to, "" for the page of
// again with what was typed. Where it is refused, that page is answered with the problem, too.
func post(pattern string, permission access.Permission, act func(request) (string, error), again func(request) (page, error)) route {
	return route{pattern: pattern, permission: permission, read: again, act: act}
}

// serve answers one request of the route.
func (s site) serve(to route, w http.ResponseWriter, r *http.Request) {
	req := request{Request: r, Now: api.Instant(s.console.Now())}
	if r.Method == http.MethodPost {
		if err := readForm(w, r); err != nil {
			s.refuse(w, req, fault.Errorf(fault.KindTooLarge, fault.CodeTooLarge, "the form is too long, or none of ours"))
			return
		}
	}
	var err error
	if req.Caller, err = s.caller(r, req.Now); err != nil {
		s.letIn(w, req, err)
		return
	}
	if err := req.Caller.RequirePermission(to.permission); err != nil {
		s.refuse(w, req, err)
		return
	}
	if to.act == nil {
		s.answer(w, req, to, nil)
		return
	}
	location, err := to.act(req)
	if err != nil || location == "" {
		s.answer(w, req, to, err)
		return
	}
	http.Redirect(w, r, location, http.StatusSeeOther)
}

// readForm reads a form of maxForm bytes at most. The text of a file takes the place of what was
// typed into the field of its name, so that it is refused and kept as if it had been typed.
func readForm(w http.ResponseWriter, r *http.Request) error {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		return err
	}
	err := r.ParseMultipartForm(maxForm) //nolint:gosec // its body is bounded
	if errors.Is(err, http.ErrNotMultipart) {
		return nil
	}
	if err != nil {
		return err
	}
	for field, files := range r.MultipartForm.File {
		at, err := files[0].Open()
		if err != nil {
			return err
		}
		text, err := io.ReadAll(at) // the whole form is bounded
		if err != nil {
			return err
		}
		r.PostForm.Set(field, string(text))
	}
	return nil
}

// answer writes the route's page, with what went wrong where a form was refused.
func (s site) answer(w http.ResponseWriter, req request, to route, refusal error) {
	content, err := to.read(req)
	if err != nil {
		// What the form was refused for says more than that its page is not there either.
		if refusal != nil {
			err = refusal
		}
		s.refuse(w, req, err)
		return
	}
	if content.Location != "" && refusal == nil {
		http.Redirect(w, req.Request, content.Location, http.StatusSeeOther)
		return
	}
	if content.File != nil {
		w.Header().Set("Content-Type", content.File.MediaType)
		w.Header().Set("Content-Disposition", `attachment; filename="`+content.File.Name+`"`)
		_, _ = w.Write(content.File.Text) // a reader who has gone reads nothing
		return
	}
	s.write(w, req, content, refusal)
}

// letIn answers somebody who is not signed in: a page sends them to sign in and back, a form keeps
// what was typed.
func (s site) letIn(w http.ResponseWriter, req request, err error) {
	switch {
	case fault.KindOf(err) != fault.KindUnauthenticated:
		s.refuse(w, req, err)
	case req.Method == http.MethodPost:
		s.write(w, req, page{Template: "ended", Title: "Signed out", Data: req.URL.RequestURI()}, err)
	default:
		http.Redirect(w, req.Request, PathSignIn+"?"+url.Values{"to": {req.URL.RequestURI()}}.Encode(), http.StatusSeeOther)
	}
}

// caller returns who is signed in.
func (s site) caller(r *http.Request, now time.Time) (access.Caller, error) {
	cookie, err := r.Cookie(SessionCookie)
	if err != nil {
		return access.Caller{}, fault.Errorf(fault.KindUnauthenticated, fault.CodeUnauthenticated, "sign in first")
	}
	return s.console.Sessions.Caller(r.Context(), cookie.Value, now)
}

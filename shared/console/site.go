package console

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/signin"
)

//go:embed templates
var templateFiles embed.FS

// shell are the templates that every page is made of.
var shell = []string{"templates/layout.html", "templates/parts.html"}

// site is the console with its pages parsed.
type site struct {
	console Console
	pages   map[string]*template.Template // by name
}

// Handler serves everything below PathHome.
func (c Console) Handler() http.Handler {
	s := site{console: c, pages: parse(c.words())}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+assetsPath+"{name}", serveAsset)
	for _, to := range c.routes() {
		mux.HandleFunc(to.pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(to, w, r) })
	}
	for _, at := range []string{PathSignIn, PathSignIn + "/", PathSignOut} {
		mux.Handle(at, c.SignIn.Handler(s.signIn))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, request{Request: r, Now: c.Now()}, fault.NotFound("page"))
	})
	// A form of another site arrives with our cookie: it is refused before anything reads it.
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.refuse(w, request{Request: r, Now: c.Now()}, fault.Errorf(fault.KindForbidden, fault.CodeForbidden, "the form was sent by another site"))
	}))
	return guarded(c.Pictures, inTime(protection.Handler(mux)))
}

// signIn writes the page of signing in.
func (s site) signIn(w http.ResponseWriter, r *http.Request, content signin.Page, refusal error) {
	s.write(w, request{Request: r, Now: s.console.Now()}, page{Template: "sign-in", Title: "Sign in", Data: content}, refusal)
}

// inTime ends what a page does before its function ends.
func inTime(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// parse returns the page of each file, inside the layout. A file that is no template ends the
// start.
func parse(words template.FuncMap) map[string]*template.Template {
	layout := template.Must(template.New("layout.html").Funcs(words).ParseFS(templateFiles, shell...))
	files, err := templateFiles.ReadDir("templates")
	if err != nil {
		panic("console: no templates: " + err.Error()) // they are part of the binary
	}
	pages := map[string]*template.Template{}
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), path.Ext(file.Name()))
		pages[name] = template.Must(template.Must(layout.Clone()).ParseFS(templateFiles, "templates/"+file.Name()))
	}
	return pages
}

// sheet is what the layout reads: the page, and what stands around it.
type sheet struct {
	page
	// Caller is who reads it, zero where nobody is signed in.
	Caller access.Caller
	// Now is when.
	Now time.Time
	// Sections are those that the caller may open.
	Sections []section
	// Path is where the page is.
	Path string
	// Problem says why a form was refused, nil where none was.
	Problem *api.Problem
	// Typed is what the form held.
	Typed url.Values
}

// Word returns what was typed into a field of a form that was refused, "" for nothing.
func (s sheet) Word(field string) string { return s.Typed.Get(field) }

// write sends a page. Where it answers a refusal, it says so.
func (s site) write(w http.ResponseWriter, req request, content page, refusal error) {
	around := sheet{page: content, Caller: req.Caller, Now: req.Now, Path: req.URL.Path, Typed: req.PostForm}
	for _, one := range sections {
		if req.Caller.May(one.Permission) {
			around.Sections = append(around.Sections, one)
		}
	}
	status := http.StatusOK
	if refusal != nil {
		problem := api.ProblemOf(refusal)
		around.Problem, status = &problem, problem.Status
		api.LogProblem(req.Context(), problem, refusal)
	}
	// Half a page is worse than none: it is written only once it is whole.
	var text bytes.Buffer
	if err := s.render(&text, around); err != nil {
		api.LogProblem(req.Context(), api.ProblemOf(err), err)
		http.Error(w, "Something failed here; it is logged.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(text.Bytes()) // a reader who has gone reads nothing
}

// render writes the page of a sheet.
func (s site) render(text *bytes.Buffer, around sheet) error {
	parsed := s.pages[around.Template]
	if parsed == nil {
		return fmt.Errorf("console: no template %q", around.Template)
	}
	return parsed.ExecuteTemplate(text, "layout", around)
}

// refuse answers with a page that says what went wrong, and keeps what was typed.
func (s site) refuse(w http.ResponseWriter, req request, err error) {
	var cause *fault.Error
	title := "Something failed here"
	if errors.As(err, &cause) && cause.Kind == fault.KindNotFound {
		title = "Not found"
	} else if errors.As(err, &cause) && cause.Kind != fault.KindInternal {
		title = "Not possible"
	}
	s.write(w, req, page{Template: "refused", Title: title}, err)
}

// Package shop is an app that uses Makegood, played at /demo of the local stack: it sells credits,
// makes pictures, some of them broken, and shows them with the button by which a customer reports
// one.
//
// Its server has the app's key, and does what an app's server does: buy, start, make, report the
// result, open a session. Its page has a customer's session, and asks Makegood for everything else.
//
// It refuses to know the rules: what is given back, and why, is what Makegood says. It keeps
// nothing: what a picture shows is in its name, and its name is the generation's reference.
//
// Why: infra/decisions/0081.
package shop

import (
	"bytes"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"makegood/infra/client"
	"makegood/infra/local"
)

// Path is where the page is.
const Path = "/demo"

//go:embed page
var files embed.FS

// csp lets the page ask nobody but the host that it came from, and the S3 that it uploads to.
const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' %s; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const (
	maxBody = 4 << 10         // bytes of an order
	within  = 5 * time.Second // a result is recorded long before
	pause   = 50 * time.Millisecond
)

// shop is the app's server.
type shop struct {
	stack *local.Stack
	api   *client.Client
}

// Open returns what answers at Path and below it.
func Open(stack *local.Stack) http.Handler {
	s := shop{stack: stack, api: client.New(stack.BaseURL, local.AppKey)}
	page, err := fs.Sub(files, "page")
	if err != nil {
		panic(err) // what is embedded is there
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+Path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", fmt.Sprintf(csp, stack.S3URL()))
		http.ServeFileFS(w, r, page, "shop.html")
	})
	mux.Handle("GET "+Path+"/page/", http.StripPrefix(Path+"/page", http.FileServerFS(page)))
	// Built by `make web`, maybe while this runs.
	built := http.Dir(filepath.Join(stack.Root(), ".local", "web", "dist"))
	mux.Handle("GET "+Path+"/dist/", http.StripPrefix(Path+"/dist", http.FileServer(built)))
	mux.HandleFunc("GET "+Path+"/pictures/{name}", picture)
	mux.HandleFunc("GET "+Path+"/notices", s.notices)
	mux.HandleFunc("POST "+Path+"/session", answer(s.session))
	mux.HandleFunc("POST "+Path+"/purchases", answer(s.buy))
	mux.HandleFunc("POST "+Path+"/pictures", answer(s.make))
	// Another site's page may not buy here.
	return http.NewCrossOriginProtection().Handler(mux)
}

// order is the body of every POST. Whoever asks is who they say they are: it is a demo.
type order struct {
	Customer string `json:"customer"`
	Package  string `json:"package"`
	Kind     string `json:"kind"` // of picture; "" leaves it to chance
}

// answer has do answer a POST. What Makegood refuses, the page is told in its words.
func answer(do func(context.Context, order) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var o order
		var body any
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&o)
		if err != nil {
			err = refused("This is no order: " + err.Error())
		} else {
			body, err = do(r.Context(), o)
		}
		status, refusal := http.StatusOK, (*client.Error)(nil)
		if errors.As(err, &refusal) {
			status, body = refusal.Status, refusal.Problem
		} else if err != nil {
			status, body = http.StatusBadGateway, client.Problem{Status: http.StatusBadGateway, Detail: err.Error()}
		}
		reply(w, status, body)
	}
}

// refused is what this server itself refuses.
func refused(detail string) error {
	return &client.Error{Problem: client.Problem{Status: http.StatusBadRequest, Code: client.ProblemCodeInvalidRequest, Detail: detail}}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func (s shop) session(ctx context.Context, o order) (any, error) {
	return s.api.OpenSession(ctx, client.OpenSession{Customer: o.Customer})
}

// buy returns when the payment provider's webhook was taken, so the credits are there.
func (s shop) buy(ctx context.Context, o order) (any, error) {
	return s.stack.Provider.Checkout(ctx, o.Customer, o.Package)
}

// make starts a generation, makes its picture and reports the result, as an app's worker does. It
// returns the generation once its result is recorded.
func (s shop) make(ctx context.Context, o order) (any, error) {
	feature, err := s.feature(ctx)
	if err != nil {
		return nil, err
	}
	if o.Kind == "" {
		o.Kind = kinds[rand.IntN(len(kinds))]
	}
	// Refused before credits are held for it.
	if !slices.Contains(kinds, o.Kind) {
		return nil, refused("No picture is of that kind.")
	}
	name := nameOf(o.Kind, rand.Uint32())
	prompt := "A landscape, on a clear day"
	started, err := s.api.StartGeneration(ctx, client.StartGenerationParams{IdempotencyKey: client.NewKey()}, client.StartGeneration{
		Customer: o.Customer, Feature: feature, Platform: client.PlatformWeb, Reference: &name, Prompt: &prompt,
	})
	if err != nil {
		return nil, err
	}
	result := client.GenerationResult{Status: client.ResultStatusSucceeded, FinishedAt: time.Now().UTC()}
	if o.Kind == kindNone {
		result.Status, result.Failure = client.ResultStatusFailed, &client.ResultFailure{Cause: client.FailureCausePlatform, Code: "out_of_paint"}
	} else {
		result.Outputs = &[]client.ResultOutput{{URL: s.stack.BaseURL + Path + "/pictures/" + name}}
	}
	if _, err := s.api.ReportResult(ctx, started.ID, result); err != nil {
		return nil, err
	}
	return s.settled(ctx, started.ID)
}

// feature is the first that costs something and may be reported here.
func (s shop) feature(ctx context.Context) (string, error) {
	policy, err := s.api.ReadPolicy(ctx, client.ReadPolicyParams{})
	if err != nil {
		return "", err
	}
	for _, one := range policy.Features {
		if one.Price > 0 && one.Reportable.Web {
			return one.Name, nil
		}
	}
	return "", errors.New("the policy has no feature that is paid for and may be reported")
}

func (s shop) settled(ctx context.Context, id string) (*client.Generation, error) {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	for {
		seen, err := s.api.ReadGeneration(ctx, id)
		if err != nil || seen.State != client.GenerationStateHeld && seen.State != client.GenerationStateFailed {
			return seen, err
		}
		select {
		case <-ctx.Done():
			return seen, nil
		case <-time.After(pause):
		}
	}
}

// notices shows a customer what notify-customer has posted about them to the app's server, which
// here is the stack's own box.
func (s shop) notices(w http.ResponseWriter, r *http.Request) {
	received := []json.RawMessage{}
	for _, one := range s.stack.Notices() {
		var notice struct {
			Data struct {
				Customer string `json:"customer"`
			} `json:"data"`
		}
		if json.Unmarshal(one.Body, &notice) == nil && notice.Data.Customer == r.FormValue("customer") {
			received = append(received, one.Body)
		}
	}
	reply(w, http.StatusOK, received)
}

func picture(w http.ResponseWriter, r *http.Request) {
	body, err := Picture(r.PathValue("name"))
	if err != nil {
		http.Error(w, fmt.Sprint(err), http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

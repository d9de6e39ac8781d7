package browsertest_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/infra/browsertest"
	"makegood/shared/access"
	"makegood/shared/console"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// The pictures that the cases of the tests are about, by their links.
const (
	inputLink  = "https://images.example/me.png"
	outputLink = "https://images.example/hand.png"
)

// pictureOf draws a hand with that many fingers.
func pictureOf(fingers int) []byte {
	const side = 512
	drawn := image.NewRGBA(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			c := color.RGBA{uint8(60 + x/6), uint8(90 + y/8), uint8(160 - x/12), 255}
			palm := (x-256)*(x-256)+(y-330)*(y-330) < 110*110
			finger := y > 60 && y < 330 && (x-140)%(240/fingers) < 20 && x > 140 && x < 380
			if palm || finger {
				c = color.RGBA{225, 180, 140, 255}
			}
			drawn.Set(x, y, c)
		}
	}
	var text bytes.Buffer
	_ = png.Encode(&text, drawn)
	return text.Bytes()
}

// links lead to the pictures beside the console.
type links struct{}

func (links) Link(_ context.Context, key, _ string) (string, error) {
	return "/pictures/" + url.PathEscape(key), nil
}

// staffed is the console over a world in memory, in which some results wait for staff.
type staffed struct {
	*storetest.World
	base  string
	cases []refund.CaseID
}

// staff serves the console with so many waiting cases of alice's. Under /enter people are let in by
// the name that they give.
func staff(t *testing.T, waiting int) staffed {
	t.Helper()
	s := staffed{World: storetest.NewWorld(t, memory.New())}
	s.Pictures[inputLink], s.Pictures[outputLink] = pictureOf(5), pictureOf(6)
	photoroom, err := policy.Open("photoroom")
	require.NoError(t, err)
	secrets := func(context.Context) ([]string, error) { return []string{"a secret of thirty-two bytes, or so"}, nil }
	sessions := access.StaffSessions{Secrets: secrets}
	pages := console.Console{
		Sessions: sessions, Store: s.Store, Reviewer: s.Reviewer(), Published: photoroom, Links: links{}, Now: func() time.Time { return s.Now },
	}.Handler()
	mux := http.NewServeMux()
	mux.Handle("/", pages)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	mux.HandleFunc("GET /pictures/{key...}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "image/png")
		picture := s.Pictures[outputLink]
		if strings.Contains(r.PathValue("key"), "input") {
			picture = s.Pictures[inputLink]
		}
		_, _ = w.Write(picture)
	})
	mux.HandleFunc("GET /enter", func(w http.ResponseWriter, r *http.Request) {
		token, _, err := sessions.Open(r.Context(), access.StaffSession{Name: r.FormValue("as"), Roles: access.StaffRoles()}, s.Now)
		assert.NoError(t, err)
		http.SetCookie(w, &http.Cookie{Name: console.SessionCookie, Value: token, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode})
		http.Redirect(w, r, "/console", http.StatusSeeOther)
	})
	served := httptest.NewServer(mux)
	t.Cleanup(served.Close)
	s.base = served.URL
	for range waiting {
		s.cases = append(s.cases, s.reports(t))
	}
	return s
}

// reports opens the case of a picture with six fingers.
func (s *staffed) reports(t *testing.T) refund.CaseID {
	t.Helper()
	s.Grants("alice", 40)
	came := s.Success(0)
	came.Outputs, came.InputURL = []generation.Output{{URL: outputLink, MediaType: "image/png"}}, inputLink
	picture := s.StartsUnder("alice", 1, s.Key())
	s.Settles(picture, came)
	s.Pass(time.Minute)
	opened, err := refund.Reporter{Store: s.Store, Assessments: s.World}.File(t.Context(), refund.Report{
		Generation: picture, Statement: refund.Statement{Description: "The hand has six fingers, and my ring is gone.", Issue: policy.IssueDistortion},
		Principal: "app", Key: s.Key(), Actor: ledger.ActorApp,
	}, s.Now)
	require.NoError(t, err)
	s.Deliver()
	return opened.Case
}

// keeps writes what a page shows into the folder that SCREENSHOTS names, if any.
func keeps(t *testing.T, page *browsertest.Page, name string) {
	t.Helper()
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		require.NoError(t, os.WriteFile(filepath.Join(folder, name+".png"), page.Screenshot(), 0o600))
	}
}

func TestCasesAreDecidedByTheKeyboardAlone(t *testing.T) {
	s := staff(t, 3)
	page := browser.Page(t)
	page.Open(s.base + "/enter?as=ann")
	page.Sees("h1", "Review queue")
	page.Axe()
	keeps(t, page, "queue")
	page.Load(func() { page.Press("n") })
	page.Sees("h1", "Bad result")
	page.Axe()
	keeps(t, page, "case")

	// Both pictures move as one, and cover each other.
	page.Press("+", "+")
	page.Holds("both are enlarged alike", `new Set([...document.querySelectorAll("figure:not(.difference) img")].map(i => i.style.transform)).size === 1 &&
		document.querySelector("figure img").style.transform.includes("scale(2.25)")`)
	page.Press("0", "f")
	page.Holds("one picture covers the other", `document.querySelectorAll("figure.front").length === 1`)
	page.Press("f", "v")
	page.Holds("the difference is there", `document.querySelector(".difference").getClientRects().length > 0`)
	page.Press("v")

	// A key per case; what is typed into the note is no key.
	page.Press("o")
	page.Type("add six fingers")
	page.Press("Escape")
	page.Load(func() { page.Press("a") })
	page.Sees("h1", "Bad result")
	page.Load(func() { page.Press("d") })
	page.Load(func() { page.Press("a") })
	page.Sees(".empty", "Nothing waits")
	for n, outcome := range []policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined, policy.OutcomeApproved} {
		ruling := s.CaseOf(s.cases[n]).Ruling
		require.NotNil(t, ruling)
		assert.Equal(t, []any{outcome, "ann"}, []any{ruling.Outcome, ruling.By})
	}
	assert.Equal(t, "add six fingers", s.CaseOf(s.cases[0]).Ruling.Note)
}

func TestTheReviewQueueFitsAPhoneAndTheNight(t *testing.T) {
	s := staff(t, 2)
	for name, how := range map[string][]browsertest.Setting{
		"narrow": {browsertest.Width(320)}, "dark": {browsertest.Dark()}, "wide": {browsertest.Width(1920), browsertest.Dark()},
	} {
		page := browser.Page(t, how...)
		page.Open(s.base + "/enter?as=ann")
		page.Fits()
		page.Axe()
		keeps(t, page, "queue-"+name)
		page.Open(s.base + "/console/cases/" + string(s.cases[0]))
		page.Sees("h1", "Bad result")
		page.Fits()
		page.Axe()
		keeps(t, page, "case-"+name)
	}
}

func TestTwoOfStaffOnOneCaseLoseNoWordAndASessionThatEndsLosesNone(t *testing.T) {
	s := staff(t, 2)
	ann, bob := browser.Page(t), browser.Page(t)
	path := "/console/cases/" + string(s.cases[0])
	for name, page := range map[string]*browsertest.Page{"ann": ann, "bob": bob} {
		page.Open(s.base + "/enter?as=" + name)
		page.Open(s.base + path)
	}
	ann.Load(func() { ann.Press("a") })
	bob.Press("o")
	bob.Type("I count five")
	bob.Press("Escape")
	bob.Forgive("status of 409")
	bob.Load(func() { bob.Press("d") })
	bob.Sees(".problem", "Not done.")
	bob.Sees("main", "I count five")

	bob.Open(s.base + "/console/cases/" + string(s.cases[1]))
	bob.Press("o")
	bob.Type("a long night")
	bob.Press("Escape")
	bob.DropCookies()
	bob.Forgive("status of 401")
	bob.Load(func() { bob.Press("d") })
	bob.Sees("h1", "Your session has ended")
	bob.Axe()
	assert.Equal(t, "a long night", browsertest.Value[string](bob, `document.querySelector("[name=note]").value`))
}

func TestACaseIsDecidedWithoutScript(t *testing.T) {
	s := staff(t, 1)
	page := browser.Page(t, browsertest.WithoutScript())
	page.Open(s.base + "/enter?as=ann")
	page.Load(func() { page.Click(".head .button") })
	page.Sees("h1", "Bad result")
	page.Load(func() { page.Click("button[value=declined]") })
	page.Sees(".empty", "Nothing waits")
}

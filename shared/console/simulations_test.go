package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/access"
	"makegood/shared/console"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/storetest"
)

// tight is photoroom's file with half of its window.
func tight(t *testing.T) string {
	t.Helper()
	source, err := os.ReadFile("../policy/published/photoroom/2026-01-01.yaml")
	require.NoError(t, err)
	text := strings.ReplaceAll(string(source), "revision: 2026-01-01", "revision: 2026-12-01")
	require.Contains(t, text, "report: 24h")
	return strings.ReplaceAll(text, "report: 24h", "report: 12h")
}

// late opens the case of a picture of the customer's that was reported so long after it came.
func (o office) late(customer ledger.CustomerID, after time.Duration) refund.CaseID {
	o.t.Helper()
	o.Grants(customer, 4)
	came := o.Success(0)
	came.Outputs = []generation.Output{{URL: "https://images.example/hand.png", MediaType: "image/png"}}
	picture := o.StartsUnder(customer, 1, o.Key())
	o.Settles(picture, came)
	o.Pass(after)
	opened, err := o.Reporter().File(o.t.Context(), refund.Report{
		Generation: picture, Statement: refund.Statement{Description: "six fingers", Issue: policy.IssueDistortion},
		Principal: "app", Key: o.Key(), Actor: ledger.ActorApp,
	}, o.Now)
	require.NoError(o.t, err)
	o.Deliver()
	return opened.Case
}

var flipped = regexp.MustCompile(`<tr><td><a href="/console/cases/(cas_[^"]+)">bad result</a>`)

func TestADraftThatTightensTheWindowShowsExactlyTheCasesThatFlip(t *testing.T) {
	o := opens(t, access.StaffRoleAdmin)
	var flips []string
	for n, after := range []time.Duration{time.Hour, 13 * time.Hour, 11*time.Hour + 59*time.Minute, 20 * time.Hour, 30 * time.Hour, 23 * time.Hour} {
		id := o.late(ledger.CustomerID(fmt.Sprint("customer-", n)), after)
		if after > 12*time.Hour && after <= 24*time.Hour {
			flips = append(flips, string(id))
		}
	}
	o = o.as("ann", access.StaffRoleAdmin)
	assert.Contains(t, o.reads("/console/simulations"), "a policy file")
	begun := o.posts("/console/simulations", url.Values{"draft": {strings.ReplaceAll(tight(t), "\n", "\r\n")}})
	require.Equal(t, http.StatusSeeOther, begun.Code, begun.Body)
	text := o.reads(begun.Header().Get("Location"))
	assert.Contains(t, text, "Every recorded verdict is reproduced exactly: 6 of 6.")
	assert.Contains(t, text, "6 cases. The draft would answer 3 otherwise, 3 with another outcome.")
	var listed []string
	for _, match := range flipped.FindAllStringSubmatch(text, -1) {
		listed = append(listed, match[1])
	}
	assert.ElementsMatch(t, flips, listed)
	assert.Contains(t, text, "Now declined: all")
	assert.Contains(t, text, "makegood policy publish")
	assert.NotContains(t, text, "Go on")
}

// slow is a store in which every page of a list takes as long as a simulation may.
type slow struct {
	console.Store
	world *storetest.World
	fails bool
}

func (s *slow) ListDecided(ctx context.Context, cursor string, limit int) ([]refund.Case, string, error) {
	if s.fails {
		return nil, "", fault.Busy(assert.AnError)
	}
	s.world.Pass(5 * time.Second)
	return s.Store.ListDecided(ctx, cursor, min(limit, 2))
}

func TestASimulationGoesOnWhereItEndedWhoeverGoesOnWithIt(t *testing.T) {
	o := opens(t)
	for n := range 5 {
		id := o.late(ledger.CustomerID(fmt.Sprint("customer-", n)), 13*time.Hour)
		if n == 3 {
			o.Rules(id, policy.OutcomeApproved)
			o.Deliver()
		}
	}
	photoroom, err := policy.Open("photoroom")
	require.NoError(t, err)
	c := consoleOf(o.World, photoroom)
	store := &slow{Store: c.Store, world: o.World}
	c.Store = store
	o.handler = c.Handler()
	o = o.as("ann", access.StaffRoleAdmin)
	begun := o.posts("/console/simulations", url.Values{"draft": {tight(t)}})
	require.Equal(t, http.StatusSeeOther, begun.Code, begun.Body)
	path := begun.Header().Get("Location")
	assert.Contains(t, o.reads(path), "2 cases read so far.")
	store.fails = true
	refused := o.posts(path, nil)
	assert.Equal(t, http.StatusServiceUnavailable, refused.Code)
	assert.Contains(t, refused.Body.String(), "2 cases read so far.")
	assert.NotContains(t, refused.Body.String(), "data-press", "no page presses again what failed")
	store.fails = false
	o = o.as("bob", access.StaffRoleAdmin)
	for range 3 {
		require.Equal(t, http.StatusSeeOther, o.posts(path, nil).Code)
	}
	text := o.reads(path)
	assert.Contains(t, text, "4 cases. The draft would answer 4 otherwise")
	assert.Contains(t, text, "-4 credits", "what a person gave, and the rules would not")
	assert.Contains(t, text, "Begun by ann")
	assert.Contains(t, text, "customer-3", "the customers have their own names")
}

func TestASimulationWhoseVerdictsAreNotMadeAgainSaysSoFirstAndPublishesNothing(t *testing.T) {
	o := opens(t)
	o.late("alice", 13*time.Hour)
	photoroom, err := policy.Open("photoroom")
	require.NoError(t, err)
	c := consoleOf(o.World, photoroom)
	bucket := kept{}
	c.Drafts = bucket
	o.handler = c.Handler()
	o = o.as("ann", access.StaffRoleAdmin)
	path := o.posts("/console/simulations", url.Values{"draft": {tight(t)}}).Header().Get("Location")
	for key, text := range bucket {
		var at map[string]any
		require.NoError(t, json.Unmarshal(text, &at))
		at["run"].(map[string]any)["check"] = map[string]any{"verdicts": 2, "same": 1, "failing": []any{map[string]any{"case": "cas_<b>", "verdict": 1, "why": "differs"}}}
		bucket[key], err = json.Marshal(at)
		require.NoError(t, err)
	}
	text := o.reads(path)
	alarm := strings.Index(text, `role="alert"`)
	assert.Less(t, alarm, strings.Index(text, "What the rules decided"))
	assert.Positive(t, alarm)
	assert.Contains(t, text, "1 of 2 come out otherwise")
	assert.Contains(t, text, "the draft must not be published from this")
	assert.NotContains(t, text, "--receipt")
	assert.NotContains(t, text, "cas_<b>")
}

// uploads sends a form with files, as a page of ours does: a file without a name is none.
func (o office) uploads(path string, fields url.Values, name, text string) *httptest.ResponseRecorder {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for field, words := range fields {
		require.NoError(o.t, form.WriteField(field, words[0]))
	}
	file, err := form.CreateFormFile("draft", name)
	require.NoError(o.t, err)
	_, err = file.Write([]byte(text))
	require.NoError(o.t, err)
	require.NoError(o.t, form.Close())
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return o.sends(r)
}

func TestADraftMayComeAsAFile(t *testing.T) {
	o := opens(t)
	o.late("alice", 13*time.Hour)
	o = o.as("ann", access.StaffRoleAdmin)
	for _, sent := range []struct{ typed, name, file string }{{"", "draft.yaml", tight(t)}, {"what was refused before", "draft.yaml", tight(t)}, {tight(t), "", ""}} {
		begun := o.uploads("/console/simulations", url.Values{"draft": {sent.typed}, "from": {""}}, sent.name, sent.file)
		require.Equal(t, http.StatusSeeOther, begun.Code, begun.Body)
		text := o.reads(begun.Header().Get("Location"))
		assert.Contains(t, text, "1 case. The draft would answer 1 otherwise, 1 with another outcome.")
		assert.Contains(t, text, "1 of 1 case")
	}
	refused := o.uploads("/console/simulations", url.Values{"draft": {""}}, "draft.yaml", hostile)
	assert.Equal(t, http.StatusBadRequest, refused.Code)
	assert.Contains(t, refused.Body.String(), html.EscapeString(hostile), "it is kept, as if it had been typed")
	assert.NotContains(t, refused.Body.String(), "<script>alert")
	assert.Equal(t, http.StatusRequestEntityTooLarge, o.uploads("/console/simulations", nil, "draft.yaml", strings.Repeat("x", 70_000)).Code)
	ended := o.as("nobody").uploads("/console/simulations", nil, "draft.yaml", "revision: 2026-12-01")
	assert.Contains(t, ended.Body.String(), "revision: 2026-12-01</textarea>", "nothing is lost by a session that ended")
}

func TestADraftThatDoesNotHoldIsRefusedWhereItIsWrongAndKept(t *testing.T) {
	o := opens(t, access.StaffRoleAdmin)
	bad := strings.ReplaceAll(tight(t), "report: 12h", "report: half a day")
	refused := o.posts("/console/simulations", url.Values{"draft": {bad}})
	assert.Equal(t, http.StatusBadRequest, refused.Code)
	assert.Contains(t, refused.Body.String(), "half a day")
	assert.Contains(t, refused.Body.String(), "windows.report")
	for _, form := range []url.Values{
		{"draft": {""}}, {"draft": {hostile}}, {"draft": {tight(t)}, "from": {"yesterday"}}, {"draft": {tight(t)}, "from": {"2026-03-02"}, "to": {"2026-03-01"}},
	} {
		answer := o.posts("/console/simulations", form)
		assert.Equal(t, http.StatusBadRequest, answer.Code, form)
		assert.NotContains(t, answer.Body.String(), "<script>alert")
	}
	assert.Equal(t, http.StatusRequestEntityTooLarge, o.posts("/console/simulations", url.Values{"draft": {strings.Repeat("x", 70_000)}}).Code)
	for _, path := range []string{"/console/simulations/AAAA", "/console/simulations/" + strings.Repeat("A", 26)} {
		assert.Equal(t, http.StatusNotFound, o.gets(path).Code, path)
	}
	reviewer := o.as("bob", access.StaffRoleReviewer)
	assert.Equal(t, http.StatusForbidden, reviewer.gets("/console/simulations").Code)
	assert.NotContains(t, reviewer.reads("/console/cases"), "/console/simulations")
}

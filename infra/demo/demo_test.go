package demo

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// stand is the smallest service that the story can be played against; its fields are the ways in
// which it can be wrong.
type stand struct {
	mu          sync.Mutex
	entries     []entry
	generations map[string]*generation
	reports     map[string]string // state by case
	policy      string            // "": own
	hideLine    bool              // the statement lacks a line
	forget      bool              // a failure is never settled
	noClause    bool              // a verdict without a clause
	overcharge  bool              // a start holds more than the price
	twice       bool              // a second report is taken
	idle        bool              // staff's list stays empty
	underpaid   bool              // less comes back than the answer says
	deaf        bool              // a verdict leads nowhere
	owing       bool              // money that was promised is never paid
	coins       bool              // credits come back where money was promised
}

func (s *stand) move(from, to string, amount int64, cause, about string) {
	s.entries = append(s.entries, entry{
		ID: fmt.Sprint("ent_", len(s.entries)), At: time.Date(2026, 3, 1, 12, 0, len(s.entries), 0, time.UTC), Cause: cause, From: from, To: to,
		Amount: amount, Generation: about,
	})
}

func (s *stand) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	say := func(status int, body string) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	id, result := strings.CutSuffix(strings.TrimPrefix(path, "generations/"), "/result")
	switch {
	case path == "policy":
		say(200, `{"name":"`+cmp.Or(s.policy, "own")+`","revision":"2026-01-01","unit":{"name":"credits","scale":0},"packages":[{"name":"p","credits":100,
			"price":{"currency":"USD","minor":1050}}],"features":[{"name":"free","price":0},{"name":"draw","price":4}]}`)
	case path == "/webhooks/stripe":
		body, _ := io.ReadAll(r.Body)
		if !bytes.Contains(body, []byte(`"amount_subtotal":1050`)) || r.Header.Get("Stripe-Signature") == "" {
			say(400, "{}")
			return
		}
		s.move("issued", "available", 100, "purchase", "")
		say(200, "{}")
	case path == "generations":
		made := &generation{ID: fmt.Sprint("gen_", len(s.generations)), State: "held", Price: 4}
		s.generations[made.ID] = made
		s.move("available", "held", map[bool]int64{false: 4, true: 5}[s.overcharge], "hold", made.ID)
		text, _ := json.Marshal(made)
		say(201, string(text))
	case result:
		body, _ := io.ReadAll(r.Body)
		g := s.generations[id]
		if bytes.Contains(body, []byte("succeeded")) {
			g.State = "captured"
			s.move("held", "spent", 4, "capture", id)
		} else if !s.forget {
			g.State, g.Case = "released", "cas_1"
			s.move("held", "available", 4, "release", id)
		}
		say(202, `{"disposition":"queued"}`)
	case path == "cases/cas_1":
		clause := map[bool]string{false: "R1", true: ""}[s.noClause]
		say(200, `{"id":"cas_1","state":"approved","notice":"refunded","decision":{"outcome":"approved","clause":"`+clause+`","reason":"It failed."}}`)
	case path == "/_local/notices":
		say(200, `[{"type":"refund.decided","data":{"case":"cas_1","notice":"refunded","words":"4 credits are back."}},{"type":"refund.decided","data":{"case":"cas_of_gen_1","notice":"in_review","words":"Wait."}},
			{"type":"refund.decided","data":{"case":"cas_of_gen_1","notice":"refunded","words":"Sorry."}},{"type":"refund.decided","data":{"case":"cas_of_gen_2","notice":"in_review","words":"A person looks."}},
			{"type":"refund.decided","data":{"case":"cas_of_pi","notice":"refunded","words":"It is on its way."}}]`)
	case path == "sessions":
		say(201, `{"token":"hers"}`)
	case path == "reports", path == "refund-requests", path == "cases", strings.HasPrefix(path, "cases/cas_of_"):
		s.desk(path, r, say)
	case strings.HasSuffix(path, "/statement"):
		s.statement(w)
	case strings.HasPrefix(path, "customers/"):
		sum, _ := sums(s.entries)
		text, _ := json.Marshal(map[string]any{"balance": sum})
		say(200, string(text))
	default:
		text, _ := json.Marshal(s.generations[id])
		say(200, string(text))
	}
}

// claimed is the case of the claim.
const claimed = "cas_of_pi"

// desk takes reports and claims, lists them for staff, and takes verdicts: only the customer may
// report, only staff may list and decide.
func (s *stand) desk(path string, r *http.Request, say func(int, string)) {
	by := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	id, verdict := strings.CutSuffix(strings.TrimPrefix(path, "cases/"), "/verdict")
	shown := func(id string) string {
		notice, remedy, facts := "in_review", "", `"output":{"url":"https://x/a.png"}`
		if s.reports[id] == "approved" {
			notice, remedy = "refunded", `"remedy":{"credits":4},`
		}
		if id == claimed {
			facts = `"payment":{"repeats":["pi_first"]}`
		}
		if s.reports[id] == "closed" || s.reports[id] == "paying" {
			notice, remedy = "refunded", map[bool]string{false: `"remedy":{"money":{"currency":"USD","minor":1050}},`, true: `"remedy":{"credits":100},`}[s.coins]
		}
		return `{"id":"` + id + `","state":"` + s.reports[id] + `","notice":"` + notice + `","asked":{"description":"Six","claim":{"reason":"Twice"}},"facts":{` + facts + `},
			"decision":{` + remedy + `"outcome":"` + s.reports[id] + `","clause":"R8","reason":"Somebody looks."}}`
	}
	switch {
	case path == "reports" && by == "hers":
		var body struct {
			Generation string `json:"generation"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		id := "cas_of_" + body.Generation
		if s.reports[id] != "" && !s.twice {
			say(409, `{"code":"already_reported","case":"`+id+`"}`)
			return
		}
		s.reports[id] = "in_review"
		say(202, `{"case":"`+id+`","state":"received"}`)
	case path == "refund-requests" && by == "hers":
		s.reports[claimed] = "in_review"
		say(202, `{"case":"`+claimed+`","state":"received"}`)
	case path == "cases" && by == "staff" && s.idle:
		say(200, `{"cases":[]}`)
	case path == "cases" && by == "staff":
		say(200, `{"cases":[`+shown("cas_of_gen_1")+`,`+shown(claimed)+`]}`)
	case verdict && by == "staff" && id == claimed:
		s.reports[id] = map[bool]string{false: "closed", true: "paying"}[s.owing]
		s.move("available", "issued", 100, "clawback", "")
		say(200, `{"case":"`+id+`","state":"paying"}`)
	case verdict && by == "staff":
		if !s.deaf {
			s.reports[id] = "approved"
			s.move("spent", "available", map[bool]int64{false: 4, true: 3}[s.underpaid], "refund", strings.TrimPrefix(id, "cas_of_"))
		}
		say(200, `{"case":"`+id+`","state":"approved"}`)
	case s.reports[id] != "":
		say(200, shown(id))
	default:
		say(403, "{}")
	}
}

// statement gives the newest first, one line short where the stand is to be wrong.
func (s *stand) statement(w http.ResponseWriter) {
	var page struct {
		Entries []entry `json:"entries"`
	}
	for n := len(s.entries) - 1; n >= 0; n-- {
		page.Entries = append(page.Entries, s.entries[n])
	}
	if s.hideLine {
		page.Entries = page.Entries[:len(page.Entries)-1]
	}
	_ = json.NewEncoder(w).Encode(page)
}

func played(t *testing.T, s *stand) (string, error) {
	t.Helper()
	s.generations, s.reports = map[string]*generation{}, map[string]string{}
	server := httptest.NewServer(s)
	defer server.Close()
	var out bytes.Buffer
	err := Play(t.Context(), Client{BaseURL: server.URL, AdminURL: server.URL, AppKey: "k", OperatorKey: "staff", StripeSecret: "s", Out: &out}, os.DirFS("../../events"))
	return out.String(), err
}

func TestTheStoryIsPlayedToItsEnd(t *testing.T) {
	out, err := played(t, &stand{})
	require.NoError(t, err, out)
	assert.Contains(t, out, "Stripe's webhook: alice has paid 10.50 USD for p")
	assert.Contains(t, out, "approved by clause R1")
	assert.Contains(t, out, "alice is told: “4 credits are back.”")
	assert.Regexp(t, `(?m)^12:00:04\.000\s+4\s+held → spent\s+96\s+0\s+capture\s+gen_1$`, out)
	assert.Regexp(t, `alice reports the second: “The hand has six fingers”. \S+ later it is in review by clause R8: case cas_of_gen_1`, out)
	assert.Contains(t, out, "Staff read “Six”, look at a.png, count 0 generations, 0 other reports, 0 refunds in 30 days")
	assert.Regexp(t, `They note “Six fingers indeed”. \S+ later it is approved by clause R8: 4 credits back`, out)
	assert.Contains(t, out, "alice is told: “Sorry.”")
	assert.Contains(t, out, "alice reports the second again: already_reported, case cas_of_gen_1")
	assert.Contains(t, out, "The third generation starts in the batch editor: draw, 4 credits")
	assert.Regexp(t, `alice claims pi_\w+2: “You charged me twice”. \S+ later it is in review by clause R8: case cas_of_pi`, out)
	assert.Contains(t, out, "Staff read “Twice”, and see that the payment repeats pi_first")
	assert.Regexp(t, `They note “Twice within a minute”. \S+ later it is approved by clause R8: 10.50 USD back`, out)
	assert.Regexp(t, `Stripe pays 10.50 USD back and says so. \S+ later the case is closed`, out)
	assert.Contains(t, out, "alice is told: “It is on its way.”")
	assert.Contains(t, out, "The 10 lines sum to the balance: 96 credits available, 0 credits held, 0 credits owed.")
}

func TestWhatIsNotAsTheStoryWantsEndsIt(t *testing.T) {
	for says, s := range map[string]*stand{
		"the lines sum to":        {hideLine: true},
		"not within 5s":           {forget: true},
		"by a clause":             {noClause: true},
		"the balance is":          {overcharge: true},
		"wants \"declined G3.2\"": {policy: "goopter"},
		"409":                     {twice: true},
		"staff find":              {idle: true},
		"wants {Available:100":    {underpaid: true},
		"is answered":             {deaf: true},
		"cas_of_pi is answered":   {owing: true},
		"gives no money back":     {coins: true},
	} {
		t.Run(says, func(t *testing.T) {
			t.Parallel() // several wait for what never comes
			_, err := played(t, s)
			assert.ErrorContains(t, err, says)
		})
	}
}

func TestALineThatExplainsNothingIsAnError(t *testing.T) {
	good := entry{ID: "1", Cause: "grant", From: "issued", To: "available", Amount: 1}
	_, err := sums([]entry{good})
	require.NoError(t, err)
	for _, change := range []func(*entry){
		func(e *entry) { e.Amount = 0 }, func(e *entry) { e.Amount = -1 }, func(e *entry) { e.Cause = "" },
		func(e *entry) { e.To = e.From }, func(e *entry) { e.From = "" },
	} {
		bad := good
		change(&bad)
		_, err := sums([]entry{bad})
		assert.Error(t, err)
	}
	_, err = sums([]entry{good, good})
	assert.ErrorContains(t, err, "twice")
	owed, err := sums([]entry{{ID: "2", Cause: "shortfall", From: "owed", To: "issued", Amount: 3}})
	require.NoError(t, err)
	assert.Equal(t, balance{Owed: 3}, owed)
}

func TestAmountsAreWrittenInThePolicysUnit(t *testing.T) {
	p := player{}
	p.policy.Unit.Name, p.policy.Unit.Scale = "credits", 2
	assert.Equal(t, "-2.50 credits", p.amount(-250))
	assert.Equal(t, "cas_…abcdef", short("cas_0123456789abcdef"))
	assert.Equal(t, "gen_1", short("gen_1"))
	assert.Equal(t, "plain", short("plain"))
}

func TestAStoryWithAnUnknownStepIsRefused(t *testing.T) {
	_, err := load(fstest.MapFS{"s.json": {Data: []byte(`{"steps":[{"do":"dance"}]}`)}}, "s.json")
	assert.ErrorContains(t, err, `"dance" is not a kind of step`)
}

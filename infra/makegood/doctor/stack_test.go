package doctor_test

import (
	"cmp"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/infra/makegood/doctor"
	"makegood/infra/makegood/stack"
	"makegood/shared/policy"
)

// door is a stack's HTTP API of which all is well, but for what a test plants.
type door struct {
	stuck, parked, cases []object
	ahead                time.Duration // its clock
	most                 time.Duration // how long an answer may take; 0: an hour
}

func (d door) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	w.Header().Set("Date", time.Now().Add(d.ahead).UTC().Format(http.TimeFormat))
	list := func(all []object) []object { return append([]object{}, all...) }
	switch request.URL.Path {
	case "/v1/policy":
		published, err := policy.Open("photoroom")
		if err != nil {
			panic(err)
		}
		current := published.Current(now)
		say(w, object{"name": current.Name, "revision": current.Revision, "digest": current.Digest})
	case "/v1/stuck":
		say(w, object{"stuck": list(d.stuck)})
	case "/v1/payments":
		say(w, object{"payments": list(d.parked)})
	case "/v1/cases":
		say(w, object{"cases": list(d.cases)})
	default:
		http.NotFound(w, request)
	}
}

// look returns what the doctor says by the door that is not ok.
func (d door) look(t *testing.T) (bad []doctor.Line) {
	t.Helper()
	server := httptest.NewServer(d)
	t.Cleanup(server.Close)
	client, err := stack.Open(server.URL, "mk_test")
	require.NoError(t, err)
	looks := doctor.Door{Client: client, Now: now, AnswerMost: cmp.Or(d.most, time.Hour), HTTP: http.DefaultClient, HowToAsk: "STRIPE_KEY"}.Looks()
	doctor.Run(t.Context(), looks, func(string) {}, func(line doctor.Line) {
		if line.State != doctor.StateOK {
			bad = append(bad, line)
		}
	})
	return bad
}

// nobody is the line where no provider can be asked: no failure.
var nobody = doctor.Line{Look: "ledger", State: doctor.StateUnknown, Finding: "no provider can be asked: set STRIPE_KEY"}

func TestTheDoorOfAStackThatIsWell(t *testing.T) {
	due := object{"id": "cas_1", "review_by": now.Add(time.Hour)}
	require.Equal(t, []doctor.Line{nobody}, door{cases: []object{due}}.look(t))
}

func TestEachThingThatWaitsForAPersonIsALine(t *testing.T) {
	late := object{"id": "cas_1", "review_by": now.Add(-time.Hour)}
	for name, c := range map[string]struct {
		planted door
		finding string
		next    string
	}{
		"stack":   {door{most: time.Nanosecond}, "it took 0.0 s to read its tables", "The API is slow"},
		"stuck":   {door{stuck: []object{{"kind": "case", "id": "cas_1", "stuck_at": now}}}, "1 item given up after twelve attempts (1 case), the longest since 2026-03-01T12:00:00Z", "makegood stuck"},
		"parked":  {door{parked: []object{{"id": "pi_1", "waits": "wrong_price"}}}, "1 payment waits for staff (1 wrong_price), pi_1 first", "state=parked"},
		"reviews": {door{cases: []object{late}}, "1 case waits past the instant promised to the customer, cas_1 since 2026-03-01T11:00:00Z", "state=in_review"},
		"clock":   {door{ahead: 4 * time.Minute}, "the stack's clock and this machine's are 4m", "timedatectl"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := c.planted.look(t)
			require.Len(t, bad, 2)
			require.Equal(t, []any{name, doctor.StateWrong}, []any{bad[0].Look, bad[0].State})
			require.True(t, strings.HasPrefix(bad[0].Finding, c.finding), bad[0].Finding)
			require.Contains(t, bad[0].Next, c.next)
			require.Equal(t, nobody, bad[1])
		})
	}
}

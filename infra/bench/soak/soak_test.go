package soak

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
)

func TestEachKindComesAsOftenAsItWeighs(t *testing.T) {
	counts := map[string]int{}
	for n := range totalWeight {
		counts[draw(n).name]++
	}
	for _, one := range kinds {
		assert.Equal(t, one.weight, counts[one.name], one.name)
	}
}

func TestAFunctionThatGrowsFailsTheRun(t *testing.T) {
	looks := func(first, last float64) []look {
		var all []look
		for n := range 40 {
			all = append(all, look{1 + n%3, first + (last-first)*float64(n)/40})
		}
		return all
	}
	var w bytes.Buffer
	require.NoError(t, writeMemory(&w, map[string][]look{"flat": looks(20e6, 21e6), "small": looks(2e6, 4e6), "short": looks(1, 1)[:3]}))
	err := writeMemory(&w, map[string][]look{"flat": looks(20e6, 21e6), "leaks": looks(20e6, 60e6)})
	require.ErrorIs(t, err, errMemoryGrows)
	require.ErrorContains(t, err, "leaks")
	assert.Contains(t, w.String(), "| flat | 3 | 20.2 | 20.9 | 1.03 |")
}

func TestALatencyCountsByKindAndAFailureByItself(t *testing.T) {
	l := &load{meter: newLatencies()}
	for range 99 {
		l.meter.note("hold", 10*time.Millisecond, nil)
	}
	l.meter.note("hold", time.Second, nil)
	l.meter.note("hold", time.Hour, errors.New("refused"))
	var w bytes.Buffer
	l.write(&w, Options{time.Minute, 20})
	assert.Contains(t, w.String(), "| hold | 100 | 1 | 10 | 10 | 1000 | 1000 |")
}

// bank answers a balance, and a statement of two pages.
func bank(t *testing.T, balance, first, second string) *load {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/v1/customers/ann":
			fmt.Fprintf(w, `{"balance":%s}`, balance)
		case r.URL.Query().Get("cursor") == "":
			fmt.Fprintf(w, `{"entries":[%s],"next":"2"}`, first)
		default:
			fmt.Fprintf(w, `{"entries":[%s]}`, second)
		}
	}))
	t.Cleanup(server.Close)
	opened, err := policy.Open("photoroom")
	require.NoError(t, err)
	return newLoad(server.URL, opened.Current(time.Now()))
}

func TestAStatementThatDoesNotSumFailsTheRun(t *testing.T) {
	const grant, hold, capture = `{"from":"issued","to":"available","amount":100}`, `{"from":"available","to":"held","amount":4}`, `{"from":"held","to":"spent","amount":4}`
	for name, c := range map[string]struct{ balance, first, second, problem string }{
		"it sums":                {`{"available":96}`, hold + "," + capture, grant, ""},
		"a line is missing":      {`{"available":96}`, hold, grant, "the lines make"},
		"the balance is another": {`{"available":95}`, hold + "," + capture, grant, "the lines make"},
		"credits are held":       {`{"available":96,"held":4}`, hold, grant, "still held"},
		"granted twice":          {`{"available":200}`, grant, grant, "was granted 200"},
	} {
		lines, err := bank(t, c.balance, c.first, c.second).checkBuyer(t.Context(), "ann")
		if c.problem == "" {
			require.NoError(t, err, name)
			assert.Equal(t, 3, lines)
			continue
		}
		require.ErrorContains(t, err, c.problem, name)
	}
}

func TestABusyAnswerIsRequestedAgainUnderTheSameKey(t *testing.T) {
	var keys []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if keys = append(keys, r.Header.Get("Idempotency-Key")); len(keys) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write([]byte(`{}`))
	}))
	defer server.Close()
	l := newLoad(server.URL, policy.Revision{})
	require.NoError(t, l.read(t.Context(), "key", "/", nil))
	assert.Equal(t, []string{keys[0], keys[0], keys[0]}, keys)
	assert.EqualValues(t, 2, l.meter.busy.Load())
	var refused *unwanted
	require.ErrorAs(t, l.ask(t.Context(), request{path: "/", want: http.StatusTeapot}, nil), &refused)
}

package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/simulation"
)

// halfWindow writes a draft of photoroom's with half of its window, and returns its name.
func halfWindow(t *testing.T) string {
	t.Helper()
	text := read(t, "../../shared/policy/published/photoroom/2026-01-01.yaml")
	text = strings.Replace(strings.Replace(text, "revision: 2026-01-01", "revision: 2026-12-01", 1), "report: 24h", "report: 12h", 1)
	name := filepath.Join(t.TempDir(), "draft.yaml")
	require.NoError(t, os.WriteFile(name, []byte(text), 0o600))
	return name
}

// refundedCase is a case of a customer's whose bad result was refunded by the rules, so long after
// it was made.
func refundedCase(t *testing.T, r *running, customer ledger.CustomerID, age time.Duration, at time.Time) refund.Case {
	t.Helper()
	p, err := policy.Open("photoroom")
	require.NoError(t, err)
	d, err := policy.Decide(p.At(at), policy.Facts{
		Policy: "photoroom", Kind: policy.KindBadResult, RequestedAt: at, Report: &policy.ReportFacts{},
		Evidence: &policy.EvidenceFacts{Verdict: policy.VerdictUnusable},
		Generation: &policy.GenerationFacts{
			ID: "gen_1", Feature: "recolor", Platform: policy.PlatformWeb, Status: generation.StatusSucceeded, FinishedAt: at.Add(-age), Price: 4,
		},
	})
	require.NoError(t, err)
	id := refund.NewCaseID(customer.Key(), policy.KindBadResult, strconv.Itoa(len(r.decided)))
	c := refund.Case{ID: id, Kind: policy.KindBadResult, OpenedAt: at, Decision: &d}
	r.decided = append(r.decided, c)
	r.cases[string(id)] = api.Case{ID: string(id), Customer: string(customer)}
	return c
}

func TestADraftIsSimulatedOnWhatARunningStackDecided(t *testing.T) {
	r, draft := runs(t), halfWindow(t)
	t.Chdir(t.TempDir())
	refundedCase(t, r, "alice", time.Hour, march)
	flips := refundedCase(t, r, "alice", 20*time.Hour, march)
	refundedCase(t, r, "bob", 20*time.Hour, march.AddDate(0, 0, -1))
	r.decided = append(r.decided, decidedCase(t, "cas_ruled", march))

	got := call("", "policy", "simulate", draft)
	require.Equal(t, exitDone, got.code, got.err)
	assert.Contains(t, got.out, "photoroom, revision 2026-12-01, sha256:")
	assert.Contains(t, got.out, ": 4 cases\n5 of 5 recorded verdicts are made again with the same bytes\n")
	assert.Contains(t, got.out, "The rules decided 3 cases; 2 of them would be answered otherwise, 2 with another outcome\n"+
		"given 12 credits; under the draft 4 credits; difference -8 credits\n"+
		"  approved R2  -> declined R7  2 cases  -8 credits\n"+
		"Most affected, in credits\n")
	assert.Contains(t, got.out, "  alice  -4 credits  1 cases  "+string(flips.ID)+"\n")
	assert.Contains(t, got.out, "  bob    -4 credits  1 cases  ")
	assert.Contains(t, got.out, "Now declined\n")
	assert.Contains(t, got.out, string(flips.ID)+` bad_result: approved by R2 4 credits "This result is clearly unusable, so we've refunded your 4 AI credits.", now declined by R7 "`)
	assert.Contains(t, got.out, "A person's verdict stands in 1 cases; 0 of them the rules would answer otherwise, 0 with another outcome\n")
	assert.NoFileExists(t, "makegood-simulate.json")

	var result simulation.Result
	got = call("", "policy", "simulate", "--since", "2026-03-01", "--until", "2026-03-01", "--json", draft)
	require.Equal(t, exitDone, got.code, got.err)
	require.NoError(t, json.Unmarshal([]byte(got.out), &result))
	assert.Equal(t, []int{3, 5, 1}, []int{result.Cases, result.Check.Verdicts, result.Rules.Flipped})
	require.Len(t, result.Rules.Customers, 1)
	assert.Equal(t, "alice", result.Rules.Customers[0].Customers[0].Customer)
	assert.Contains(t, call("", "policy", "simulate", "--since", "2026-03-01", "--until", "2026-03-01", draft).out, " since 2026-03-01 until 2026-03-01\n")
}

func TestASimulationThatWasInterruptedGoesOnToTheSameResult(t *testing.T) {
	r, draft := runs(t), halfWindow(t)
	t.Chdir(t.TempDir())
	for n := range 7 {
		refundedCase(t, r, ledger.CustomerID("customer"+strconv.Itoa(n)), time.Duration(6*n)*time.Hour, march)
	}
	whole := call("", "policy", "simulate", "--json", draft)
	require.Equal(t, exitDone, whole.code, whole.err)

	r.breaks = "4"
	got := call("", "policy", "simulate", "--json", draft)
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "what was read is kept in makegood-simulate.json, run it again to go on")
	r.breaks = ""
	assert.Equal(t, exitUndone, call("", "policy", "simulate", "--since", "2026-01-01", draft).code, "it is of another span")
	r.calls = nil
	got = call("", "policy", "simulate", "--json", draft)
	assert.Equal(t, exitDone, got.code, got.err)
	assert.Contains(t, got.err, "going on from makegood-simulate.json: 4 cases read\n")
	assert.Equal(t, whole.out, got.out)
	assert.NotContains(t, r.calls, "GET /v1/verdicts")
	assert.NoFileExists(t, "makegood-simulate.json")

	require.NoError(t, os.WriteFile("makegood-simulate.json", []byte("nonsense"), 0o600))
	assert.Contains(t, call("", "policy", "simulate", draft).err, "makegood-simulate.json is not a cursor")
}

func TestADraftIsNotPublishedWhereARecordedVerdictIsNotMadeAgain(t *testing.T) {
	r, draft := runs(t), halfWindow(t)
	t.Chdir(t.TempDir())
	require.NoError(t, os.MkdirAll("published/photoroom", 0o750))
	require.NoError(t, os.WriteFile("published/photoroom/2026-01-01.yaml", nil, 0o600))
	refundedCase(t, r, "alice", time.Hour, march)
	simulate := func() result { return call("", "policy", "simulate", "--receipt", "receipt.json", draft) }
	publish := func(args ...string) result {
		return call("", append([]string{"policy", "publish", "--into", "published", "--receipt", "receipt.json"}, args...)...)
	}
	require.Equal(t, exitDone, simulate().code)
	require.FileExists(t, "receipt.json")

	tampered := refundedCase(t, r, "bob", time.Hour, march)
	tampered.Decision.Remedy = policy.InCredits(40)
	got := simulate()
	assert.Equal(t, exitMismatch, got.code)
	assert.Contains(t, got.err, string(tampered.ID)+" verdict 1 is not made again: differs\n1 of 2 verdicts are not made again (makegood replay shows them): the draft must not be published from this\n")
	assert.NoFileExists(t, "receipt.json", "that of an earlier run is taken away")
	assert.Equal(t, exitMismatch, publish(draft).code)
	assert.NoFileExists(t, "published/photoroom/2026-12-01.yaml")

	r.decided = r.decided[:1]
	require.Equal(t, exitDone, simulate().code)
	got = publish(draft)
	assert.Equal(t, exitDone, got.code, got.err)
	assert.Contains(t, got.out, "published/photoroom/2026-12-01.yaml: published: photoroom, revision 2026-12-01, sha256:")
	assert.Equal(t, read(t, draft), read(t, "published/photoroom/2026-12-01.yaml"))
	assert.Equal(t, read(t, "receipt.json"), read(t, "published/photoroom/2026-12-01.receipt.json"))
	assert.Equal(t, exitDone, publish(draft).code, "it is published already")
	assert.Contains(t, publish("--json", draft).out, `"receipt": "published/photoroom/2026-12-01.receipt.json"`)

	// Another draft, even of one comment more, needs a simulation of its own.
	require.NoError(t, os.WriteFile(draft, []byte(read(t, draft)+"# one more\n"), 0o600))
	got = publish(draft)
	assert.Equal(t, exitMismatch, got.code)
	assert.Contains(t, got.err, "receipt.json: the receipt is of photoroom, revision 2026-12-01")
	require.Equal(t, exitDone, simulate().code)
	got = publish(draft)
	assert.Equal(t, exitUndone, got.code)
	assert.Contains(t, got.err, "is published with other words")
}

func TestTheFirstRevisionOfAPolicyNeedsNoReceipt(t *testing.T) {
	sketchbook := blocks(t)["yaml"]
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("draft.yaml", []byte(sketchbook), 0o600))
	assert.Equal(t, exitUndone, call("", "policy", "publish", "draft.yaml").code, "there is no project here")
	require.NoError(t, os.Mkdir("published", 0o750))
	got := call("", "policy", "publish", "--into", "published", "draft.yaml")
	assert.Equal(t, exitDone, got.code, got.err)
	assert.FileExists(t, "published/sketchbook/2026-11-01.yaml")
	assert.NoFileExists(t, "published/sketchbook/2026-11-01.receipt.json")
}

func TestASimulationSaysWhatIsWrongWithItsInput(t *testing.T) {
	r, draft := runs(t), halfWindow(t)
	t.Chdir(t.TempDir())
	for _, args := range [][]string{
		{}, {"--since", "march", draft}, {"--since", "2026-03-02", "--until", "2026-03-01", draft}, {"none.yaml"},
	} {
		assert.Equal(t, exitUndone, call("", append([]string{"policy", "simulate"}, args...)...).code, args)
	}
	require.NoError(t, os.WriteFile("bad.yaml", []byte("name: [\n"), 0o600))
	assert.Contains(t, call("", "policy", "simulate", "bad.yaml").err, "bad.yaml does not hold: makegood policy check bad.yaml says where")
	assert.Contains(t, call("", "policy", "publish", "--into", ".", "bad.yaml").err, "does not hold")
	r.away = "http://127.0.0.1:1"
	assert.Equal(t, exitUndone, call("", "policy", "simulate", draft).code)
}

package simulation_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/replay"
	"makegood/shared/simulation"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// draftOf returns a published file with parts of its text replaced, in pairs.
func draftOf(t require.TestingT, name, day string, changes ...string) policy.Revision {
	source, err := os.ReadFile("../policy/published/" + name + "/" + day + ".yaml")
	require.NoError(t, err)
	text := string(source)
	for i := 0; i < len(changes); i += 2 {
		require.Contains(t, text, changes[i])
		text = strings.ReplaceAll(text, changes[i], changes[i+1])
	}
	rev, err := policyfile.Parse("draft.yaml", []byte(text))
	require.NoError(t, err)
	return rev
}

// tight is photoroom with half of its window, read once: a story has many cases.
func tight(t require.TestingT) policy.Revision {
	halve.Do(func() {
		halved = draftOf(t, "photoroom", "2026-01-01", "revision: 2026-01-01", "revision: 2026-12-01", "report: 24h", "report: 12h")
	})
	return halved
}

var (
	halve  sync.Once
	halved policy.Revision
)

func published(t require.TestingT, name string) policy.Revision {
	p, err := policy.Open(name)
	require.NoError(t, err)
	return p.At(noon)
}

func of(draft policy.Revision) simulation.Simulator {
	return simulation.Simulator{Draft: draft, Open: policy.Open}
}

// kept returns a decision as a stack shows it.
func kept(d policy.Decision) replay.Kept { return replay.Kept{Decision: d, Basis: d.Basis} }

// bad returns the facts of a bad result of photoroom's, reported so long after it was made.
func bad(age time.Duration, price ledger.Credits, verdict policy.Verdict) policy.Facts {
	f := policy.Facts{
		Policy: "photoroom", Kind: policy.KindBadResult, RequestedAt: noon, Report: &policy.ReportFacts{Description: "six fingers"},
		Generation: &policy.GenerationFacts{
			ID: "gen_1", Feature: "recolor", Platform: policy.PlatformWeb, Status: generation.StatusSucceeded, FinishedAt: noon.Add(-age), Price: price,
		},
	}
	if verdict != policy.EvidenceNone {
		f.Evidence = &policy.EvidenceFacts{Verdict: verdict}
	}
	return f
}

func decide(t require.TestingT, rev policy.Revision, f policy.Facts) policy.Decision {
	d, err := policy.Decide(rev, f)
	require.NoError(t, err)
	return d
}

func rule(t require.TestingT, f policy.Facts, earlier policy.Decision, outcome policy.Outcome) policy.Decision {
	d, err := policy.Rule(published(t, f.Policy), f, earlier, policy.Ruling{Outcome: outcome}, noon.Add(time.Hour))
	require.NoError(t, err)
	return d
}

// simulate runs cases of alice's, each with its verdicts.
func simulate(s simulation.Simulator, cases ...[]policy.Decision) simulation.Run {
	run := s.Begin()
	for i, verdicts := range cases {
		c := simulation.Case{ID: fmt.Sprintf("cas_%d", i), Kind: policy.KindBadResult, Customer: "alice"}
		for _, d := range verdicts {
			c.Verdicts = append(c.Verdicts, kept(d))
		}
		s.Add(c, &run)
	}
	return run
}

// drawn is a case of photoroom's, with what the draft of 12 hours must make of it.
type drawn struct {
	simulation.Case
	flips  bool
	gave   ledger.Credits // what it was given
	person bool           // a person decided
}

func anyCase(t *rapid.T, n int) drawn {
	rev := published(t, "photoroom")
	age := time.Duration(rapid.Int64Range(0, 30*60).Draw(t, "minutes")) * time.Minute
	price := ledger.Credits(rapid.Int64Range(1, 20).Draw(t, "price"))
	f := bad(age, price, rapid.SampledFrom([]policy.Verdict{policy.VerdictUnusable, policy.VerdictUnsure, policy.EvidenceNone}).Draw(t, "verdict"))
	verdicts := []policy.Decision{decide(t, rev, f)}
	one := drawn{Case: simulation.Case{
		ID: fmt.Sprintf("cas_%03d", n), Kind: policy.KindBadResult, Customer: rapid.SampledFrom([]string{"alice", "bob", "carol"}).Draw(t, "customer"),
	}, flips: age > 12*time.Hour && age <= 24*time.Hour}
	if verdicts[0].Outcome == policy.OutcomeInReview && rapid.Bool().Draw(t, "ruled") {
		verdicts = append(verdicts, rule(t, f, verdicts[0], rapid.SampledFrom([]policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined}).Draw(t, "ruling")))
		one.person = true
	}
	for _, d := range verdicts {
		one.Verdicts = append(one.Verdicts, kept(d))
	}
	if remedy := verdicts[len(verdicts)-1].Remedy; remedy != nil {
		one.gave = remedy.Credits()
	}
	return one
}

func TestADraftOfTwelveHoursFlipsExactlyWhatWasAskedBetweenTheWindows(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := of(tight(t))
		run := s.Begin()
		var flips, lost, given [2]int
		for n := range rapid.IntRange(0, 15).Draw(t, "cases") {
			one := anyCase(t, n)
			s.Add(one.Case, &run)
			part := map[bool]int{true: 1}[one.person]
			given[part] += int(one.gave)
			if one.flips {
				flips[part]++
				lost[part] += int(one.gave)
			}
		}
		result := run.Result()
		require.True(t, result.Check.Sound(), "%v", result.Check.Failing)
		require.Empty(t, result.Undecidable)
		for i, part := range []simulation.Summary{result.Rules, result.People} {
			require.Equal(t, flips[i], part.Flipped)
			require.Equal(t, simulation.Amounts{Credits: ledger.Credits(given[i])}, part.Before)
			require.Equal(t, simulation.Amounts{Credits: ledger.Credits(given[i] - lost[i])}, part.Under)
			require.Equal(t, simulation.Amounts{Credits: ledger.Credits(-lost[i])}, part.Difference)
			var cases int
			var sum ledger.Credits
			for _, change := range part.Changes {
				require.Equal(t, simulation.Answer{Outcome: policy.OutcomeDeclined, Clause: "R7"}, change.To)
				cases, sum = cases+change.Cases, sum+change.Difference.Credits
			}
			require.Equal(t, flips[i], cases)
			require.Equal(t, part.Difference.Credits, sum)
			require.Len(t, part.Examples.Refused, min(10, flips[i]))
			require.Empty(t, part.Examples.Refunded)
			require.Empty(t, part.Examples.Review)
		}
	})
}

func TestARunThatWasSavedAndGoneOnWithInAnyOrderIsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := of(tight(t))
		var cases []simulation.Case
		for n := range rapid.IntRange(0, 12).Draw(t, "cases") {
			cases = append(cases, anyCase(t, n).Case)
		}
		whole := s.Begin()
		for _, c := range cases {
			s.Add(c, &whole)
		}
		inParts := s.Begin()
		for _, c := range rapid.Permutation(cases).Draw(t, "order") {
			if rapid.Bool().Draw(t, "interrupted") {
				text, err := json.Marshal(inParts)
				require.NoError(t, err)
				inParts = simulation.Run{}
				require.NoError(t, json.Unmarshal(text, &inParts))
			}
			s.Add(c, &inParts)
		}
		one, err := json.Marshal(whole.Result())
		require.NoError(t, err)
		other, err := json.Marshal(inParts.Result())
		require.NoError(t, err)
		require.Equal(t, string(one), string(other))
	})
}

func TestThePolicyInForceFlipsNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := of(published(t, "photoroom"))
		run := s.Begin()
		for n := range rapid.IntRange(0, 8).Draw(t, "cases") {
			s.Add(anyCase(t, n).Case, &run)
		}
		require.Empty(t, run.Result().Rules.Changes)
		require.Empty(t, run.Result().People.Changes)
	})
}

func TestAVerdictThatWasTamperedWithFailsTheCheckAndLeavesNoReceipt(t *testing.T) {
	rev := published(t, "photoroom")
	f := bad(time.Hour, 4, policy.VerdictUnusable)
	honest := decide(t, rev, f)
	receipt, sound := simulate(of(tight(t)), []policy.Decision{honest}).Receipt()
	require.True(t, sound)
	require.NoError(t, receipt.Covers(tight(t)))
	require.ErrorContains(t, receipt.Covers(rev), "the receipt is of photoroom, revision 2026-12-01")
	for why, tamper := range map[string]func(*policy.Decision){
		simulation.Differs:    func(d *policy.Decision) { d.Remedy = policy.InCredits(40) },
		simulation.NoFacts:    func(d *policy.Decision) { d.Basis = nil },
		simulation.NoRevision: func(d *policy.Decision) { d.Basis = &policy.Basis{Digest: "sha256:gone", Facts: honest.Basis.Facts} },
	} {
		other := honest
		tamper(&other)
		run := simulate(of(tight(t)), []policy.Decision{honest}, []policy.Decision{other})
		_, sound := run.Receipt()
		assert.False(t, sound, why)
		require.Len(t, run.Check.Failing, 1)
		assert.Equal(t, simulation.Failing{Place: replay.Place{Case: "cas_1", Verdict: 1}, Why: why}, run.Check.Failing[0])
	}
}

func TestVerdictsOutsideTheSpanAreCheckedAndNotSimulated(t *testing.T) {
	d := decide(t, published(t, "photoroom"), bad(20*time.Hour, 4, policy.VerdictUnusable))
	for name, span := range map[string][2]time.Time{
		"before it": {noon.Add(time.Millisecond), {}}, "after it": {{}, noon},
	} {
		s := of(tight(t))
		s.Since, s.Until = span[0], span[1]
		run := simulate(s, []policy.Decision{d})
		assert.Equal(t, 1, run.Check.Same, name)
		assert.Zero(t, run.Result().Cases, name)
	}
	s := of(tight(t))
	s.Since, s.Until = noon, noon.Add(time.Millisecond)
	assert.Equal(t, 1, simulate(s, []policy.Decision{d}).Result().Cases)
}

func TestWhatNobodyGatheredIsUndecidableAndNotGuessed(t *testing.T) {
	wide := draftOf(t, "photoroom", "2026-01-01", "report: 24h", "report: 48h")
	rev := published(t, "photoroom")
	late := decide(t, rev, bad(30*time.Hour, 4, policy.EvidenceNone))
	require.Equal(t, "R7", late.Clause, "nobody looked: it was too late anyway")
	other := decide(t, published(t, "goopter"), policy.Facts{
		Policy: "goopter", Kind: policy.KindNotCredited, RequestedAt: noon,
		Purchase: &policy.PurchaseFacts{ID: "pi_1", PaidAt: noon, Amount: money.Amount{Currency: "USD", Minor: 500}, Credits: 50},
	})
	run := simulate(of(wide), []policy.Decision{late}, []policy.Decision{other}, []policy.Decision{decide(t, rev, bad(50*time.Hour, 4, policy.EvidenceNone))})
	assert.Equal(t, []simulation.Undecidable{{Field: "evidence", Cases: 1}, {Field: "policy", Cases: 1}}, run.Result().Undecidable)
	assert.Equal(t, 1, run.Result().Cases, "what is still too late needs no look")
	receipt, sound := run.Receipt()
	assert.True(t, sound)
	assert.Equal(t, 2, receipt.Undecidable)
}

func TestAPersonsVerdictStandsAndSaysWhatTheRulesWouldAnswer(t *testing.T) {
	rev := published(t, "photoroom")
	f := bad(20*time.Hour, 4, policy.VerdictUnsure)
	waits := decide(t, rev, f)
	approved := rule(t, f, waits, policy.OutcomeApproved)
	in := decide(t, rev, bad(time.Hour, 4, policy.VerdictUnsure))
	stays := rule(t, bad(time.Hour, 4, policy.VerdictUnsure), in, policy.OutcomeApproved)
	result := simulate(of(tight(t)), []policy.Decision{waits, approved}, []policy.Decision{in, stays}, []policy.Decision{waits}).Result()
	assert.Equal(t, 1, result.Rules.Cases, "the one that still waits")
	assert.Equal(t, 1, result.Rules.Flipped)
	assert.Equal(t, 2, result.People.Cases)
	require.Len(t, result.People.Changes, 1)
	change := result.People.Changes[0]
	assert.Equal(t, simulation.Answer{Outcome: policy.OutcomeInReview, Clause: "R8"}, change.From)
	assert.Equal(t, simulation.Answer{Outcome: policy.OutcomeDeclined, Clause: "R7"}, change.To)
	assert.Equal(t, simulation.Amounts{Credits: -4}, change.Difference)
	assert.Equal(t, simulation.Amounts{Credits: 8}, result.People.Before)
	assert.Equal(t, simulation.Amounts{Credits: 4}, result.People.Under)
}

func TestWhatTheRulesStillAnswerAsBeforeIsLeftToThePersonWhoOverturnedIt(t *testing.T) {
	rev := published(t, "photoroom")
	f := bad(30*time.Hour, 4, policy.EvidenceNone)
	declined := decide(t, rev, f)
	overturned := rule(t, f, declined, policy.OutcomeApproved)
	result := simulate(of(tight(t)), []policy.Decision{declined, policy.Appeal(rev, policy.KindBadResult, noon), overturned}).Result()
	assert.True(t, result.Check.Sound())
	assert.Empty(t, result.People.Changes)
	assert.Equal(t, simulation.Amounts{Credits: 4}, result.People.Before)
	assert.Equal(t, simulation.Amounts{Credits: 4}, result.People.Under)
}

func TestWhatTheRulesDecideAfterAPersonIsTheirs(t *testing.T) {
	f := bad(20*time.Hour, 4, policy.VerdictUnsure)
	waits := decide(t, published(t, "photoroom"), f)
	result := simulate(of(tight(t)), []policy.Decision{waits, rule(t, f, waits, policy.OutcomeApproved), waits}).Result()
	assert.Equal(t, []int{1, 0}, []int{result.Rules.Cases, result.People.Cases})
}

func TestWhoIsAffectedIsShownByTheSameCaseInAnyOrder(t *testing.T) {
	d := kept(decide(t, published(t, "photoroom"), bad(20*time.Hour, 4, policy.VerdictUnusable)))
	for _, order := range [][]string{{"cas_1", "cas_2"}, {"cas_2", "cas_1"}} {
		s := of(tight(t))
		run := s.Begin()
		for _, id := range order {
			s.Add(simulation.Case{ID: id, Customer: "alice", Verdicts: []replay.Kept{d}}, &run)
		}
		rankings := run.Result().Rules.Customers
		require.Len(t, rankings, 1)
		require.Equal(t, "cas_1", rankings[0].Customers[0].Case)
		require.Equal(t, 2, rankings[0].Customers[0].Cases)
	}
}

func TestAnAppealedRefusalIsTheRulesUntilAPersonAnswersIt(t *testing.T) {
	rev := published(t, "photoroom")
	declined := decide(t, rev, bad(30*time.Hour, 4, policy.EvidenceNone))
	appealed := policy.Appeal(rev, policy.KindBadResult, noon)
	result := simulate(of(tight(t)), []policy.Decision{declined, appealed}).Result()
	assert.True(t, result.Check.Sound())
	assert.Equal(t, 1, result.Rules.Cases)
	assert.Empty(t, result.Rules.Changes)
}

func TestMoneyIsSummedByCurrencyAndTheMostAffectedAreRankedInEach(t *testing.T) {
	never := draftOf(t, "goopter", "2026-02-13", "revision: 2026-02-13", "revision: 2026-12-01", "purchase: 720h", "purchase: 1h")
	rev := published(t, "goopter")
	s := of(never)
	run := s.Begin()
	for n := range 12 {
		f := policy.Facts{
			Policy: "goopter", Kind: policy.KindDuplicateCharge, RequestedAt: noon, Purchase: &policy.PurchaseFacts{
				ID: "pi_1", PaidAt: noon.Add(-2 * time.Hour), Amount: money.Amount{Currency: []string{"USD", "JPY"}[n%2], Minor: int64(100 + n)}, Credits: 50, Credited: true, DuplicateOf: "pi_0",
			},
		}
		d := decide(t, rev, f)
		require.Equal(t, policy.OutcomeApproved, d.Outcome)
		s.Add(simulation.Case{ID: fmt.Sprintf("cas_%d", n), Kind: f.Kind, Customer: fmt.Sprintf("customer %d", n), Verdicts: []replay.Kept{kept(d)}}, &run)
	}
	result := run.Result().Rules
	assert.Equal(t, map[string]int64{"USD": -(600 + 30), "JPY": -(600 + 36)}, result.Difference.Money)
	assert.Nil(t, result.Under.Money)
	require.Len(t, result.Customers, 2)
	assert.Equal(t, "JPY", result.Customers[0].Unit)
	assert.Equal(t, "customer 11", result.Customers[0].Customers[0].Customer)
	assert.Equal(t, "cas_11", result.Customers[0].Customers[0].Case)
}

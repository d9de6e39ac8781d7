package audit_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/audit"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/memory"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

var (
	names    = []evidence.Name{evidence.Blank, evidence.Truncated, evidence.Unchanged}
	features = []string{"recolor", "pet"}
	limit    = policy.Stops{WronglyPaidPercent: 20, From: 3}
)

// press is a world of automatic verdicts and of staff who look at them again, with a model of plain
// lists beside it: what was recorded, and when staff lifted what.
type press struct {
	t       *rapid.T
	store   *memory.Store
	auditor audit.Auditor
	now     time.Time
	cases   []string
	answers []audit.Look // as recorded, in their order
	orders  map[string]audit.Order
	lifts   map[evidence.Name]time.Time
	stops   map[evidence.Name]bool
	tries   int // to lift a signal
}

func newPress(t *rapid.T) *press {
	store := memory.New()
	return &press{
		t: t, store: store, now: noon, orders: map[string]audit.Order{}, lifts: map[evidence.Name]time.Time{}, stops: map[evidence.Name]bool{},
		auditor: audit.Auditor{Store: store, Stops: func(time.Time) policy.Stops { return limit }},
	}
}

// verdict decides a case as assess-result would: signals that have stopped decide nothing.
func (p *press) verdict(t *rapid.T) {
	present := slices.DeleteFunc(slices.Clone(names), func(evidence.Name) bool { return rapid.Bool().Draw(t, "absent") })
	stopped, err := p.store.ListStopped(context.Background())
	require.NoError(t, err)
	decides := slices.DeleteFunc(slices.Clone(present), func(name evidence.Name) bool { return slices.Contains(stopped, name) })
	id := fmt.Sprintf("cas_%d", len(p.cases))
	look := audit.Look{
		Case: id, Feature: rapid.SampledFrom(features).Draw(t, "feature"), Outcome: policy.OutcomeDeclined, Signals: present, DecidedAt: p.now,
	}
	if len(decides) > 0 {
		look.Outcome, look.Signals = policy.OutcomeApproved, decides
	}
	for _, name := range decides {
		require.False(t, p.stops[name], "%s decides though it has stopped", name)
	}
	require.NoError(t, p.store.CommitDecision(context.Background(), refund.Effect{Case: refund.Case{ID: refund.CaseID(id)}, SecondLook: &look}))
	p.cases = append(p.cases, id)
}

func (p *press) order(t *rapid.T, key string) audit.Order {
	finding := rapid.SampledFrom([]evidence.Verdict{evidence.VerdictUsable, evidence.VerdictUnusable, evidence.VerdictUnsure}).Draw(t, "finding")
	return audit.Order{Finding: finding, Note: "seen", By: "ann", Principal: "staff:ann", Key: key}
}

// answer answers a case, which may be answered already: then nothing may change.
func (p *press) answer(t *rapid.T) {
	if len(p.cases) == 0 {
		t.Skip("nothing is decided")
	}
	id := rapid.SampledFrom(p.cases).Draw(t, "case")
	prior, again := p.orders[id]
	order := p.order(t, fmt.Sprint("key of ", id))
	if again {
		order.Key = prior.Key
	}
	look, replayed, err := p.auditor.Answer(context.Background(), id, order, p.now)
	switch {
	case !again:
		require.NoError(t, err)
		require.False(t, replayed)
		p.record(look, order)
	case order == prior:
		require.NoError(t, err)
		require.True(t, replayed)
	default:
		require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
	}
}

// race answers one case by three at once: one of them is recorded, the others are told so.
func (p *press) race(t *rapid.T) {
	open, _, err := p.store.ListLooks(context.Background(), "", 100)
	require.NoError(t, err)
	if len(open) == 0 {
		t.Skip("nothing waits")
	}
	id := rapid.SampledFrom(open).Draw(t, "look").Case
	const rivals = 3
	var orders [rivals]audit.Order
	for n := range orders {
		orders[n] = p.order(t, fmt.Sprint("key ", n, " of ", id))
	}
	var looks [rivals]audit.Look
	var errs [rivals]error
	var wg sync.WaitGroup
	for n := range orders {
		wg.Go(func() { looks[n], _, errs[n] = p.auditor.Answer(context.Background(), id, orders[n], p.now) })
	}
	wg.Wait()
	winners := 0
	for n, err := range errs {
		if err == nil {
			winners++
			p.record(looks[n], orders[n])
			continue
		}
		require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err))
	}
	require.Equal(t, 1, winners)
}

// record notes an answer, and stops what it stops by counting the answers since the lift.
func (p *press) record(look audit.Look, order audit.Order) {
	p.answers, p.orders[look.Case] = append(p.answers, look), order
	if look.Outcome != policy.OutcomeApproved || look.Answer.Finding == evidence.VerdictUnsure {
		return
	}
	for _, name := range look.Signals {
		wrong, looks := p.share(name)
		counts := !look.DecidedAt.Before(p.lifts[name])
		p.stops[name] = p.stops[name] || counts && looks >= limit.From && 100*wrong > limit.WronglyPaidPercent*looks
	}
}

// share counts the signal's answers to approvals since its last lift.
func (p *press) share(name evidence.Name) (wrong, looks int) {
	for _, look := range p.answers {
		if look.Outcome != policy.OutcomeApproved || look.Answer.Finding == evidence.VerdictUnsure || !slices.Contains(look.Signals, name) || look.DecidedAt.Before(p.lifts[name]) {
			continue
		}
		looks++
		if look.Answer.Finding == evidence.VerdictUsable {
			wrong++
		}
	}
	return wrong, looks
}

// lift lifts a signal, which may not have stopped. No verdict is given in the same millisecond.
func (p *press) lift(t *rapid.T) {
	p.now = p.now.Add(time.Millisecond)
	name := rapid.SampledFrom(names).Draw(t, "signal")
	order := audit.Order{Note: "mended", By: "bob", Principal: "staff:bob", Key: fmt.Sprint("lift ", p.tries)}
	p.tries++
	_, _, err := p.auditor.Lift(context.Background(), name, order, p.now)
	if !p.stops[name] {
		require.Error(t, err)
		return
	}
	require.NoError(t, err)
	p.lifts[name], p.stops[name] = p.now, false
	// Sent again it moves nothing, though it would lift what stops meanwhile.
	signal, replayed, err := p.auditor.Lift(context.Background(), name, order, p.now)
	require.NoError(t, err)
	require.True(t, replayed)
	require.Nil(t, signal.Stop)
}

func (p *press) pass(t *rapid.T) {
	p.now = p.now.Add(time.Duration(rapid.IntRange(1, 100).Draw(t, "hours")) * time.Hour)
}

// check demands that counts and stops are those of the answers on record.
func (p *press) check(t *rapid.T) {
	type place struct {
		week, feature string
		signal        evidence.Name
	}
	want := map[place]audit.Tally{}
	for _, look := range p.answers {
		var one audit.Tally
		usable, unusable := look.Answer.Finding == evidence.VerdictUsable, look.Answer.Finding == evidence.VerdictUnusable
		switch approved := look.Outcome == policy.OutcomeApproved; {
		case usable && approved:
			one = audit.Tally{Paid: 1, WronglyPaid: 1}
		case unusable && approved:
			one = audit.Tally{Paid: 1}
		case usable:
			one = audit.Tally{Declined: 1}
		case unusable:
			one = audit.Tally{Declined: 1, WronglyDeclined: 1}
		default:
			one = audit.Tally{Unsure: 1}
		}
		for _, signal := range append(slices.Clone(look.Signals), audit.EverySignal) {
			at := place{audit.WeekOf(look.DecidedAt), look.Feature, signal}
			want[at] = want[at].Plus(one)
		}
	}
	got := map[place]audit.Tally{}
	for after := ""; ; {
		page, next, err := p.store.ListCounts(context.Background(), "", after, 3)
		require.NoError(t, err)
		for _, count := range page {
			got[place{count.Week, count.Feature, count.Signal}] = count.Tally
		}
		if after = next; next == "" {
			break
		}
	}
	require.Equal(t, want, got)

	stopped, err := p.store.ListStopped(context.Background())
	require.NoError(t, err)
	for _, name := range names {
		require.Equal(t, p.stops[name], slices.Contains(stopped, name), name)
	}
}

func TestHoweverLooksArriveTheCountsAreThoseOfTheAnswersAndAStoppedSignalDecidesNothingUntilItIsLifted(t *testing.T) {
	stops, lifts := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		p := newPress(t)
		t.Repeat(map[string]func(*rapid.T){
			"verdict": p.verdict, "verdict too": p.verdict, "answer": p.answer, "answer too": p.answer, "race": p.race, "lift": p.lift, "pass": p.pass,
			"": p.check,
		})
		lifts += len(p.lifts)
		for _, stopped := range p.stops {
			if stopped {
				stops++
			}
		}
	})
	require.Positive(t, stops, "no signal ever stopped: the property says nothing")
	require.Positive(t, lifts)
}

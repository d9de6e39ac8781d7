package storetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/audit"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/message"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// stopsAt is when a signal stops in these stories: two wrong ones of three.
var stopsAt = policy.Stops{WronglyPaidPercent: 50, From: 3}

// auditor returns the use case over the world's store.
func (w *World) auditor() audit.Auditor {
	return audit.Auditor{Store: w.Store, Stops: func(time.Time) policy.Stops { return stopsAt }}
}

// signal returns a signal that no other world has.
func (w *World) signal(name string) evidence.Name { return evidence.Name(name + "-" + w.suffix) }

// samples gives a verdict that is looked at again, and returns its look.
func (w *World) samples(t *testing.T, outcome policy.Outcome, signals ...evidence.Name) audit.Look {
	t.Helper()
	return w.Samples(t, inReview(w, w.Customer("alice")), outcome, signals...)
}

// Samples declines the case as the policy would, with a look that says so or otherwise.
func (w *World) Samples(t *testing.T, id refund.CaseID, outcome policy.Outcome, signals ...evidence.Name) audit.Look {
	t.Helper()
	look := audit.Look{Case: string(id), Feature: "recolor-" + w.suffix, Outcome: outcome, Clause: "R2", Signals: signals, DecidedAt: w.Now}
	effect := declining(w.snapshot(refund.Subject{Case: id}))
	effect.SecondLook = &look
	require.NoError(t, settled(func() error { return w.Store.CommitDecision(w.ctx(), effect) }))
	return look
}

// finding returns an answer under a key of its own.
func (w *World) finding(finding evidence.Verdict) audit.Order {
	return audit.Order{Finding: finding, Note: "it shows a shoe", By: "ann", Principal: "staff:ann", Key: w.Key()}
}

// answers answers the look. A busy store is asked again by the same key.
func (w *World) answers(t *testing.T, look audit.Look, order audit.Order) audit.Look {
	t.Helper()
	return read(w, func() (audit.Look, error) {
		look, _, err := w.auditor().Answer(w.ctx(), look.Case, order, w.Now)
		return look, err
	})
}

// openLooks returns the looks of this world that nobody has answered.
func (w *World) openLooks() (ids []string) {
	for after := ""; ; {
		page := read(w, func() (page struct {
			looks []audit.Look
			next  string
		}, err error,
		) {
			page.looks, page.next, err = w.Store.ListLooks(w.ctx(), after, 2)
			return page, err
		})
		for _, look := range page.looks {
			if look.Feature == "recolor-"+w.suffix {
				ids = append(ids, look.Case)
			}
		}
		if after = page.next; after == "" {
			return ids
		}
	}
}

// counts returns this world's counts of that week and later ones, the newest first.
func (w *World) counts(since string) (counts []audit.Count) {
	for after := ""; ; {
		page := read(w, func() (page struct {
			counts []audit.Count
			next   string
		}, err error,
		) {
			page.counts, page.next, err = w.Store.ListCounts(w.ctx(), since, after, 2)
			return page, err
		})
		for _, count := range page.counts {
			if count.Feature == "recolor-"+w.suffix {
				counts = append(counts, count)
			}
		}
		if after = page.next; after == "" {
			return counts
		}
	}
}

// stopped returns which of the signals decide nothing.
func (w *World) stopped(names ...evidence.Name) []evidence.Name {
	all := read(w, func() ([]evidence.Name, error) { return w.Store.ListStopped(w.ctx()) })
	return slices.DeleteFunc(slices.Clone(names), func(name evidence.Name) bool { return !slices.Contains(all, name) })
}

// signalOf returns how the signal fares.
func (w *World) signalOf(name evidence.Name) audit.Signal {
	all := read(w, func() ([]audit.Signal, error) { return w.Store.ListSignals(w.ctx()) })
	at := slices.IndexFunc(all, func(s audit.Signal) bool { return s.Name == name })
	if at < 0 {
		return audit.Signal{Name: name}
	}
	return all[at]
}

// findLook returns the look of the case, nil where it was not drawn.
func (w *World) findLook(id refund.CaseID) *audit.Look {
	return read(w, func() (*audit.Look, error) { return w.Store.FindLook(w.ctx(), string(id)) })
}

// stopping is a store in which these signals have stopped.
type stopping struct {
	Store
	names []evidence.Name
}

func (s stopping) ListStopped(context.Context) ([]evidence.Name, error) { return s.names, nil }

var lookStories = map[string]func(*testing.T, *World){
	"the policy's own verdict on what was looked at is drawn, held against what decided it, and stands": func(t *testing.T, w *World) {
		w.SecondLooks = 100
		id := w.reported("alice", w.own(blank))
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "R2")
		require.Equal(t, &audit.Look{
			Case: string(id), Feature: "recolor", Outcome: policy.OutcomeApproved, Clause: "R2", Signals: []evidence.Name{evidence.Blank}, DecidedAt: w.Now,
		}, w.findLook(id))
		w.WantAvailable(w.Customer("alice"), 4)
		w.Notifies(id, w.CaseOf(id).Notice)

		// A person decides this one; that one failed, and nobody looked at a picture.
		waits := w.reported("bob", sharp)
		w.Grants(w.Customer("bob"), 4)
		failure := w.Starts(w.Customer("bob"), 1)
		w.Settles(failure, w.Failure(generation.CausePlatform))
		w.Deliver()
		require.Nil(t, w.findLook(waits))
		require.Nil(t, w.findLook(refund.FailureCaseID(failure)))
		w.Rules(waits, policy.OutcomeDeclined)
		w.Deliver()
		require.Nil(t, w.findLook(waits), "a person's verdict is not drawn")
	},
	"a verdict that was not drawn has no look": func(t *testing.T, w *World) {
		id := w.reported("alice", w.own(blank))
		w.Deliver()
		w.WantVerdict(id, refund.StateApproved, "R2")
		require.Nil(t, w.findLook(id))
	},
	"a signal that has stopped decides nothing: a person does, and sees it": func(t *testing.T, w *World) {
		id := w.reported("alice", w.own(blank))
		w.Lose()
		a := w.Assessor()
		a.Store = stopping{w.Store, []evidence.Name{evidence.Blank}}
		require.NoError(t, again(func() error { return a.Assess(w.ctx(), message.NewResultReported(string(id), ""), 1, w.Now) }))
		w.Deliver()
		w.WantVerdict(id, refund.StateInReview, "R8")
		record := w.evidenceOf(id)
		require.Equal(t, []any{evidence.VerdictUnsure, 0}, []any{record.Verdict, len(record.Defects)})
		at := slices.IndexFunc(record.Signals, func(s evidence.Signal) bool { return s.Name == evidence.Blank })
		require.Equal(t, []any{true, false}, []any{record.Signals[at].Present, record.Signals[at].Decides})
		unknown := refund.ReportCaseID(w.generationOf(id), generation.MaxOutputs-1)
		require.Equal(t, []evidence.Record{*record}, read(w, func() ([]evidence.Record, error) { return w.Store.FindRecords(w.ctx(), unknown, id) }))
	},
	"a look is written with its verdict, waits until somebody answers, and has one answer": func(t *testing.T, w *World) {
		blank := w.signal("blank")
		look := w.samples(t, policy.OutcomeApproved, blank, w.signal("truncated"))
		current := read(w, func() (*audit.Look, error) { return w.Store.FindLook(w.ctx(), look.Case) })
		require.Equal(t, &look, current)
		require.Equal(t, []string{look.Case}, w.openLooks())
		none := read(w, func() (*audit.Look, error) { return w.Store.FindLook(w.ctx(), string(inReview(w, w.Customer("bob")))) })
		require.Nil(t, none, "it was not sampled")

		w.Pass(time.Hour)
		order := w.finding(evidence.VerdictUnusable)
		answer := w.answers(t, look, order)
		require.Equal(t, audit.Answer{Finding: evidence.VerdictUnusable, Note: "it shows a shoe", By: "ann", At: w.Now, Origin: answer.Answer.Origin}, *answer.Answer)
		require.Empty(t, w.openLooks())
		current = read(w, func() (*audit.Look, error) { return w.Store.FindLook(w.ctx(), look.Case) })
		require.Equal(t, &answer, current)
		waits := w.samples(t, policy.OutcomeApproved)
		require.Equal(t, []audit.Look{answer}, read(w, func() ([]audit.Look, error) { return w.Store.FindAnswers(w.ctx(), waits.Case, look.Case, "cas_x") }))

		// The same request gets the first answer. Any other is told that there is one.
		w.Pass(time.Hour)
		require.Equal(t, answer, w.answers(t, look, order))
		other := order
		other.Finding = evidence.VerdictUsable
		_, _, err := w.auditor().Answer(w.ctx(), look.Case, other, w.Now)
		require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
		_, _, err = w.auditor().Answer(w.ctx(), look.Case, w.finding(evidence.VerdictUsable), w.Now)
		require.Equal(t, fault.CodeAlreadyDecided, fault.CodeOf(err))
		require.EqualValues(t, 1, w.signalOf(blank).Version, "nothing was counted twice")
	},
	"a look moves nothing: no credit, no case, no notice": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		look := w.samples(t, policy.OutcomeDeclined)
		before, wallet := w.CaseOf(refund.CaseID(look.Case)), w.Wallet(alice)
		w.Lose()
		w.answers(t, look, w.finding(evidence.VerdictUnusable))
		require.Equal(t, before, w.CaseOf(refund.CaseID(look.Case)))
		require.Equal(t, wallet, w.Wallet(alice))
		require.Zero(t, w.Deliver())
		require.Empty(t, take(w, &w.notices))
		w.WantLaws(alice)
	},
	"a verdict that is stale leaves no look": func(t *testing.T, w *World) {
		id := inReview(w, w.Customer("alice"))
		snapshot := w.snapshot(refund.Subject{Case: id})
		w.Rules(id, policy.OutcomeApproved)
		effect := declining(snapshot)
		effect.SecondLook = &audit.Look{Case: string(id), Feature: "recolor-" + w.suffix, Outcome: policy.OutcomeDeclined, DecidedAt: w.Now}
		w.wantStale(effect, "staff have ruled")
		require.Nil(t, read(w, func() (*audit.Look, error) { return w.Store.FindLook(w.ctx(), string(id)) }))
		require.Empty(t, w.openLooks())
	},
	"answers are counted by the week of the verdict, for the feature and for each signal": func(t *testing.T, w *World) {
		blank, small := w.signal("blank"), w.signal("small")
		feature := "recolor-" + w.suffix
		paid, wrong, declined := w.samples(t, policy.OutcomeApproved, blank), w.samples(t, policy.OutcomeApproved, blank, small), w.samples(t, policy.OutcomeDeclined, small)
		week := audit.WeekOf(w.Now)
		w.Pass(7 * day)
		late := w.samples(t, policy.OutcomeDeclined)
		w.Pass(70 * day)
		w.answers(t, paid, w.finding(evidence.VerdictUnusable))
		w.answers(t, wrong, w.finding(evidence.VerdictUsable))
		w.answers(t, declined, w.finding(evidence.VerdictUnusable))
		w.answers(t, late, w.finding(evidence.VerdictUnsure))
		first := []audit.Count{
			{Week: week, Feature: feature, Signal: small, Tally: audit.Tally{Paid: 1, WronglyPaid: 1, Declined: 1, WronglyDeclined: 1}},
			{Week: week, Feature: feature, Signal: blank, Tally: audit.Tally{Paid: 2, WronglyPaid: 1}},
			{Week: week, Feature: feature, Tally: audit.Tally{Paid: 2, WronglyPaid: 1, Declined: 1, WronglyDeclined: 1}},
		}
		second := audit.Count{Week: audit.WeekOf(late.DecidedAt), Feature: feature, Tally: audit.Tally{Unsure: 1}}
		require.Equal(t, append([]audit.Count{second}, first...), w.counts(""))
		require.Equal(t, []audit.Count{second}, w.counts(second.Week))
		require.Empty(t, w.counts(audit.WeekOf(w.Now)))
	},
	"a signal stops with the look that passes the limit, and decides again once it is lifted": func(t *testing.T, w *World) {
		blank, cut := w.signal("blank"), w.signal("cut")
		require.Empty(t, w.stopped(blank, cut))
		var last audit.Look
		for n, finding := range []evidence.Verdict{evidence.VerdictUsable, evidence.VerdictUnusable, evidence.VerdictUnsure, evidence.VerdictUsable} {
			require.Empty(t, w.stopped(blank, cut), "after %d", n)
			last = w.samples(t, policy.OutcomeApproved, blank)
			w.answers(t, last, w.finding(finding))
		}
		require.Equal(t, []evidence.Name{blank}, w.stopped(blank, cut))
		require.Equal(t, &audit.Stop{At: w.Now, Case: last.Case, WronglyPaid: 2, Looks: 3, Limit: stopsAt}, w.signalOf(blank).Stop)

		// What was decided before the lift says nothing of the time after it.
		old := w.samples(t, policy.OutcomeApproved, blank)
		w.Pass(time.Minute)
		order := audit.Order{Note: "the model was changed", By: "bob", Principal: "staff:bob", Key: w.Key()}
		lift := func() (audit.Signal, error) {
			signal, _, err := w.auditor().Lift(w.ctx(), blank, order, w.Now)
			return signal, err
		}
		require.Nil(t, read(w, lift).Stop)
		require.Empty(t, w.stopped(blank))
		require.Equal(t, []audit.Lift{{At: w.Now, By: "bob", Note: "the model was changed", Origin: w.signalOf(blank).Lifts[0].Origin}}, w.signalOf(blank).Lifts)
		w.answers(t, old, w.finding(evidence.VerdictUsable))
		require.Empty(t, w.signalOf(blank).Wrong, "counted anew")
		_, _, err := w.auditor().Lift(w.ctx(), blank, audit.Order{Note: "again", By: "bob", Principal: "staff:bob", Key: w.Key()}, w.Now)
		require.Equal(t, fault.CodeNotPossible, fault.CodeOf(err))
		_, _, err = w.auditor().Lift(w.ctx(), cut, order, w.Now)
		require.Equal(t, fault.KindNotFound, fault.KindOf(err))

		// It stops again, and the first lift, sent again, leaves it so.
		for range 3 {
			w.answers(t, w.samples(t, policy.OutcomeApproved, blank), w.finding(evidence.VerdictUsable))
		}
		require.NotNil(t, read(w, lift).Stop)
		require.Equal(t, []evidence.Name{blank}, w.stopped(blank))
	},
	"an answer or a lift on a signal that has changed since it was read is stale": func(t *testing.T, w *World) {
		blank := w.signal("blank")
		one, other := w.samples(t, policy.OutcomeApproved, blank), w.samples(t, policy.OutcomeApproved, blank)
		before := w.signalOf(blank)
		after := before
		after.Wrong, after.Version = []bool{true}, 1
		w.answers(t, one, w.finding(evidence.VerdictUnusable))
		other.Answer = &audit.Answer{Finding: evidence.VerdictUsable, Note: "late", By: "ann", At: w.Now}
		change := audit.Change{Before: before, After: after}
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.CommitAnswer(w.ctx(), other, []audit.Change{change}) })))
		require.Equal(t, fault.KindStale, fault.KindOf(again(func() error { return w.Store.CommitLift(w.ctx(), change) })))
		require.Equal(t, []string{other.Case}, w.openLooks())
		require.Equal(t, []bool{false}, w.signalOf(blank).Wrong)
	},
}

// lookRaces are the races of second looks.
var lookRaces = map[string]func(*testing.T, *World, int){
	"of those who answer one look, one is recorded, and it is counted once": func(t *testing.T, w *World, rivals int) {
		blank := w.signal("blank")
		look := w.samples(t, policy.OutcomeApproved, blank)
		orders := make([]audit.Order, rivals)
		for i := range orders {
			orders[i] = w.finding(evidence.VerdictUsable)
		}
		require.Equal(t, 1, atOnceOf(t, rivals, func(err error) bool { return fault.CodeOf(err) == fault.CodeAlreadyDecided }, func(i int) error {
			_, _, err := w.auditor().Answer(w.ctx(), look.Case, orders[i], w.Now)
			return err
		}))
		require.Equal(t, []bool{true}, w.signalOf(blank).Wrong)
		require.Equal(t, audit.Tally{Paid: 1, WronglyPaid: 1}, w.counts("")[0].Tally)
	},
	"looks that are answered at once are all counted, and stop their signal once": func(t *testing.T, w *World, rivals int) {
		blank := w.signal("blank")
		rivals = min(rivals, 8)
		looks, orders := make([]audit.Look, rivals), make([]audit.Order, rivals)
		for i := range looks {
			looks[i], orders[i] = w.samples(t, policy.OutcomeApproved, blank), w.finding(evidence.VerdictUsable)
		}
		require.Equal(t, rivals, atOnce(t, rivals, fault.KindBusy, func(i int) error {
			_, _, err := w.auditor().Answer(w.ctx(), looks[i].Case, orders[i], w.Now)
			return err
		}))
		for _, count := range w.counts("") {
			require.Equal(t, audit.Tally{Paid: rivals, WronglyPaid: rivals}, count.Tally, fmt.Sprint(count.Signal))
		}
		signal := w.signalOf(blank)
		require.Len(t, signal.Wrong, rivals)
		require.Equal(t, stopsAt.From, signal.Stop.Looks)
		w.WantLaws(w.Customer("alice"))
	},
}

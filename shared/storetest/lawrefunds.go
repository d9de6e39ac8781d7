package storetest

import (
	"slices"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// refundActions are what customers request and staff do. rapid draws actions whose names sort first
// most often, and these need each other, so their names begin with a.
func (m *machine) refundActions() map[string]func(*rapid.T) {
	// Errors are checked by their kind: a refusal is a fair answer to a drawn request, any other
	// error is a fault of ours.
	return map[string]func(*rapid.T){
		"a picture": func(t *rapid.T) {
			outputs := rapid.IntRange(1, 4).Draw(t, "outputs")
			customer := m.anyone(t)
			m.Grants(customer, ledger.Credits(4*outputs))
			start, err := m.start(m.order(customer, outputs))
			if err != nil { // restricted, or what was granted went into a debt
				return
			}
			m.generations = append(m.generations, start.ID)
			m.Settles(start.ID, m.Success(outputs))
			m.tryReport(t, start.ID, outputs)
		},
		"a report": func(t *rapid.T) {
			if len(m.generations) > 0 {
				m.tryReport(t, rapid.SampledFrom(m.generations).Draw(t, "generation"), 4)
			}
		},
		"a use":     m.useOne,
		"a ruling":  m.ruleOne,
		"an appeal": m.appealOne,
		"standing": func(t *rapid.T) {
			m.SetsStanding(m.anyone(t), rapid.SampledFrom([]ledger.Standing{ledger.StandingGood, ledger.StandingRestricted}).Draw(t, "standing"))
		},
	}
}

// tryReport reports one of the outputs, which may have been reported before, or never have come.
func (m *machine) tryReport(t *rapid.T, id generation.ID, outputs int) {
	// Any output may be named; the refusal of one that never came is as good a step as a case.
	result, err := m.file(m.report(id, rapid.IntRange(0, outputs-1).Draw(t, "output")))
	if err != nil {
		require.Contains(t, []fault.Kind{fault.KindInvalid, fault.KindConflict}, fault.KindOf(err), "%v", err)
		return
	}
	m.cases = append(m.cases, result.Case)
}

// useOne records what was done with an output, which may not have come.
func (m *machine) useOne(t *rapid.T) {
	if len(m.generations) == 0 {
		return
	}
	// Uses bear on later verdicts alone. A verdict that was given must not change with them.
	id := rapid.SampledFrom(m.generations).Draw(t, "generation")
	order := m.use(rapid.IntRange(0, 3).Draw(t, "output"), generation.Use{Downloaded: rapid.Bool().Draw(t, "downloaded"), Bulk: true})
	before := m.Generation(id)
	order.Use.At = before.StartedAt.Add(time.Second)
	// A use that adds nothing is not written, and its key could be used again for another.
	if use := before.UseOf(order.Use.Output); use.Bulk && (use.Downloaded || !order.Use.Downloaded) {
		return // nothing new would be kept, nor its key
	}
	if _, err := m.record(id, order); err != nil {
		require.Contains(t, []fault.Kind{fault.KindInvalid, fault.KindConflict}, fault.KindOf(err), "%v", err)
	}
}

// ruleOne rules on a case, in full or in part, now or for a second time.
func (m *machine) ruleOne(t *rapid.T) {
	// Staff see a case once the policy has decided to send it to them.
	m.Deliver()
	open := slices.DeleteFunc(m.everyCase(), func(id refund.CaseID) bool { return m.CaseOf(id).State == refund.StateReceived })
	if len(open) == 0 {
		return
	}
	id := rapid.SampledFrom(open).Draw(t, "case")
	order := m.ruling(rapid.SampledFrom([]policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined}).Draw(t, "outcome"))
	order.By = rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "by")
	if part := rapid.IntRange(0, 5).Draw(t, "part"); part > 0 && order.Ruling.Outcome == policy.OutcomeApproved {
		order.Ruling.Remedy = policy.InCredits(ledger.Credits(part))
	}
	m.ruleOn(t, id, order)
}

// appealOne appeals a case, which may not be declined, or was appealed before.
func (m *machine) appealOne(t *rapid.T) {
	m.Deliver()
	cases := m.everyCase()
	if len(cases) == 0 {
		return
	}
	// Every case can be drawn, so that the refusal of an appeal is played as often as the appeal.
	id := rapid.SampledFrom(cases).Draw(t, "case")
	if _, err := m.appeal(id, m.objection()); err != nil {
		require.Contains(t, []fault.Kind{fault.KindConflict, fault.KindThrottled}, fault.KindOf(err), "%v", err)
	}
}

// ruleOn rules on a case, which may be refused. A ruling that is recorded, and carried out before
// anything else happens, stands.
func (m *machine) ruleOn(t *rapid.T, id refund.CaseID, order refund.RulingOrder) {
	if _, err := m.rule(id, order); err != nil {
		require.Contains(t, []fault.Kind{fault.KindInvalid, fault.KindConflict}, fault.KindOf(err), "%v", err)
		return
	}
	// A ruling that is carried out at once cannot have been overtaken, so it must have ended the
	// wait.
	if rapid.Bool().Draw(t, "carried out at once") {
		m.Deliver()
		require.False(t, m.CaseOf(id).Waiting(), "what is answered 200 is not undone in the next moment")
	}
}

// wantSameVerdicts demands that every verdict that was ever recorded can be made again from what is
// kept with it.
func (m *machine) wantSameVerdicts() {
	for _, id := range m.everyCase() {
		m.WantSameVerdicts(*m.CaseOf(id))
	}
}

// notifyAll sends every notice that is due.
func (m *machine) notifyAll() {
	for _, id := range m.everyCase() {
		if c := m.CaseOf(id); c != nil {
			m.Notifies(id, c.Notice)
		}
	}
	// Notices of other nouns lie on their own queues and rows.
	m.notifyPartials()
	m.notifyOffers()
	m.notifyStandings()
}

// casesOf reads the cases about a generation, which names them in their order.
func (m *machine) casesOf(id generation.ID) []refund.Case {
	var cases []refund.Case
	// The ids follow from the generation, so no index is asked and none can lag.
	require.NoError(m.t, again(func() (err error) {
		cases, err = m.Store.FindCases(m.ctx(), refund.CaseIDsOf(m.Generation(id))...)
		return err
	}))
	return cases
}

// checkRefunds is law 3. What went back of a generation is what its reports were approved for, each
// within what its output was charged, or its failure on appeal. A recorded approval stands.
func (m *machine) checkRefunds(t *rapid.T, g generation.Generation) {
	var total ledger.Credits
	outputs := map[int]bool{}
	// Sum what each approved case gave. A failure that was declined can give only by an appeal.
	for _, c := range m.casesOf(g.ID) {
		if c.Kind != policy.KindBadResult {
			if c.Appeal != nil && c.State == refund.StateApproved {
				total += c.Decision.Remedy.Credits()
			}
			continue
		}
		// One output has one case, however often it was reported.
		require.False(t, outputs[c.Output], "one output, one case")
		outputs[c.Output] = true
		if c.State != refund.StateApproved {
			require.NotContains(t, m.approved, c.ID, "an approval stands")
			continue
		}
		m.approved[c.ID] = true
		require.LessOrEqual(t, c.Decision.Remedy.Credits(), ledger.Sum(g.OutputDraws(c.Output)), "an output gives back what it was charged")
		require.Equal(t, c.Decision.Remedy.Credits(), c.Returned.Restored+c.Returned.Extended+c.Returned.Expired)
		total += c.Decision.Remedy.Credits()
	}
	// The sum on the generation is written by other code than the cases are, so they check each
	// other.
	require.Equal(t, total, g.Refunded, "what went back is what was approved")
	require.LessOrEqual(t, g.Refunded, g.Captured, "no more goes back than was spent")
	require.Equal(t, g.State == generation.StateRefunded, g.Refunded > 0 && g.Refunded == g.Captured)
}

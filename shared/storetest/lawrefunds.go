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

// refundActions are what customers ask for and staff do. Actions whose names sort first are drawn most often: these need each other.
func (m *machine) refundActions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"a picture": func(t *rapid.T) {
			outputs := rapid.IntRange(1, 4).Draw(t, "outputs")
			customer := m.anyone(t)
			m.Grants(customer, ledger.Credits(4*outputs))
			started, err := m.start(m.order(customer, outputs))
			if err != nil { // restricted, or what was granted went into a debt
				return
			}
			m.generations = append(m.generations, started.ID)
			m.Settles(started.ID, m.Success(outputs))
			m.tryReport(t, started.ID, outputs)
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
	opened, err := m.file(m.report(id, rapid.IntRange(0, outputs-1).Draw(t, "output")))
	if err != nil {
		require.Contains(t, []fault.Kind{fault.KindInvalid, fault.KindConflict}, fault.KindOf(err), "%v", err)
		return
	}
	m.cases = append(m.cases, opened.Case)
}

// useOne tells what was done with an output, which may not have come.
func (m *machine) useOne(t *rapid.T) {
	if len(m.generations) == 0 {
		return
	}
	id := rapid.SampledFrom(m.generations).Draw(t, "generation")
	order := m.use(rapid.IntRange(0, 3).Draw(t, "output"), generation.Use{Downloaded: rapid.Bool().Draw(t, "downloaded"), Bulk: true})
	before := m.Generation(id)
	order.Use.At = before.StartedAt.Add(time.Second)
	if known := before.UseOf(order.Use.Output); known.Bulk && (known.Downloaded || !order.Use.Downloaded) {
		return // nothing new would be kept, nor its key
	}
	if _, err := m.record(id, order); err != nil {
		require.Contains(t, []fault.Kind{fault.KindInvalid, fault.KindConflict}, fault.KindOf(err), "%v", err)
	}
}

// ruleOne rules on a case, in full or in part, now or for a second time.
func (m *machine) ruleOne(t *rapid.T) {
	m.Deliver() // staff see a case once the policy has looked at it
	looked := slices.DeleteFunc(m.everyCase(), func(id refund.CaseID) bool { return m.CaseOf(id).State == refund.StateReceived })
	if len(looked) == 0 {
		return
	}
	id := rapid.SampledFrom(looked).Draw(t, "case")
	order := m.ruling(rapid.SampledFrom([]policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined}).Draw(t, "outcome"))
	order.By = rapid.SampledFrom([]string{"ann", "bob"}).Draw(t, "by")
	if part := rapid.IntRange(0, 5).Draw(t, "part"); part > 0 && order.Ruling.Outcome == policy.OutcomeApproved {
		order.Ruling.Remedy = &policy.Remedy{Credits: ledger.Credits(part)}
	}
	m.ruleOn(t, id, order)
}

// appealOne appeals a case, which may not be declined, or was appealed before.
func (m *machine) appealOne(t *rapid.T) {
	m.Deliver()
	looked := m.everyCase()
	if len(looked) == 0 {
		return
	}
	id := rapid.SampledFrom(looked).Draw(t, "case")
	if _, err := m.appeal(id, m.objection()); err != nil {
		require.Contains(t, []fault.Kind{fault.KindConflict, fault.KindThrottled}, fault.KindOf(err), "%v", err)
	}
}

// ruleOn rules on a case, which may be refused. What is recorded, and carried out before anything else happens, stands.
func (m *machine) ruleOn(t *rapid.T, id refund.CaseID, order refund.RulingOrder) {
	if _, err := m.rule(id, order); err != nil {
		require.Contains(t, []fault.Kind{fault.KindInvalid, fault.KindConflict}, fault.KindOf(err), "%v", err)
		return
	}
	if rapid.Bool().Draw(t, "carried out at once") {
		m.Deliver()
		require.False(t, m.CaseOf(id).Waiting(), "what is answered 200 is not undone in the next moment")
	}
}

// wantSameVerdicts demands that every verdict that ever stood is made again from what is kept with it.
func (m *machine) wantSameVerdicts() {
	for _, id := range m.everyCase() {
		m.WantSameVerdicts(*m.CaseOf(id))
	}
}

// tellAll tells every notice.
func (m *machine) tellAll() {
	for _, id := range m.everyCase() {
		if c := m.CaseOf(id); c != nil {
			m.Tells(id, c.Notice)
		}
	}
	m.tellPartials()
	m.tellOffers()
	m.toldStandings()
}

// casesOf reads the cases about a generation, which name it in their order.
func (m *machine) casesOf(id generation.ID) []refund.Case {
	var found []refund.Case
	require.NoError(m.t, again(func() (err error) {
		found, err = m.Store.FindCases(m.ctx(), refund.CaseIDsOf(m.Generation(id))...)
		return err
	}))
	return found
}

// checkRefunds is law 3: what went back of a generation is what its reports were approved for, each within what its output was charged, or its
// failure on appeal; and a recorded approval stands.
func (m *machine) checkRefunds(t *rapid.T, g generation.Generation) {
	var approved ledger.Credits
	outputs := map[int]bool{}
	for _, c := range m.casesOf(g.ID) {
		if c.Kind != policy.KindBadResult {
			if c.Appeal != nil && c.State == refund.StateApproved {
				approved += c.Decision.Remedy.Credits
			}
			continue
		}
		require.False(t, outputs[c.Output], "one output, one case")
		outputs[c.Output] = true
		if c.State != refund.StateApproved {
			require.NotContains(t, m.approved, c.ID, "an approval stands")
			continue
		}
		m.approved[c.ID] = true
		require.LessOrEqual(t, c.Decision.Remedy.Credits, ledger.Sum(g.OutputDraws(c.Output)), "an output gives back what it was charged")
		require.Equal(t, c.Decision.Remedy.Credits, c.Returned.Restored+c.Returned.Extended+c.Returned.Expired)
		approved += c.Decision.Remedy.Credits
	}
	require.Equal(t, approved, g.Refunded, "what went back is what was approved")
	require.LessOrEqual(t, g.Refunded, g.Captured, "no more goes back than was spent")
	require.Equal(t, g.State == generation.StateRefunded, g.Refunded > 0 && g.Refunded == g.Captured)
}

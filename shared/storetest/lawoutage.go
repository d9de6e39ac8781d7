package storetest

import (
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/outage"
)

// outageOne declares that nobody could use the app, corrects or withdraws an outage, runs one, or
// does a page of a run.
func (m *machine) outageOne(t *rapid.T) {
	began := m.Now.Add(-rapid.SampledFrom([]time.Duration{time.Hour, 48 * time.Hour, 200 * time.Hour}).Draw(t, "hours"))
	now := m.Now
	// One in three goes on: it has no end yet.
	end := &now
	if rapid.IntRange(0, 2).Draw(t, "goes on") == 0 {
		end = nil
	}
	declaration := outage.Declaration{StartedAt: began, EndedAt: end, PreventedUse: true, Principal: "staff", Key: m.Key() + m.suffix}
	switch rapid.IntRange(0, 3).Draw(t, "step") {
	case 0:
		m.outages = append(m.outages, m.declares(declaration).ID)
	case 1:
		m.changeOutage(t, declaration)
	case 2:
		if len(m.outages) > 0 {
			// A run that has begun, or an outage that was withdrawn, refuses another; anything else
			// is a fault.
			give := rapid.SampledFrom([]outage.Give{"", outage.GiveMoney, outage.GiveMoney, outage.GiveCredits}).Draw(t, "give")
			if err := m.startsRun(rapid.SampledFrom(m.outages).Draw(t, "outage"), give); err != nil {
				require.Contains(t, []string{outage.CodeRunBegun, outage.CodeWithdrawn}, fault.CodeOf(err), "%v", err)
			}
		}
	default:
		m.Runs()
		m.Looks()
	}
}

// changeOutage corrects a declared outage, or withdraws it.
func (m *machine) changeOutage(t *rapid.T, declaration outage.Declaration) {
	if len(m.outages) == 0 {
		return
	}
	id := rapid.SampledFrom(m.outages).Draw(t, "outage")
	change := func() error { _, err := m.declarer().Correct(m.ctx(), id, declaration, m.Now); return err }
	if rapid.IntRange(0, 3).Draw(t, "withdraw") == 0 {
		change = func() error { _, err := m.declarer().Withdraw(m.ctx(), id, "ann", m.Now); return err }
	}
	if err := again(change); err != nil {
		require.Contains(t, []string{outage.CodeRunBegun, outage.CodeWithdrawn}, fault.CodeOf(err), "%v", err)
	}
}

package storetest

import (
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/outage"
)

// outageOne declares that nobody could use the app, corrects or withdraws that, now and then makes such a time good, or does a page of that.
func (m *machine) outageOne(t *rapid.T) {
	began := m.Now.Add(-rapid.SampledFrom([]time.Duration{time.Hour, 48 * time.Hour, 200 * time.Hour}).Draw(t, "hours"))
	now := m.Now
	ended := &now
	if rapid.IntRange(0, 2).Draw(t, "goes on") == 0 {
		ended = nil
	}
	said := outage.Declaration{StartedAt: began, EndedAt: ended, PreventedUse: true, Principal: "staff", Key: m.Key() + m.suffix}
	switch rapid.IntRange(0, 3).Draw(t, "step") {
	case 0:
		m.outages = append(m.outages, m.declares(said).ID)
	case 1:
		m.changeOutage(t, said)
	case 2:
		if len(m.outages) > 0 {
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

// changeOutage corrects one that was declared, or withdraws it.
func (m *machine) changeOutage(t *rapid.T, said outage.Declaration) {
	if len(m.outages) == 0 {
		return
	}
	id := rapid.SampledFrom(m.outages).Draw(t, "outage")
	change := func() error { _, err := m.declarer().Correct(m.ctx(), id, said, m.Now); return err }
	if rapid.IntRange(0, 3).Draw(t, "withdraw") == 0 {
		change = func() error { _, err := m.declarer().Withdraw(m.ctx(), id, "ann", m.Now); return err }
	}
	if err := again(change); err != nil {
		require.Contains(t, []string{outage.CodeRunBegun, outage.CodeWithdrawn}, fault.CodeOf(err), "%v", err)
	}
}

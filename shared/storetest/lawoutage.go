package storetest

import (
	"encoding/json"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/outage"
	"makegood/shared/policy"
)

// outageOne declares that nobody could use the app, corrects or withdraws an outage, runs one, or
// does a page of a run.
func (m *machine) outageOne(t *rapid.T) {
	// An hour is too short for any policy, 48 hours exactly are not enough yet, 200 are plenty.
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
				require.Contains(t, []string{outage.CodeRunStarted, outage.CodeWithdrawn}, fault.CodeOf(err), "%v", err)
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
	// The whole declaration is replaced, so a correction may also end an outage or open it again.
	change := func() error { _, err := m.declarer().Correct(m.ctx(), id, declaration, m.Now); return err }
	if rapid.IntRange(0, 3).Draw(t, "withdraw") == 0 {
		change = func() error { _, err := m.declarer().Withdraw(m.ctx(), id, "ann", m.Now); return err }
	}
	if err := again(change); err != nil {
		require.Contains(t, []string{outage.CodeRunStarted, outage.CodeWithdrawn}, fault.CodeOf(err), "%v", err)
	}
}

// checkWaits demands that no claim waits which the declared outages would decide, though every
// message about it was lost once. A claim whose payment has changed since its verdict waits for
// staff, or for the next change of what is declared.
func (m *machine) checkWaits() {
	for _, id := range m.everyCase() {
		c := m.CaseOf(id)
		// Decide again by hand: the verdict must not change, or the claim has waited in vain.
		if !c.AwaitsDowntime() {
			continue
		}
		require.NoError(m.t, again(func() error { return m.Decider().Decide(m.ctx(), message.NewCaseRequested(string(id), "", ""), m.Now) }))
		again := m.CaseOf(id)
		// Unless its purchase has changed meanwhile: then the new facts may give another verdict.
		if purchase := purchaseOf(m.t, *c.Decision); purchase == nil || string(purchase) == string(purchaseOf(m.t, *again.Decision)) {
			require.Equal(m.t, c.Decision, again.Decision, "%s waited in vain", id)
		}
	}
	for _, id := range m.outages {
		require.False(m.t, m.outage(id).Looking(), "%s is looked at for ever", id)
	}
}

// purchaseOf returns what a verdict knew of the purchase, nil where it rests on no facts.
func purchaseOf(t TB, d policy.Decision) json.RawMessage {
	var facts struct {
		Purchase json.RawMessage `json:"purchase"`
	}
	// The kept facts are compared as they are stored: a field that this suite does not know counts
	// too.
	if d.Basis != nil && d.Basis.Facts != nil {
		require.NoError(t, json.Unmarshal(d.Basis.Facts, &facts))
	}
	return facts.Purchase
}

package dynamo

import (
	"encoding/json"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// remedyRow is what is given back: credits or money.
type remedyRow struct {
	Credits ledger.Credits     `json:"credits,omitempty"`
	Money   *amountRow         `json:"money,omitempty"`
	To      policy.Destination `json:"to"`
}

func newRemedyRow(remedy policy.Remedy) remedyRow {
	row := remedyRow{To: remedy.To()}
	switch remedy.Arm() {
	case policy.ArmCredits:
		row.Credits = remedy.Credits()
	case policy.ArmMoney:
		row.Money = new(newAmountRow(remedy.Money()))
	}
	return row
}

func (r remedyRow) remedy() policy.Remedy {
	return *policy.RemedyOf(r.Credits, pointerTo(r.Money, amountRow.amount), r.To)
}

// policyRow names the revision that decided.
type policyRow struct {
	Name     string `json:"name"`
	Revision string `json:"revision"`
	Digest   string `json:"digest"`
}

func newPolicyRow(ref policy.Ref) policyRow { return policyRow(ref) }

func (r policyRow) ref() policy.Ref { return policy.Ref(r) }

// verdictRow is a decision. Its trace stands beside it, its notice on the case.
type verdictRow struct {
	Outcome   policy.Outcome `json:"outcome"`
	Clause    string         `json:"clause"`
	Rule      int            `json:"rule,omitempty"`
	Reason    string         `json:"reason"`
	Remedy    *remedyRow     `json:"remedy,omitempty"`
	RespondBy *time.Time     `json:"respond_by,omitempty"`
	PayBy     *time.Time     `json:"pay_by,omitempty"`
	Policy    [3]string      `json:"policy"` // name, revision, digest
}

func newVerdictRow(d policy.Decision) verdictRow {
	return verdictRow{
		Outcome: d.Outcome, Clause: d.Clause, Rule: d.Rule, Reason: d.Reason, Remedy: pointerTo(d.Remedy, newRemedyRow),
		RespondBy: d.RespondBy, PayBy: d.PayBy, Policy: [3]string{d.Policy.Name, d.Policy.Revision, d.Policy.Digest},
	}
}

func (r verdictRow) decision() policy.Decision {
	return policy.Decision{
		Outcome: r.Outcome, Clause: r.Clause, Rule: r.Rule, Reason: r.Reason, Remedy: pointerTo(r.Remedy, remedyRow.remedy),
		RespondBy: r.RespondBy, PayBy: r.PayBy, Policy: policy.Ref{Name: r.Policy[0], Revision: r.Policy[1], Digest: r.Policy[2]},
	}
}

// verdictsRow is what the last verdict rests on, and the verdicts before it, oldest first.
type verdictsRow struct {
	Basis   *basisRow    `json:"basis,omitempty"`
	Earlier []earlierRow `json:"earlier,omitempty"`
}

// earlierRow is a verdict before the last, with its trace and its notice.
type earlierRow struct {
	verdictRow
	Trace  string    `json:"trace"`
	Notice string    `json:"notice,omitempty"`
	Basis  *basisRow `json:"basis,omitempty"`
}

func newEarlierRow(d policy.Decision) earlierRow {
	return earlierRow{
		verdictRow: newVerdictRow(d), Trace: encodeTrace(d.Trace), Notice: d.Notice, Basis: pointerTo(d.Basis, newBasisRow),
	}
}

func (r earlierRow) decision() (decision policy.Decision, err error) {
	decision = r.verdictRow.decision()
	decision.Notice, decision.Basis = r.Notice, pointerTo(r.Basis, basisRow.basis)
	decision.Trace, err = decodeTrace(r.Trace)
	return decision, err
}

// basisRow is what a verdict rests on. Its facts are the policy's own text, which it reads
// strictly.
type basisRow struct {
	Digest    string          `json:"digest"`
	Facts     json.RawMessage `json:"facts"`
	Undecided bool            `json:"undecided,omitzero"`
	Appeal    bool            `json:"appeal,omitzero"`
	Ruling    *personRow      `json:"ruling,omitempty"`
	RuledAt   time.Time       `json:"ruled_at,omitzero"`
}

func newBasisRow(b policy.Basis) basisRow {
	return basisRow{
		Digest: b.Digest, Facts: b.Facts, Undecided: b.Undecided, Appeal: b.Appeal, Ruling: pointerTo(b.Ruling, newPersonRow), RuledAt: b.RuledAt,
	}
}

func (r basisRow) basis() policy.Basis {
	return policy.Basis{
		Digest: r.Digest, Facts: r.Facts, Undecided: r.Undecided, Appeal: r.Appeal, Ruling: pointerTo(r.Ruling, personRow.ruling), RuledAt: r.RuledAt,
	}
}

// personRow is a person's ruling, as the policy reads it.
type personRow struct {
	Outcome policy.Outcome `json:"outcome"`
	Remedy  *remedyRow     `json:"remedy,omitempty"`
	Clause  string         `json:"clause,omitempty"`
}

func newPersonRow(r policy.Ruling) personRow {
	return personRow{Outcome: r.Outcome, Remedy: pointerTo(r.Remedy, newRemedyRow), Clause: r.Clause}
}

func (r personRow) ruling() policy.Ruling {
	return policy.Ruling{Outcome: r.Outcome, Remedy: pointerTo(r.Remedy, remedyRow.remedy), Clause: r.Clause}
}

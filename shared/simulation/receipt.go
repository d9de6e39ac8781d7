package simulation

import (
	"bytes"
	"encoding/json"
	"time"

	"makegood/shared/fault"
	"makegood/shared/policy"
)

// Receipt is proof of a run whose recorded verdicts could all be made again. It names nobody.
// Why: infra/decisions/0064.
type Receipt struct {
	Draft       policy.Ref `json:"draft"`          // the draft that was simulated
	Since       time.Time  `json:"since,omitzero"` // only what was decided from then on
	Until       time.Time  `json:"until,omitzero"` // and before then
	Verdicts    int        `json:"verdicts"`       // recorded verdicts: each came out with the same bytes
	Cases       int        `json:"cases"`          // cases that the draft decided
	Flipped     int        `json:"flipped"`        // those with another outcome
	Undecidable int        `json:"undecidable"`    // cases that it could not decide
}

// Receipt returns the receipt of a run that has read all cases; false where some recorded verdict
// was not made again.
func (r Run) Receipt() (Receipt, bool) {
	result := r.Result()
	receipt := Receipt{
		Draft: r.Draft, Since: r.Since, Until: r.Until,
		Verdicts: r.Check.Verdicts, Cases: result.Cases, Flipped: result.Rules.Flipped + result.People.Flipped,
	}
	for _, one := range result.Undecidable {
		receipt.Undecidable += one.Cases
	}
	return receipt, r.Check.Sound()
}

// ParseReceipt reads a receipt that was written as JSON. KindInvalid for anything else.
func ParseReceipt(text []byte) (Receipt, error) {
	var r Receipt
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil || r.Draft.Digest == "" {
		return Receipt{}, fault.Invalid("receipt", "is no receipt of a simulation")
	}
	return r, nil
}

// Covers returns nil where the receipt is of exactly that revision, KindInvalid else.
func (r Receipt) Covers(rev policy.Revision) error {
	if r.Draft != rev.Ref() {
		return fault.Invalid("draft", "the receipt is of %s, revision %s, %s, and not of %s, revision %s, %s",
			r.Draft.Name, r.Draft.Revision, r.Draft.Digest, rev.Name, rev.Revision, rev.Digest)
	}
	return nil
}

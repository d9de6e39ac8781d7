package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"
)

// Basis is what a decision rests on: enough to make it again. It holds ids, and nothing that a
// person wrote.
type Basis struct {
	// Digest is that of the revision that was applied.
	Digest string `json:"digest"`
	// Facts are those of Decide or Rule as JSON, without what people wrote in words of their own.
	Facts json.RawMessage `json:"facts"`
	// Undecided: the facts were not on record, see Undecided.
	Undecided bool `json:"undecided,omitzero"`
	// Appeal: it is the receipt of an appeal.
	Appeal bool `json:"appeal,omitzero"`
	// Ruling is what a person decided; nil: the rules did.
	Ruling *Ruling `json:"ruling,omitempty"`
	// RuledAt is when; zero without a ruling.
	RuledAt time.Time `json:"ruled_at,omitzero"`
}

// Why a decision cannot be made again.
var (
	ErrNoBasis    = errors.New("policy: what the decision rests on is not recorded")
	ErrNoRevision = errors.New("policy: the revision that decided is not among these")
)

// basisOf returns what a decision by these facts rests on. Facts that cannot be written are not
// recorded.
func basisOf(rev Revision, f Facts) *Basis {
	// Facts that cannot be written are decided all the same: the decision is then one without a
	// basis.
	text, err := json.Marshal(f.withoutWords())
	if err != nil {
		return nil
	}
	return &Basis{Digest: rev.Digest, Facts: text}
}

// basisOfRuling returns what a person's decision rests on, beside the decision before it.
func basisOfRuling(rev Revision, f Facts, ruling Ruling, now time.Time) *Basis {
	basis := basisOf(rev, f)
	if basis != nil {
		basis.Ruling, basis.RuledAt = &ruling, now
	}
	return basis
}

// withoutWords returns the facts without what people or workers wrote in words of their own. No
// rule reads it, and what is personal has one erasable place.
func (f Facts) withoutWords() Facts {
	if f.Report != nil {
		f.Report = &ReportFacts{Issue: f.Report.Issue}
	}
	if f.Generation != nil && f.Generation.Failure != nil {
		g, failure := *f.Generation, *f.Generation.Failure
		failure.Code, failure.Message = "", ""
		g.Failure, f.Generation = &failure, &g
	}
	return f
}

// Replay makes a recorded decision again, from what it rests on alone. Earlier is the decision
// before it on the same case, nil for the first: a ruling goes by its clause and trace. For a
// ruling on an appeal it is the decision that the appeal is against. SameDecision compares the two.
//
// Errors: ErrNoBasis; ErrNoRevision when none of the policy's revisions has the digest; KindInvalid
// for facts that this build cannot read or decide, and as Rule's.
func (p *Policy) Replay(decision Decision, earlier *Decision) (Decision, error) {
	basis := decision.Basis
	// A ruling goes by the decision before it, so without that one it cannot be made again.
	if basis == nil || len(basis.Facts) == 0 || basis.Ruling != nil && earlier == nil {
		return Decision{}, ErrNoBasis
	}
	rev, ok := p.withDigest(basis.Digest)
	if !ok {
		return Decision{}, ErrNoRevision
	}
	// Each way to a decision has its own way back: by appeal, for want of facts, by a person, by
	// rules.
	f, err := ParseFacts(basis.Facts)
	switch {
	case err != nil:
		return Decision{}, err
	case basis.Appeal:
		return Appeal(rev, f.Kind, f.RequestedAt), nil
	case basis.Undecided:
		return Undecided(rev, f.Kind, f.RequestedAt), nil
	case basis.Ruling != nil:
		return Rule(rev, f, *earlier, *basis.Ruling, basis.RuledAt)
	}
	return Decide(rev, f)
}

func (p *Policy) withDigest(digest string) (Revision, bool) {
	for _, rev := range p.revisions {
		if rev.Digest == digest {
			return rev, true
		}
	}
	return Revision{}, false
}

// SameDecision reports whether two decisions are written with the same bytes.
func SameDecision(a, b Decision) bool {
	// Bytes are compared, since bytes are what the customer was sent.
	one, err := json.Marshal(a)
	other, errOther := json.Marshal(b)
	return err == nil && errOther == nil && bytes.Equal(one, other)
}

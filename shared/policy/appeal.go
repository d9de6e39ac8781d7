package policy

import "time"

// Appeal returns the answer to an appeal at that instant: in review under X3, with respond_by from
// then on, and the words that the policy has for it. It names nothing of the decision that the
// appeal is against: whoever reviews it shall judge for themselves.
func Appeal(rev Revision, kind Kind, at time.Time) Decision {
	d := Undecided(rev, kind, at)
	if d.Basis != nil {
		d.Basis.Appeal = true
	}
	// A policy whose cases may be appealed has a notice of the receipt.
	if rev.appealNotice.name != "" {
		d.Notice = rev.appealNotice.name
		d.Reason = rev.Reason(kind, d)
	}
	return d
}

// Receipt reports whether the decision is one of Appeal: no ruling goes by it.
func (d Decision) Receipt() bool { return d.Basis != nil && d.Basis.Appeal }

// received reports whether the decision is what Appeal answered.
func (r Revision) received(d Decision) bool {
	return d.Outcome == OutcomeInReview && r.appealNotice.name != "" && d.Notice == r.appealNotice.name
}

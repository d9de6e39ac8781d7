package evidence

import "slices"

// Deciding returns the signals that a policy may let decide.
func Deciding() []Name {
	return []Name{Empty, Undecodable, Truncated, Blank, WrongSize, FailureCard, SameAsUnusable, Unchanged}
}

// ForStaff returns the signals that a person sees, and that decide nothing: each has an innocent
// case.
func ForStaff() []Name {
	return []Name{AlmostUnchanged, Similar, SameAsRefunded, Blurred, FlatBand, Noisy, SmallInput, BlurredInput}
}

// OfBytes reports whether the signal says the same of these bytes wherever they turn up: in another
// case, of another feature. What is measured against an order or an upload does not.
func (n Name) OfBytes() bool {
	return slices.Contains([]Name{Empty, Undecodable, Truncated, Blank, FailureCard}, n)
}

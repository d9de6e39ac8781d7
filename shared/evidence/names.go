package evidence

// Deciding returns the signals that a policy may let decide.
func Deciding() []Name {
	return []Name{Empty, Undecodable, Truncated, Blank, WrongSize, FailureCard, SameAsUnusable, Unchanged}
}

// ForStaff returns the signals that a person sees, and that decide nothing: each has an innocent
// case.
func ForStaff() []Name {
	return []Name{AlmostUnchanged, Similar, SameAsRefunded, Blurred, FlatBand, Noisy, SmallInput, BlurredInput}
}

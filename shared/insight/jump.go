package insight

// The rule of a jump, which is stated wherever one is shown: at least JumpReports reports of a
// feature on a day, and more than JumpFactor times as many as its JumpDays days before would make
// one expect of as many generations.
const (
	JumpReports = 5
	JumpFactor  = 2
	JumpDays    = 7
)

// Jumps returns the days and features whose reports jump, by the table's reports and generations.
// A feature that nobody generated on the days before has nothing to jump from. It is right of days
// that have JumpDays days before them in the table.
func (t Table) Jumps() map[Key]bool {
	byDay := t.By(DimensionDay, DimensionFeature)
	jumps := map[Key]bool{}
	for key, sums := range byDay {
		var before Sums
		for days := 1; days <= JumpDays; days++ {
			before = before.Plus(byDay[Key{Day: key.Day.Add(-days), Feature: key.Feature}])
		}
		// Of integers alone: reports / generations > factor × before.reports / before.generations.
		more := sums.Reports*before.Generations > JumpFactor*before.Reports*sums.Generations
		if sums.Reports >= JumpReports && before.Generations > 0 && more {
			jumps[key] = true
		}
	}
	return jumps
}

// PerThousand returns how many of a thousand generations were reported, in tenths; false where no
// generation was counted.
func (s Sums) PerThousand() (tenths int64, ok bool) {
	if s.Generations == 0 {
		return 0, false
	}
	return (s.Reports*10_000 + s.Generations/2) / s.Generations, true
}

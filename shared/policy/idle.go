package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"makegood/shared/evidence"
)

// Note is what a reader of a file without faults should know: something that is written there has
// no effect, or not the one that it seems to have.
type Note struct {
	// Field is the path in the file: "surfaces.batch".
	Field string
	// Message says what is the matter.
	Message string
}

// Notes returns which lines of the revision have no effect, and which address it lacks, in the
// order of the file; none for a file of which every line counts.
func (r Revision) Notes() []Note {
	var notes []Note
	idle := func(field, format string, args ...any) {
		notes = append(notes, Note{field, fmt.Sprintf(format, args...)})
	}
	if no := r.unreportable(); len(no) > 0 && !r.uses("feature_reportable") {
		idle("features", "a No under reportable has no effect (%s): no rule asks feature_reportable", strings.Join(no, ", "))
	}
	// The same for surfaces.
	if no := r.Surfaces.closed(); len(no) > 0 && !r.uses("surface_reportable") {
		idle("surfaces", "false has no effect (%s): no rule asks surface_reportable", strings.Join(no, ", "))
	}
	// A window without a rule that reads it looks like a limit, and nobody is held to it.
	if r.ReportWindow > 0 && !r.uses("asked_late", generationKinds...) {
		idle("windows.report", "has no effect: no rule about a generation asks asked_late")
	}
	if r.PurchaseWindow > 0 && !r.uses("asked_late", purchaseKinds...) {
		idle("windows.purchase", "has no effect: no rule about a purchase asks asked_late")
	}
	// Paying back by itself needs a rule that knows which payment was the first.
	if r.Duplicates.Auto && !r.uses("original_known", KindDuplicateCharge) {
		idle("duplicates.auto", "pays nothing back: no rule about a duplicate_charge asks original_known")
	}
	// Limits that no rule reads stop nobody.
	if !r.uses("over_abuse_limits") {
		idle("abuse", "has no effect: no rule asks over_abuse_limits")
	}
	notes = append(append(notes, r.evidenceNotes()...), r.translationNotes()...)
	// The one thing that a file cannot say: the page hides it.
	if r.Contact.HidesEmail && r.Contact.Email == "" {
		idle("contact.email", "is missing: the published text hides it, so whoever runs the policy says it (ContactEmail of the stack)")
	}
	return notes
}

// evidenceNotes returns what of the evidence has no effect, and which rules wait for what no signal
// says.
func (r Revision) evidenceNotes() []Note {
	var notes []Note
	changing := slices.ContainsFunc(r.features, func(f Feature) bool { return f.MustChange })
	listed := slices.Contains(r.Evidence.Decides, evidence.Unchanged)
	if changing && !listed {
		notes = append(notes, Note{"features", "must_change has no effect: evidence.decides does not list unchanged"})
	}
	if listed && !changing {
		notes = append(notes, Note{"evidence.decides", "unchanged decides nothing: no feature has must_change"})
	}
	// Signals that no rule asks for are shown to staff all the same.
	if r.Evidence.Decides != nil && !r.uses("evidence") && !r.uses("defects") {
		notes = append(notes, Note{"evidence", "has no effect: no rule asks evidence or defects"})
	}
	// A word that no look writes is a slip of the pen, or waits for a signal that does not decide.
	for i, rule := range r.rules[KindBadResult] {
		for _, defect := range rule.when.Defects {
			name := evidence.Name(defect)
			if !slices.Contains(r.Evidence.Decides, name) && (name != evidence.Adjudicated || r.Evidence.AdjudicatorCap == 0) {
				notes = append(notes, Note{
					place{"rules", KindBadResult, i, "when", "defects"}.String(), fmt.Sprintf("%s never holds: evidence.decides does not list it", defect),
				})
			}
		}
	}
	return notes
}

// NoteOn returns what should be known of a revision before it is in force: nil from its day on, and
// where an earlier one is published. About the first revision it says that older cases are judged
// by it, and why.
func (r Revision) NoteOn(now time.Time) *Note {
	if !r.effectiveAt.After(now) || r.follows() {
		return nil
	}
	return &Note{"revision", fmt.Sprintf("%s takes effect on %s, and is the first of its name: what is older is judged by it too, since each case is judged by some revision",
		r.Name, r.effectiveAt.Format("2 January 2006"))}
}

// follows reports whether a revision of the name is published that is earlier.
func (r Revision) follows() bool {
	// A file that is not published has no neighbours to compare with.
	if !slices.Contains(Names(), r.Name) {
		return false
	}
	p, err := Open(r.Name)
	return err == nil && p.revisions[0].effectiveAt.Before(r.effectiveAt)
}

// uses reports whether a rule of one of the kinds (none: of any) gives the condition.
func (r Revision) uses(name string, of ...Kind) bool {
	for kind, rules := range r.rules {
		if len(of) > 0 && !slices.Contains(of, kind) {
			continue
		}
		for _, rule := range rules {
			if slices.ContainsFunc(rule.tests, func(test *condition) bool { return test.name == name }) {
				return true
			}
		}
	}
	return false
}

// OutageWindow returns how long after a purchase an outage may be claimed for it, 0 where no rule
// looks whether a claim comes late.
func (r Revision) OutageWindow() time.Duration {
	if !r.uses("asked_late", KindOutage) {
		return 0
	}
	return r.PurchaseWindow
}

// ReadsUse reports whether a rule rests on what was done with a result.
func (r Revision) ReadsUse() bool { return r.uses("used") }

// unreportable names the features that may not be reported on some platform.
func (r Revision) unreportable() []string {
	var names []string
	for _, feature := range r.features {
		if table := feature.Reportable; table != (Platforms{IOS: true, Android: true, Web: true}) {
			names = append(names, feature.Name)
		}
	}
	return names
}

// closed names the surfaces from which nothing may be reported.
func (s Surfaces) closed() []string {
	var names []string
	for _, surface := range surfaces {
		if !s.On(surface) {
			names = append(names, string(surface))
		}
	}
	return names
}

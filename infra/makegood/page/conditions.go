package page

import (
	"slices"
	"strconv"
	"time"

	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/policy"
)

// condition is one word of the policies' vocabulary, for readers.
type condition struct {
	words  func(rev policy.Revision, kind policy.Kind, values []string) string
	values []string // all that a file may ask for; nil for a limit
	// set changes the facts so that the condition holds for the value; "" makes it hold for none,
	// where nothing else is asked.
	set func(s *scene, value string)
}

// conditions has an entry for each condition of shared/policy; a test holds them together.
var conditions = map[string]condition{
	"standing": oneOf("the customer's standing is", []string{"good", "restricted", "terminated"},
		func(s *scene, value string) { s.facts.Customer.Standing = ledger.Standing(value) }),
	"already_refunded": yesNo("it was refunded before", "it was not refunded before", (*scene).setRefunded),
	"asked_late":       {words: lateRequest, values: truth, set: func(s *scene, value string) { s.setLate(value == "true") }},

	"mode":           {words: madeIn, values: []string{"paid", "free", "own_key"}, set: (*scene).setMode},
	"feature_listed": yesNo("the table lists the feature", "the table does not list the feature", (*scene).setListed),
	"feature_reportable": yesNo("the table says Yes for the feature on that platform",
		"the table says No for the feature on that platform, or does not list it", (*scene).setReportable),
	"surface_reportable": {words: surfaceReportable, values: truth, set: func(s *scene, value string) { s.setSurface(value == "true") }},
	"nothing_charged":    yesNo("nothing was charged for it", "something was charged for it", (*scene).setPriceless),

	"failure_cause": {
		words: failureCause, values: []string{"platform", "input", "safety", "cancelled"},
		set: func(s *scene, value string) { s.facts.Generation.Failure.Cause = generation.Cause(value) },
	},
	"failed_attempts_from": {
		words: func(_ policy.Revision, _ policy.Kind, values []string) string {
			return "it failed at least " + values[0] + " times"
		},
		set: func(s *scene, value string) {
			// Values come from a file that the loader has checked, so only "" cannot be read.
			attempts, _ := strconv.Atoi(value) // "" is none
			s.facts.Generation.FailedAttempts = max(1, attempts)
		},
	},

	"issue": {
		words: issues, values: []string{"deviates", "off_template", "wrong_subject", "distortion", "taste", "other", "none"},
		set: func(s *scene, value string) {
			// A customer who names no issue leaves the field out.
			if value == string(policy.IssueNone) {
				value = ""
			}
			s.facts.Report.Issue = policy.Issue(value)
		},
	},
	"evidence": {words: verdicts, values: []string{"unusable", "usable", "unsure", "none"}, set: (*scene).setEvidence},
	"defects":  {words: defects, set: (*scene).setDefect},
	"input": oneOf("the customer's own upload is", []string{"good", "poor"},
		func(s *scene, value string) { s.evidence().Input = policy.Input(value) }),
	"within_examples": yesNo("the result lies within the range of the examples", "the result lies outside the range of the examples",
		func(s *scene, yes bool) { s.evidence().WithinExamples = yes }),
	"used": {words: used, values: []string{"bulk_downloaded", "commercial_use", ""}, set: func(s *scene, value string) {
		s.facts.Usage = policy.UsageFacts{BulkDownloaded: value == "bulk_downloaded", CommercialUse: value == "commercial_use"}
	}},
	"requested_before": yesNo("a refund of the same output was requested before", "no refund of the same output was requested before",
		func(s *scene, yes bool) { s.facts.EarlierRequests = oneIf(yes) }),
	"over_abuse_limits": yesNo("the customer is over the abuse limits", "the customer is within the abuse limits", (*scene).setAbuse),

	"original_known": yesNo("the original of the double charge is known", "no original of the double charge is known",
		func(s *scene, yes bool) { s.facts.Purchase.DuplicateOf = map[bool]string{true: original}[yes] }),
	"credited": yesNo("its credits were granted", "its credits were never granted",
		func(s *scene, yes bool) { s.facts.Purchase.Credited = yes }),
	"credits_spent": yesNo("some of its credits are spent", "none of its credits is spent", (*scene).setSpent),
	"credits_left":  yesNo("some of its credits are left", "none of its credits is left", (*scene).setLeft),

	"down_over": {
		words: func(_ policy.Revision, _ policy.Kind, values []string) string {
			// As above: the loader has checked it.
			limit, _ := time.ParseDuration(values[0])
			return "the service was down for more than " + span(limit) + " after the purchase"
		},
		set: (*scene).setDown,
	},
	"prevented_use": yesNo("the downtime prevented use", "the downtime did not prevent use",
		func(s *scene, yes bool) { s.facts.Outage.PreventedUse = yes }),
	"ended_before_purchase": yesNo("the downtime ended before the purchase", "it did not end before the purchase", (*scene).setEndedBefore),
	"goes_on":               yesNo("the downtime has no end yet", "the downtime is over", (*scene).setGoesOn),
}

var truth = []string{"true", "false"}

// yesNo is a condition that a file asks for as true or false.
func yesNo(yes, no string, change func(s *scene, yes bool)) condition {
	return condition{
		values: truth,
		words: func(_ policy.Revision, _ policy.Kind, values []string) string {
			return map[bool]string{true: yes, false: no}[values[0] == "true"]
		},
		set: func(s *scene, value string) { change(s, value == "true") },
	}
}

// oneOf is a condition that lists words of the contract.
func oneOf(phrase string, all []string, change func(s *scene, value string)) condition {
	return condition{
		values: all,
		words: func(_ policy.Revision, _ policy.Kind, values []string) string {
			return phrase + " " + either(values)
		},
		set: change,
	}
}

func oneIf(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func lateRequest(rev policy.Revision, kind policy.Kind, values []string) string {
	// A report's window starts with the generation, every other one with the purchase.
	window, since := rev.PurchaseWindow, "the purchase"
	if aboutGeneration(kind) {
		window, since = rev.ReportWindow, "the generation"
	}
	if values[0] == "true" {
		return "it is asked for more than " + span(window) + " after " + since
	}
	return "it is asked for within " + span(window) + " of " + since
}

func surfaceReportable(rev policy.Revision, _ policy.Kind, values []string) string {
	// A policy may allow all surfaces or none: then there is nothing to list.
	if names := surfaces(rev, values[0] == "true"); names != nil {
		return "it was made in " + either(names)
	}
	return "surface_reportable is " + values[0]
}

// surfaces lists the parts of the app from which a bad result may, or may not, be reported.
func surfaces(rev policy.Revision, reportable bool) []string {
	var names []string
	for _, surface := range allSurfaces {
		if rev.Surfaces.On(surface) == reportable {
			names = append(names, surfaceNames[surface])
		}
	}
	return names
}

var (
	allSurfaces  = []policy.Surface{policy.SurfaceEditor, policy.SurfaceBatch, policy.SurfaceCatalog}
	surfaceNames = map[policy.Surface]string{
		policy.SurfaceEditor: "the editor", policy.SurfaceBatch: "the batch editor", policy.SurfaceCatalog: "the catalog editor",
	}
)

func madeIn(_ policy.Revision, _ policy.Kind, values []string) string {
	return "it was made " + either(each(values, modes))
}

// modes are the ways to make a generation.
var modes = map[string]string{"paid": "in paid mode", "free": "in free mode", "own_key": "on the customer's own key"}

func issues(_ policy.Revision, _ policy.Kind, values []string) string {
	words := map[string]string{
		"deviates": "a result far from what was expected", "off_template": "a result that is not what the template is for",
		"wrong_subject": "a subject that was not recognised", "distortion": "a distortion", "taste": "a matter of taste",
		"other": "another issue", "none": "no issue",
	}
	return "the customer names " + either(each(values, words))
}

func failureCause(_ policy.Revision, _ policy.Kind, values []string) string {
	words := map[string]string{"platform": "the platform", "input": "the input", "safety": "the safety filter", "cancelled": "a cancellation"}
	return "the failure was caused by " + either(each(values, words))
}

func verdicts(_ policy.Revision, _ policy.Kind, values []string) string {
	words := map[string]string{
		"unusable": "was found unusable", "usable": "was found usable", "unsure": "was looked at and left undecided", "none": "has not been looked at",
	}
	return "the result " + either(each(values, words))
}

func defects(_ policy.Revision, _ policy.Kind, values []string) string {
	return "the result " + either(seen(values))
}

func used(_ policy.Revision, _ policy.Kind, values []string) string {
	words := map[string]string{"bulk_downloaded": "downloaded in bulk", "commercial_use": "used commercially"}
	return "the result was " + either(each(values, words))
}

// each puts words in place of values; a value without words stays.
func each(values []string, words map[string]string) []string {
	// A value without words is shown as the file has it: a reader still finds it there.
	phrases := slices.Clone(values)
	for i, value := range values {
		if text, ok := words[value]; ok {
			phrases[i] = text
		}
	}
	return phrases
}

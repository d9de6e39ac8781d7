package adjudication

import "makegood/shared/evidence"

// sentences say each outcome to staff.
var sentences = map[evidence.OpinionOutcome]string{
	evidence.OpinionSupports:    "A model found the same defect in the same place twice, and that it makes the result unusable and the claim right.",
	evidence.OpinionNothing:     "A model found nothing, which says nothing: it misses most defects of this kind.",
	evidence.OpinionUnsure:      "A model found nothing that it is sure of and that makes the result unusable.",
	evidence.OpinionDisagrees:   "A model did not find the same when the pictures came in the other order.",
	evidence.OpinionInstructed:  "A model saw words, in a picture or in the claim, that tell whoever looks what to answer; what it says counts for nothing.",
	evidence.OpinionMalformed:   "A model gave an answer that does not hold what it was asked for.",
	evidence.OpinionStopped:     "A model's answer was ended by the model or by a guardrail.",
	evidence.OpinionLate:        "A model did not answer in time.",
	evidence.OpinionThrottled:   "The model's service had too much to do.",
	evidence.OpinionUnavailable: "The model's service failed, or was not reached.",
	evidence.OpinionRefused:     "The model's service refused the question: look at the model's id, its access in this account, and whether it takes pictures and a JSON schema.",
	evidence.OpinionBudget:      "No model was asked: the month's budget does not hold one more question.",
	evidence.OpinionOverCap:     "No model was asked: the result cost more than the policy lets one support.",
	evidence.OpinionSuspended:   "No model was asked: second looks found too many of its supports wrong.",
	evidence.OpinionNoQuestion:  "No model was asked: the claim is none that it is asked about, or there is no picture to show.",
}

// sameBox is how much of what either box covers both must cover, in percent.
const sameBox = 50

// judge says what the passes come to. Whatever is not plainly support is for a person.
func judge(passes []evidence.Pass) evidence.OpinionOutcome {
	// A pass that came to no answer leaves nothing to agree with.
	for _, pass := range passes {
		if pass.Problem != "" {
			return pass.Problem
		}
	}
	// Who is told what to answer is no witness, whatever they answer.
	for _, pass := range passes {
		if pass.Instructions {
			return evidence.OpinionInstructed
		}
	}
	first, second := ruins(passes[0]), ruins(passes[1])
	switch {
	case agree(first, second):
		return evidence.OpinionSupports
	case len(first) > 0 || len(second) > 0:
		return evidence.OpinionDisagrees
	case clean(passes[0]) && clean(passes[1]):
		return evidence.OpinionNothing
	}
	return evidence.OpinionUnsure
}

// ruins returns the findings of a pass that support the claim by themselves.
func ruins(pass evidence.Pass) []evidence.Finding {
	if pass.Supported != evidence.Yes {
		return nil
	}
	var all []evidence.Finding
	for _, finding := range pass.Findings {
		if finding.Present == evidence.Yes && finding.Confirmed == evidence.Yes && finding.Severity == evidence.SeverityRuinous {
			all = append(all, finding)
		}
	}
	return all
}

func agree(first, second []evidence.Finding) bool {
	for _, one := range first {
		for _, other := range second {
			if one.Defect == other.Defect && overlap(one.Box, other.Box) >= sameBox {
				return true
			}
		}
	}
	return false
}

// overlap returns how much of what either box covers both cover, in percent.
func overlap(a, b evidence.Box) int {
	both := area(evidence.Box{Left: max(a.Left, b.Left), Top: max(a.Top, b.Top), Right: min(a.Right, b.Right), Bottom: min(a.Bottom, b.Bottom)})
	either := area(a) + area(b) - both
	if either == 0 {
		return 0
	}
	return 100 * both / either
}

func area(box evidence.Box) int {
	return max(0, box.Right-box.Left) * max(0, box.Bottom-box.Top)
}

func clean(pass evidence.Pass) bool {
	for _, finding := range pass.Findings {
		if finding.Present != evidence.No {
			return false
		}
	}
	return true
}

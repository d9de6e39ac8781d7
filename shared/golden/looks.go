package golden

import (
	"makegood/shared/audit"
	"makegood/shared/evidence"
	"makegood/shared/origin"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// LookedCase returns Bob's case of that id, which the policy decided and a person looks at again.
func LookedCase(id string) refund.Case {
	return refund.Case{ID: refund.CaseID(id), Kind: policy.KindBadResult, Customer: Bob, State: refund.StateClosed, OpenedAt: Hour(5)}
}

// Look returns one that waits, at the verdict on Bob's case about the subject.
func Look(subject string, outcome policy.Outcome) audit.Look {
	return audit.Look{
		Case: string(CaseID(subject)), Feature: "recolor", Outcome: outcome, Clause: "R2",
		Signals: []evidence.Name{evidence.Blank, evidence.Unchanged}, DecidedAt: Hour(6),
	}
}

// AnsweredLook returns that look with what a person found.
func AnsweredLook(subject string, outcome policy.Outcome, finding evidence.Verdict) audit.Look {
	look := Look(subject, outcome)
	look.Answer = &audit.Answer{
		Finding: finding, Note: "it shows a bag", By: "operator", At: Hour(30),
		Origin: origin.Origin{Key: "hash of an answer's key", Input: "hash of an answer"},
	}
	return look
}

// StoppedSignal returns one that was lifted once, and has stopped again.
func StoppedSignal() audit.Signal {
	return audit.Signal{
		Name: evidence.Blank, Wrong: []bool{false, true}, Version: 1,
		Stop: &audit.Stop{
			At: Hour(30), Case: string(CaseID("paid wrongly")), WronglyPaid: 1, Looks: 2, Limit: policy.Stops{WronglyPaidPercent: 20, From: 2},
		},
		Lifts: []audit.Lift{{
			At: Hour(4), By: "second", Note: "the threshold is another", Origin: origin.Origin{Key: "hash of a lift's key", Input: "hash of a lift"},
		}},
	}
}

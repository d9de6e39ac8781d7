// Package assessment owns the look at a bad result that comes before its decision: which pictures
// are fetched and kept, what is measured on them, what they are compared with, and the one commit
// that lets the case be decided.
//
// It refuses to know how a picture is fetched, measured or stored, what a policy makes of a signal,
// and who decides. It declines nothing: what cannot be judged is a sentence on the record and a
// case for a person.
//
// Invariants:
//   - Pictures are kept only for a case whose statement is still there. The record's commit asks
//     for that; what was put before a commit that is refused is taken away again.
//   - A look that does not end is not tried for ever: see MaxTries.
//   - Every look-up and every wait has a bound.
//
// Words: look, record (all that was seen for one case), imprint (what later pictures are compared
// with), shelf (the bucket), folder (the objects of one look).
//
// Why: infra/decisions/0058.
package assessment

import (
	"context"
	"time"

	"makegood/shared/audit"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/message"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// The bounds of a look.
const (
	// MaxTries is how often the pictures of one message are looked at. From the next delivery on
	// nothing is fetched or decoded: whatever ended the others would end that one, too.
	MaxTries = 2
	// MaxSweeps is how often a sweep may have asked for the look, for the same reason. A sweep also
	// asks where a queue is only slow, so these are more.
	MaxSweeps = 3
	// fetchTime is for both pictures.
	fetchTime = 15 * time.Second
	// ImprintTerm is how long a picture is found again by later ones.
	ImprintTerm = 90 * 24 * time.Hour
	// MaxImprints is how many rows each look-up reads.
	MaxImprints = 20
	// maxMatches is how many pictures of other cases a record names.
	maxMatches = 10
)

// Pictures reads what an app names by a link.
type Pictures interface {
	// Fetch returns the picture's bytes, or why there are none. A problem is final; an error is
	// ours, and may pass.
	Fetch(ctx context.Context, link string) ([]byte, evidence.Problem, error)
}

// Shelf is where pictures are kept.
type Shelf interface {
	// Put writes an object, in place of what the key held.
	Put(ctx context.Context, key, mediaType string, body []byte) error
	// DeletePrefix deletes every object below the prefix, and says how many are left.
	DeletePrefix(ctx context.Context, prefix string) (left int, err error)
}

// Imprint is what later pictures are compared with.
type Imprint struct {
	// Case is whose output it is of.
	Case refund.CaseID
	// Feature is what made the output.
	Feature string
	// SHA256 is the hash of its bytes in hexadecimal digits.
	SHA256 string
	// Print is zero where it was not decoded: then it is found by its bytes alone.
	Print evidence.Print
	// Unusable says that its own bytes, or what they were made from, showed it to be unusable.
	Unusable bool
	// Until is when it is forgotten.
	Until time.Time
}

// Store is what a look needs of a store.
type Store interface {
	audit.Stops
	// FindImprints returns the imprints with that hash, and those that may be near to the print,
	// at most MaxImprints of each look-up, in no order that means anything; an imprint may come
	// twice. It may lag. A zero print has none that are near.
	FindImprints(ctx context.Context, sha256 string, print evidence.Print) ([]Imprint, error)
	// FindCases returns the cases with these ids, each once and in their order; unknown ones are
	// left out.
	FindCases(ctx context.Context, ids ...refund.CaseID) ([]refund.Case, error)
	// RecordEvidence puts the record and its imprint (nil for none), and gives the case those
	// steps, tried by no sweep yet, in one transaction.
	//
	// KindStale when the case is not received any more, has not the step assess, or has no
	// statement; and where it has a record.
	RecordEvidence(ctx context.Context, id refund.CaseID, record evidence.Record, imprint *Imprint, next todo.List) error
}

// Assessor looks at results.
type Assessor struct {
	// Decider reads the case, and says whether its decision waits for a look.
	Decider refund.Decider
	// Store keeps what was seen.
	Store Store
	// Pictures fetches.
	Pictures Pictures
	// Shelf keeps the pictures.
	Shelf Shelf
	// Adjudicator is asked where no signal is sure; nil: nobody.
	Adjudicator Adjudicator
	// Requests is the queue of the decider.
	Requests refund.Requests
}

// Assess looks at the pictures of a report where its decision waits for that, records what it saw,
// and requests the decision. Where no look is due it only requests the decision. Tries is how often
// the message was delivered, this time among them. A replay finds the record, and requests again.
//
// Errors: KindNotFound when there is no such case; KindBusy when it should be tried again.
func (a Assessor) Assess(ctx context.Context, report message.ResultReported, tries int, now time.Time) error {
	subject, err := a.Decider.Assess(ctx, report, now)
	if err != nil {
		return err
	}
	id := subject.Case.ID
	// The words were erased between a look's objects and its record: no row names those objects,
	// whether the case is decided by now or not.
	if subject.Case.Statement == nil {
		if err := a.clear(ctx, folderOf(id)); err != nil {
			return err
		}
	}
	// Decided: nothing is left to ask for.
	if subject.Case.State != refund.StateReceived {
		return nil
	}
	if subject.Due {
		if err := a.look(ctx, subject, tries, now); err != nil {
			return err
		}
	}
	err = a.Requests.Request(ctx, message.NewCaseRequested(string(id), subject.Case.Generation, ""))
	return fault.At("assessment.Assess: request decision", string(id), err)
}

// look looks at the pictures and commits what it saw.
func (a Assessor) look(ctx context.Context, subject refund.Assessment, tries int, now time.Time) error {
	var seen sighting
	if tries > MaxTries || subject.Case.Attempts > MaxSweeps {
		seen = unseen(evidence.ProblemCrashed)
	} else {
		var err error
		if seen, err = a.see(ctx, subject); err != nil {
			return err
		}
	}
	record := evidence.Record{
		Case: string(subject.Case.ID), Customer: subject.Case.Customer, Feature: subject.Generation.Feature, At: now,
		Output: seen.look.Output, Input: seen.look.Input, Difference: seen.difference, Signals: seen.look.Signals,
	}
	if err := a.compare(ctx, &record); err != nil {
		return err
	}
	// Read as late as can be: a signal that stops meanwhile decides by looks that began before, for
	// as long as those take.
	stopped, err := a.Store.ListStopped(ctx)
	if err != nil {
		return fault.At("assessment.Assess: list stopped signals", record.Case, err)
	}
	record = subject.Revision.Evaluate(record, stopped)
	if err := a.adjudicate(ctx, subject, seen, &record, stopped, now); err != nil {
		return err
	}
	return a.commit(ctx, subject, seen.folder, record, now)
}

// commit writes the record. Where the case has moved on meanwhile, it takes away the objects that
// no record names.
func (a Assessor) commit(ctx context.Context, subject refund.Assessment, folder string, record evidence.Record, now time.Time) error {
	id := subject.Case.ID
	next := todo.List{todo.StepRefund: now.Add(todo.Resend)}
	// The tiles stand where pictures are compared: on the record they would be a kilobyte of each.
	imprint := imprintOf(record, now)
	record.Output.Print.Tiles = nil
	if record.Input != nil {
		input := *record.Input
		input.Print.Tiles = nil
		record.Input = &input
	}
	err := fault.Retry(ctx, func(ctx context.Context) error {
		err := a.Store.RecordEvidence(ctx, id, record, imprint, next)
		if fault.KindOf(err) == fault.KindStale {
			return errOvertaken // no repeat makes it true again
		}
		return err
	})
	if err == nil || fault.KindOf(err) != fault.KindConflict {
		return fault.At("assessment.Assess: record", string(id), err)
	}
	// A doubled message was quicker, a person's words were erased, or the answer of our own commit
	// was lost. The case says which.
	after, err := a.Decider.Assess(ctx, message.NewResultReported(string(id), subject.Case.Generation), now)
	if err != nil {
		return err
	}
	if names(after.Evidence, folder) {
		return nil
	}
	if err := a.clear(ctx, folder); err != nil {
		return err
	}
	if after.Due {
		return fault.Busy(errOvertaken)
	}
	return nil
}

// errOvertaken says that the case is not as it was read.
var errOvertaken = fault.Errorf(fault.KindConflict, fault.CodeInternal, "the case has moved on while its pictures were looked at")

// clear deletes what lies below a folder, "" for none.
func (a Assessor) clear(ctx context.Context, folder string) error {
	if folder == "" {
		return nil
	}
	left, err := a.Shelf.DeletePrefix(ctx, folder)
	if err == nil && left > 0 {
		err = fault.Busy(errLeft)
	}
	return fault.At("assessment.Assess: delete pictures", "", err)
}

// folderOf returns where the objects of a case lie: below its customer's, so that one list finds
// all of a customer.
func folderOf(id refund.CaseID) string { return evidence.Folder(id.CustomerKey()) + string(id) + "/" }

package dynamo

import (
	"context"
	"errors"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/origin"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// A case is one item: of at most 1 KB for a usual report (see verdict.go), of 2 KB once staff have
// ruled (see basis.go). What the customer said is one attribute, so that one REMOVE erases it.

// verdictAttributes lists the attributes that a verdict may change. What was asked is written once,
// and may be erased: it is none of them.
var verdictAttributes = []string{
	attrState, attrPayment, attrOutage, attrLocale, attrKnown, attrCandidates, attrDecision, attrDecidedAt, attrTrace, attrBasis, attrRuling, attrOverruled, attrTakeBacks, attrProposed, attrSecondPersons, attrAppeal, attrAppealedAt, attrReturned, attrReviewBy, attrNotice, attrNotifiedAt, attrHistory,
	attrTodo, attrDueAt, attrAttempts, attrStuckAt,
}

func (s *Store) caseRef(id refund.CaseID) ref {
	return s.shardedRef(s.tables.Cases, id.CustomerKey(), string(id))
}

// newCaseRow returns the row of a case that is not there yet.
func (s *Store) newCaseRow(c refund.Case) item {
	row := encodeCase(c)
	row.putShard(s.caseRef(c.ID).shard)
	return row
}

func encodeCase(c refund.Case) item {
	row := item{
		attrPK:       text(c.ID.CustomerKey()),
		attrSK:       text(string(c.ID)),
		attrCustomer: text(string(c.Customer)),
		attrKind:     text(string(c.Kind)),
		attrState:    text(string(c.State)),
		attrOpenedAt: instant(c.OpenedAt),
	}
	// What the case is about is written once, with the case.
	row.putText(attrGeneration, c.Generation)
	row.putNumber(attrOutput, int64(c.Output))
	row.putText(attrPayment, c.Payment)
	row.putText(attrOutage, c.Outage)
	row.putText(attrLocale, c.Locale)
	row.putText(attrKey, c.Origin.Key)
	row.putText(attrInput, c.Origin.Input)
	// What was said is one attribute of its own, so that it can be erased alone.
	if c.Statement != nil {
		row[attrStatement] = document(newStatementRow(*c.Statement))
	}
	row.putText(attrAddress, string(c.AddressMark))
	if c.Known != nil {
		row[attrKnown] = encodeKnown(*c.Known)
	}
	if len(c.Candidates) > 0 {
		row[attrCandidates] = document(eachOf(c.Candidates, newCandidateRow))
	}
	row.putVerdicts(c)
	row.putTodo(c.Todo, c.Attempts)
	return row
}

// putVerdicts writes what became of the case: its verdicts, its rulings, its appeal and its
// history.
func (i item) putVerdicts(c refund.Case) {
	// Only a case that was once approved or declined has the attribute, so the index decided holds
	// no other.
	i.putInstant(attrDecidedAt, c.FinalAt())
	// The verdict comes before its basis, which is written in the shorthand of the row.
	i.putDecision(c.Decision)
	i.putBasis(c)
	if c.Ruling != nil {
		i[attrRuling] = encodeRuling(*c.Ruling)
	}
	if len(c.Overruled) > 0 {
		i[attrOverruled] = encodeRulings(c.Overruled)
	}
	i.putTakeBacks(c.Overruled, c.Ruling)
	i.putSeconds(c)
	i.putAppeal(c.Appeal)
	i.putHandling(c)
	if c.Returned != nil {
		i[attrReturned] = document(newReturnedRow(*c.Returned))
	}
	// Only a case that waits for staff has the attribute, so the index review holds no other.
	if c.Waiting() {
		i.putInstant(attrReviewBy, c.ReviewBy)
	}
	i.putText(attrNotice, c.Notice)
	i.putInstant(attrNotifiedAt, c.NotifiedAt)
	if len(c.History) > 0 {
		i[attrHistory] = encodeHistory(c.History)
	}
}

// decodeCase returns the case of a row, nil for none.
func decodeCase(row item) (*refund.Case, error) {
	if len(row) == 0 {
		return nil, nil
	}
	c := refund.Case{
		ID:         refund.CaseID(row.text(attrSK)),
		Kind:       policy.Kind(row.text(attrKind)),
		Customer:   ledger.CustomerID(row.text(attrCustomer)),
		Generation: row.text(attrGeneration),
		Output:     int(row.number(attrOutput)),
		Payment:    row.text(attrPayment),
		Outage:     row.text(attrOutage),
		Locale:     row.text(attrLocale),
		State:      refund.State(row.text(attrState)),
		Origin:     origin.Origin{Key: row.text(attrKey), Input: row.text(attrInput)},
		Known:      decodeKnown(row.list(attrKnown)),
		ReviewBy:   row.instant(attrReviewBy),
		Notice:     row.text(attrNotice),
		History:    decodeHistory(row.list(attrHistory)),
		OpenedAt:   row.instant(attrOpenedAt),
		NotifiedAt: row.instant(attrNotifiedAt),
		Todo:       row.todo(),
		Attempts:   int(row.number(attrAttempts)),
	}
	c.AddressMark = refund.AddressMark(row.text(attrAddress))
	// Every case has both: a row without them is broken, and deciding on it would be worse.
	if c.State == "" || c.Customer == "" {
		return nil, missingAttribute("Cases", attrState)
	}
	// The documents are read last. Each may be broken by itself, and the error names them all.
	var faults [9]error
	faults[7] = row.handling(&c)
	c.Decision, faults[0] = row.decision()
	c.Ruling, faults[1] = decodeRuling(row.list(attrRuling))
	c.Overruled, faults[4] = decodeRulings(row.list(attrOverruled))
	row.takeBacks(&c)
	faults[8] = row.seconds(&c)
	var candidates []candidateRow
	var statement *statementRow
	var outcome *returnedRow
	faults[5] = row.document(attrCandidates, &candidates)
	c.Appeal, faults[6] = row.appeal()
	faults[2], faults[3] = row.document(attrStatement, &statement), row.document(attrReturned, &outcome)
	c.Candidates = eachOf(candidates, candidateRow.candidate)
	c.Statement, c.Returned = pointerTo(statement, statementRow.statement), pointerTo(outcome, returnedRow.returned)
	return &c, errors.Join(append(faults[:], row.readBasis(&c))...)
}

// FindCase returns the case, nil when there is none.
func (s *Store) FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error) {
	rows, err := s.get(ctx, s.caseRef(id))
	if err != nil {
		return nil, fault.At("dynamo.FindCase", string(id), err)
	}
	return decodeCase(rows[0])
}

// FindCases returns those of the cases that exist, each once, in the order asked, by consistent
// reads.
func (s *Store) FindCases(ctx context.Context, ids ...refund.CaseID) ([]refund.Case, error) {
	return readAll(ctx, s, refsOf(ids, s.caseRef), decodeCase)
}

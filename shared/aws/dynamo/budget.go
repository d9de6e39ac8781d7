package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/adjudication"
	"makegood/shared/fault"
)

// What a month of opinions costs is one row among the evidence, "budget#2026-03", "month", and one
// row beside it for each opinion, "spend#…". A sum is never trusted to a repeat: the opinion's row
// says whether it was added.
const (
	budgetPrefix = "budget#"
	sortMonth    = "month"
	spendPrefix  = "spend#"
)

func (s *Store) monthRef(month string) ref {
	return s.evidenceRef(budgetPrefix+month, sortMonth)
}

func (s *Store) spendRef(spend adjudication.Spend) ref {
	return s.evidenceRef(budgetPrefix+spend.Month, spendPrefix+spend.ID)
}

// BeginSpend implements adjudication.Budget.
func (s *Store) BeginSpend(ctx context.Context, spend adjudication.Spend, limitMicros int64) (bool, error) {
	if spend.Micros > limitMicros {
		return false, nil
	}
	at := s.spendRef(spend)
	row := at.key()
	row[attrAt], row[attrMost] = instant(spend.At), number(spend.Micros)
	// Two at once meet in the month's row: the second is judged by what the first has added.
	month := newUpdate()
	month.addTo(attrMicros, spend.Micros)
	month.addTo(attrOpinions, 1)
	sum := month.path(attrMicros)
	month.require("(attribute_not_exists(" + sum + ") OR " + sum + " <= " + month.value(number(limitMicros-spend.Micros)) + ")")
	err := s.transact(ctx, []types.TransactWriteItem{create(at.table, row), month.inTransaction(s.monthRef(spend.Month))})
	if err == nil || fault.KindOf(err) != fault.KindStale {
		return err == nil, fault.At("dynamo.BeginSpend", spend.ID, err)
	}
	// The limit does not hold it, or an earlier call did it and its answer was lost.
	rows, err := s.get(ctx, at)
	if err != nil {
		return false, fault.At("dynamo.BeginSpend: read", spend.ID, err)
	}
	return len(rows[0]) > 0, nil
}

// EndSpend implements adjudication.Budget.
func (s *Store) EndSpend(ctx context.Context, spend adjudication.Spend, usedMicros int64) error {
	row, month := newUpdate(), newUpdate()
	// What the row says was added is what is taken off again, once.
	row.setTo(attrMicros, number(usedMicros))
	row.requireEqual(attrMost, number(spend.Micros))
	row.requireSame(attrMicros, nil)
	month.addTo(attrMicros, usedMicros-spend.Micros)
	err := s.transact(ctx, []types.TransactWriteItem{row.inTransaction(s.spendRef(spend)), month.inTransaction(s.monthRef(spend.Month))})
	// A failed condition means that it ended before, or never began: there is nothing to take off.
	if err != nil && fault.KindOf(err) == fault.KindStale {
		return nil
	}
	return fault.At("dynamo.EndSpend", spend.ID, err)
}

// FindMonth implements adjudication.Budget.
func (s *Store) FindMonth(ctx context.Context, month string) (adjudication.MonthSpend, error) {
	rows, err := s.get(ctx, s.monthRef(month))
	if err != nil {
		return adjudication.MonthSpend{}, fault.At("dynamo.FindMonth", month, err)
	}
	return adjudication.MonthSpend{Micros: rows[0].number(attrMicros), Opinions: rows[0].number(attrOpinions)}, nil
}

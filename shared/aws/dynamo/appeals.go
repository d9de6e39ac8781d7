package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/refund"
)

// What became of appeals is counted in one row for each clause, in a partition of the cases that no
// customer has: people write it, at people's pace.
const (
	appealsPartition = "appeals"
)

// maxClauses bounds how many rows of them are read: many times what the published policies have.
const maxClauses = 1000

func (i item) putAppeal(a *refund.Appeal) {
	if a == nil {
		return
	}
	i.putInstant(attrAppealedAt, a.At)
	i[attrAppeal] = document(newAppealRow(*a))
}

func (i item) appeal() (*refund.Appeal, error) {
	var doc *appealRow
	if err := i.document(attrAppeal, &doc); err != nil || doc == nil {
		return nil, err
	}
	return new(doc.appeal(i.instant(attrAppealedAt))), nil
}

// RecordAppeal implements refund.Appeals: the case, and the customer's count of the day where they
// are counted.
func (s *Store) RecordAppeal(ctx context.Context, before, after refund.Case, most int) error {
	row := encodeCase(after)
	// The case must be as it was read, and so must what the customer said: two appeals at once
	// would each keep its own words.
	u := updateCase(before)
	u.requireSame(attrStatement, encodeCase(before)[attrStatement])
	u.replace(row, verdictAttributes...)
	u.setTo(attrStatement, row[attrStatement])
	// The words are written with the appeal: either both are there or neither is.
	writes := []types.TransactWriteItem{u.inTransaction(s.caseRef(after.ID))}
	// Only customers by their own token are counted; the count and the appeal are one commit, so
	// that no race lets one more through.
	if most > 0 {
		writes = append(writes, countUpTo(attrAppealed, most).inTransaction(s.claimsRef(after.ID.CustomerKey(), after.Appeal.At)))
	}
	err := s.transact(ctx, writes)
	// The count alone failed: the case is as it was, and the day is full. Any other failure is a
	// race.
	var cancellation *types.TransactionCanceledException
	if errors.As(err, &cancellation) && onlyLast(cancellation.CancellationReasons) && most > 0 {
		return refund.TooManyAppeals(after.Appeal.At)
	}
	return fault.At("dynamo.RecordAppeal", string(after.ID), err)
}

// onlyLast reports whether the last write's condition alone failed.
func onlyLast(reasons []types.CancellationReason) bool {
	// The reasons come in the order of the writes, "None" for a write that would have passed.
	for i, reason := range reasons {
		code := reasonNone
		if i == len(reasons)-1 {
			code = reasonCondition
		}
		if aws.ToString(reason.Code) != code {
			return false
		}
	}
	return len(reasons) > 0
}

// writeFinding counts one appeal.
func (s *Store) writeFinding(finding refund.AppealFinding) types.TransactWriteItem {
	attribute := attrOverturned
	if finding.Finding == refund.FindingUpheld {
		attribute = attrUpheld
	}
	u := newUpdate()
	u.addTo(attribute, 1)
	return u.inTransaction(ref{table: s.tables.Cases, pk: appealsPartition, sk: finding.Policy + " " + finding.Clause})
}

// ListAppeals returns what became of appeals, clause by clause.
func (s *Store) ListAppeals(ctx context.Context) ([]refund.AppealTally, error) {
	// One partition holds them all: there are as many rows as clauses that somebody appealed
	// against.
	rows, _, _, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Cases), ConsistentRead: aws.Bool(true),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: item{":pk": text(appealsPartition)},
	}, maxClauses)
	if err != nil {
		return nil, err
	}
	tallies := make([]refund.AppealTally, len(rows))
	for i, row := range rows {
		// The sort key is the policy and the clause; no policy has a space in its name.
		name, clause, _ := strings.Cut(row.text(attrSK), " ")
		tallies[i] = refund.AppealTally{
			Policy: name, Clause: clause, Upheld: int(row.number(attrUpheld)), Overturned: int(row.number(attrOverturned)),
		}
	}
	return tallies, nil
}

// countUpTo returns an update that counts one more, and fails where there are most.
func countUpTo(attribute string, most int) *update {
	u := newUpdate()
	u.require(fmt.Sprintf("(attribute_not_exists(%s) OR %[1]s < %s)", u.path(attribute), u.value(number(int64(most)))))
	u.addTo(attribute, 1)
	return u
}

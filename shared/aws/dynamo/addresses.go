package dynamo

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/refund"
)

// By what address a case is found is a row under the mark of the address: written with the case,
// deleted with its words. It lies in the table whose rows an erasure may delete. The cases of one
// address lie in the order of their opening.
// Why: infra/decisions/0070.
const addressPrefix = "address#"

// addressRef returns where the row lies by which the case is found.
func (s *Store) addressRef(c refund.Case) ref {
	return ref{table: s.tables.Evidence, pk: addressPrefix + string(c.AddressMark), sk: sortableInstant(c.OpenedAt) + "#" + string(c.ID)}
}

// writeAddress returns the writes by which an address finds the new case: none without a mark.
func (s *Store) writeAddress(c refund.Case) []types.TransactWriteItem {
	if c.AddressMark == "" {
		return nil
	}
	at := s.addressRef(c)
	row := at.key()
	row[attrCustomer] = text(string(c.Customer))
	// Without a condition: it is written with a case that must be new.
	return []types.TransactWriteItem{{Put: &types.Put{TableName: aws.String(at.table), Item: row}}}
}

// FindAddressed implements refund.AddressBook.
func (s *Store) FindAddressed(ctx context.Context, mark refund.AddressMark, limit int) ([]refund.Addressed, error) {
	if mark == "" {
		return nil, nil
	}
	rows, _, _, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Evidence), ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression:    aws.String("pk = :pk"),
		ExpressionAttributeValues: item{":pk": text(addressPrefix + string(mark))},
	}, limit)
	if err != nil {
		return nil, fault.At("dynamo.FindAddressed", "", err)
	}
	var found []refund.Addressed
	for _, row := range rows {
		opened, id, _ := strings.Cut(row.text(attrSK), "#")
		ms, err := strconv.ParseInt(opened, 10, 64)
		if err != nil {
			return nil, missingAttribute("Evidence", attrSK)
		}
		found = append(found, refund.Addressed{
			Case: refund.CaseID(id), Customer: ledger.CustomerID(row.text(attrCustomer)), OpenedAt: time.UnixMilli(ms).UTC(),
		})
	}
	return found, nil
}

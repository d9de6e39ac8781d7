package dynamo

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
)

// An alias is a row among the payments, under a key that no payment has: there are no spaces in
// their ids. A payment that is granted by its first commit has none, so that it costs no more: a
// claim finds it by what its customer was granted.
const (
	aliasPrefix = "alias "
)

func (s *Store) aliasRef(alias payment.ID) ref {
	return ref{table: s.tables.Payments, pk: aliasPrefix + string(alias)}
}

// writeAliases returns the writes of the aliases that the payment has gained since it was read
// (nil: was not there). Of two payments that are told to have one alias, it names the one that was
// told last.
func (s *Store) writeAliases(before *payment.Payment, after payment.Payment) (writes []types.TransactWriteItem) {
	if before == nil && after.State == payment.StateGranted {
		return nil
	}
	for _, alias := range after.Aliases {
		if before == nil || !slices.Contains(before.Aliases, alias) {
			u := newUpdate()
			u.setTo(attrAliasOf, text(string(after.ID)))
			writes = append(writes, u.inTransaction(s.aliasRef(alias)))
		}
	}
	return writes
}

// FindNamed implements refund.Decisions: the payments and the aliases in one read, and what the
// aliases name in another.
func (s *Store) FindNamed(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error) {
	rows, err := s.getMany(ctx, distinct(refsOf(ids, s.aliasRef)))
	if err != nil {
		return nil, fault.At("dynamo.FindNamed", "", err)
	}
	// An id may be a payment's own or an alias: those that are aliases name a payment more.
	ids = slices.Clone(ids)
	for _, row := range rows {
		if id := payment.ID(row.text(attrAliasOf)); id != "" {
			ids = append(ids, id)
		}
	}
	return s.FindPayments(ctx, ids...)
}

// PurchasesSince implements refund.Decisions: by the lines of the customer's grants, and the row of
// what granted nothing.
func (s *Store) PurchasesSince(ctx context.Context, customer ledger.CustomerID, since time.Time, limit int) ([]payment.ID, error) {
	lines, _, _, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Entries), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND sk >= :since"),
		ExpressionAttributeValues: item{":pk": text(customer.Key()), ":since": text(sortableInstant(since))},
	}, maxLines)
	if err != nil {
		return nil, fault.At("dynamo.PurchasesSince", customer.Key(), err)
	}
	// What granted nothing has no line: its ids stand beside the wallet.
	rows, err := s.get(ctx, s.purchasesRef(customer.Key()))
	if err != nil {
		return nil, fault.At("dynamo.PurchasesSince", customer.Key(), err)
	}
	// Those come first, so that the limit never cuts a purchase off that nobody got credits for.
	ids := decodeIDs(rows[0].list(attrUngranted))
	for _, line := range lines {
		if id := payment.GrantedBy(decodeEntry(line)); id != "" {
			ids = append(ids, id)
		}
	}
	return ids[:min(len(ids), limit)], nil
}

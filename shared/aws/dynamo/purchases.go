package dynamo

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/money"
	"makegood/shared/payment"
)

// A customer's latest purchases are one row beside the wallet, each a list by place: ten of them
// take less than 1 KB. Beside them stand the ids of those that granted nothing.
const (
	sortPurchases = "purchases"
)

// The places of a purchase.
const (
	purchaseID = iota
	purchasePackage
	purchaseCurrency
	purchasePrice
	purchasePaid
	purchaseOrderedAt
	purchaseFields
)

func (s *Store) purchasesRef(customerKey string) ref {
	return ref{table: s.tables.Wallets, pk: customerKey, sk: sortPurchases}
}

func encodePurchases(recent payment.Recent) types.AttributeValue {
	purchases := make([]types.AttributeValue, len(recent))
	for i, purchase := range recent {
		purchases[i] = list(
			text(string(purchase.ID)), text(purchase.Package), text(purchase.Price.Currency), number(purchase.Price.Minor), number(purchase.Paid),
			instant(purchase.OrderedAt),
		)
	}
	return list(purchases...)
}

func decodePurchases(row item) (payment.Recent, error) {
	var recent payment.Recent
	for _, member := range row.list(attrPurchases) {
		fields := asList(member)
		if len(fields) != purchaseFields {
			return nil, fmt.Errorf("dynamo: a recent purchase has %d fields", len(fields))
		}
		recent = append(recent, payment.RecentPurchase{
			ID: payment.ID(asText(fields[purchaseID])), Package: asText(fields[purchasePackage]),
			Price: money.Amount{Currency: asText(fields[purchaseCurrency]), Minor: asNumber(fields[purchasePrice])},
			Paid:  asNumber(fields[purchasePaid]),
			// As it was written, even 1970: it is compared when it is replaced.
			OrderedAt: time.UnixMilli(asNumber(fields[purchaseOrderedAt])).UTC(),
		})
	}
	return recent, nil
}

// writePurchases replaces the recent and the ungranted purchases, each where it changes and if it
// is as it was read. Why: infra/decisions/0015.
func (s *Store) writePurchases(snapshot payment.Snapshot, change payment.Change) types.TransactWriteItem {
	u, row := newUpdate(), item{}
	// Two purchases at once would each drop the other from the list: the list must be as it was
	// read.
	if change.Recent != nil {
		var before types.AttributeValue
		if len(snapshot.Recent) > 0 {
			before = encodePurchases(snapshot.Recent)
		}
		u.requireSame(attrPurchases, before)
		u.setTo(attrPurchases, encodePurchases(change.Recent))
	}
	if change.Ungranted != nil {
		u.requireSame(attrUngranted, encodeIDs(snapshot.Ungranted))
		if ids := encodeIDs(change.Ungranted); ids != nil {
			row[attrUngranted] = ids
		}
		u.replace(row, attrUngranted)
	}
	return u.inTransaction(s.purchasesRef(change.After.Customer().Key()))
}

// encodeIDs returns a list of ids, nil for none.
func encodeIDs(ids []payment.ID) types.AttributeValue {
	if len(ids) == 0 {
		return nil
	}
	texts := make([]types.AttributeValue, len(ids))
	for i, id := range ids {
		texts[i] = text(string(id))
	}
	return list(texts...)
}

func decodeIDs(texts []types.AttributeValue) (ids []payment.ID) {
	for _, id := range texts {
		ids = append(ids, payment.ID(asText(id)))
	}
	return ids
}

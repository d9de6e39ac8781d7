package dynamo

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/money"
	"makegood/shared/payment"
)

// A customer's latest purchases are one row beside the wallet, each a list by place: ten of them take less than 1 KB.
const (
	sortPurchases = "purchases"
	attrPurchases = "purchases"
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
	for i, bought := range recent {
		purchases[i] = list(
			text(string(bought.ID)), text(bought.Package), text(bought.Price.Currency), number(bought.Price.Minor), number(bought.Paid),
			instant(bought.OrderedAt),
		)
	}
	return list(purchases...)
}

func decodePurchases(row item) (payment.Recent, error) {
	var recent payment.Recent
	for _, bought := range row.list(attrPurchases) {
		fields := asList(bought)
		if len(fields) != purchaseFields {
			return nil, fmt.Errorf("dynamo: a recent purchase has %d fields", len(fields))
		}
		recent = append(recent, payment.RecentPurchase{
			ID: payment.ID(asText(fields[purchaseID])), Package: asText(fields[purchasePackage]),
			Price:     money.Amount{Currency: asText(fields[purchaseCurrency]), Minor: asNumber(fields[purchasePrice])},
			Paid:      asNumber(fields[purchasePaid]),
			OrderedAt: time.UnixMilli(asNumber(fields[purchaseOrderedAt])).UTC(), // as it was written, even 1970: it is compared when it is replaced
		})
	}
	return recent, nil
}

// writePurchases replaces the purchases if they are as they were read.
func (s *Store) writePurchases(customerKey string, read, after payment.Recent) types.TransactWriteItem {
	u := newUpdate()
	if len(read) == 0 {
		u.requireSame(attrPurchases, nil)
	} else {
		u.requireSame(attrPurchases, encodePurchases(read))
	}
	u.setTo(attrPurchases, encodePurchases(after))
	return u.inTransaction(s.purchasesRef(customerKey))
}

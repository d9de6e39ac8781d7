package dynamo

import (
	"context"
	"fmt"

	"makegood/shared/fault"
	"makegood/shared/grant"
	"makegood/shared/ledger"
)

// The record of a gift is on the row of the lot that it asked for. How many credits of that lot
// have expired is on the same row.

// LoadGrant implements grant.Store.
func (s *Store) LoadGrant(ctx context.Context, customer ledger.CustomerID, id ledger.LotID) (ledger.Wallet, *grant.Grant, error) {
	rows, err := s.get(ctx, s.walletRef(customer.Key()), s.lotRef(customer.Key(), id))
	if err != nil {
		return ledger.Wallet{}, nil, fault.At("dynamo.LoadGrant", customer.Key(), err)
	}
	wallet, err := decodeWallet(rows[0], customer)
	if err != nil {
		return wallet, nil, fault.At("dynamo.LoadGrant", customer.Key(), err)
	}
	var doc *grantRow
	err = rows[1].document(attrGrant, &doc)
	return wallet, pointerTo(doc, grantRow.grant), err
}

// CommitGrant implements grant.Store.
func (s *Store) CommitGrant(ctx context.Context, g grant.Grant, posting ledger.Posting) error {
	writes, err := s.writePosting(posting, nil)
	if err != nil {
		return fault.At("dynamo.CommitGrant", string(g.ID), err)
	}
	u := newUpdate()
	// One key gives once: the record of the gift is what a replay finds.
	u.require(fmt.Sprintf("attribute_not_exists(%s)", u.path(attrGrant)))
	u.setTo(attrGrant, document(newGrantRow(g)))
	return fault.At("dynamo.CommitGrant", string(g.ID), s.transact(ctx, append(writes, u.inTransaction(s.lotRef(g.Customer.Key(), g.ID)))))
}

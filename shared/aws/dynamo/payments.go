package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/ledger"
	"makegood/shared/payment"
)

// A payment is one item keyed by the provider's own id. Its facts are one JSON document under a version; the debts of it that other
// steps paid are a list beside it, so that those steps can append without reading.
const (
	attrPayment  = "payment"
	attrVersion  = "version"
	attrDebtPaid = "debtPaid"
)

func (s *Store) paymentRef(id string) ref { return ref{table: s.tables.Payments, pk: id} }

func encodePayment(p payment.Payment, version int64) item {
	debtPaid := encodeDraws(p.Taking.DebtPaid)
	p.Taking.DebtPaid = nil
	row := item{
		attrPK: text(string(p.ID)), attrPayment: document(p), attrDebtPaid: debtPaid, attrVersion: number(version),
		attrState: text(string(p.State)),
	}
	row.putText(attrCustomer, string(p.Customer()))
	return row
}

func decodePayment(row item) (*payment.Payment, error) {
	if row == nil {
		return nil, nil
	}
	var p payment.Payment
	if err := row.document(attrPayment, &p); err != nil {
		return nil, err
	}
	if p.ID == "" {
		return nil, missingAttribute("Payments", attrPayment)
	}
	p.Taking.DebtPaid, p.Version = decodeDraws(row.list(attrDebtPaid)), row.number(attrVersion)
	return &p, nil
}

// LoadPayment implements payment.Store: one read when the event names the customer of a new payment, else a second one for what the
// payment itself names.
func (s *Store) LoadPayment(ctx context.Context, id payment.ID, customer ledger.CustomerID) (payment.Snapshot, error) {
	refs := []ref{s.paymentRef(string(id))}
	own := id.Lot()
	if customer != "" {
		refs = append(refs, s.walletRef(customer.Key()), s.lotRef(customer.Key(), own))
	}
	rows, err := s.get(ctx, refs...)
	if err != nil {
		return payment.Snapshot{}, err
	}
	var snapshot payment.Snapshot
	if snapshot.Payment, err = decodePayment(rows[0]); err != nil {
		return snapshot, err
	}
	if customer == "" {
		if snapshot.Payment == nil || snapshot.Payment.Customer() == "" {
			return snapshot, nil
		}
		customer = snapshot.Payment.Customer()
		if rows, err = s.get(ctx, refs[0], s.walletRef(customer.Key()), s.lotRef(customer.Key(), own)); err != nil {
			return snapshot, err
		}
		if snapshot.Payment, err = decodePayment(rows[0]); err != nil {
			return snapshot, err
		}
	}
	snapshot.Expired = rows[2].credits(attrExpired)
	snapshot.Wallet, err = decodeWallet(rows[1], customer)
	return snapshot, err
}

// FindPayments returns those of the payments that exist, each once, in the order asked, by consistent reads.
func (s *Store) FindPayments(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error) {
	return readAll(ctx, s, refsOf(ids, func(id payment.ID) ref { return s.paymentRef(string(id)) }), decodePayment)
}

// CommitPayment implements payment.Store.
func (s *Store) CommitPayment(ctx context.Context, read payment.Snapshot, after payment.Payment, posting ledger.Posting) error {
	var writes []types.TransactWriteItem
	if !posting.Empty() {
		var err error
		if writes, err = s.writePosting(posting, expiredOf(read)); err != nil {
			return err
		}
	}
	if read.Payment == nil {
		return s.transact(ctx, append(writes, create(s.tables.Payments, encodePayment(after, 1))))
	}
	return s.transact(ctx, append(writes, s.writePayment(read.Payment.Version, after)))
}

// writePayment replaces the payment if it is of the version that was read.
func (s *Store) writePayment(version int64, after payment.Payment) types.TransactWriteItem {
	u := newUpdate()
	u.requireEqual(attrVersion, number(version))
	u.replace(encodePayment(after, version+1), attrPayment, attrDebtPaid, attrVersion, attrState, attrCustomer)
	return u.inTransaction(s.paymentRef(string(after.ID)))
}

// expiredOf returns what was read to stand expired of the payment's own lot: a clawback depends on it. A payment that has granted
// nothing has no lot.
func expiredOf(read payment.Snapshot) map[ledger.LotID]ledger.Credits {
	if read.Payment == nil || read.Payment.State != payment.StateGranted {
		return nil
	}
	return map[ledger.LotID]ledger.Credits{read.Payment.ID.Lot(): read.Expired}
}

// writeDebtsPaid returns the writes that note, at each payment whose debt a step paid, the credits that paid it.
func (s *Store) writeDebtsPaid(paid []ledger.DebtPayment) []types.TransactWriteItem {
	draws, order := map[string][]ledger.Draw{}, []string{}
	for _, debt := range paid {
		if draws[debt.Payment] == nil {
			order = append(order, debt.Payment)
		}
		draws[debt.Payment] = append(draws[debt.Payment], debt.Draw)
	}
	var writes []types.TransactWriteItem
	for _, id := range order {
		u := newUpdate()
		u.require("attribute_exists(pk)")
		u.set = append(u.set,
			fmt.Sprintf("%s = list_append(%[1]s, %s)", u.path(attrDebtPaid), u.value(encodeDraws(draws[id]))),
			fmt.Sprintf("%s = %[1]s + %s", u.path(attrVersion), u.value(number(1))),
		)
		writes = append(writes, u.inTransaction(s.paymentRef(id)))
	}
	return writes
}

package dynamo

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/payment"
)

// A payment is one item under the provider's own id. Its facts are one JSON document under a
// version. Beside the document stand the debts of it that other steps paid, a list that those steps
// append to without reading; its open steps; and since when it waits for staff.

func (s *Store) paymentRef(id payment.ID) ref { return ref{table: s.tables.Payments, pk: string(id)} }

func encodePayment(p payment.Payment, version int64) item {
	row := item{
		attrPK: text(string(p.ID)), attrDebtPaid: encodeDraws(p.Clawback.DebtPaid), attrVersion: number(version), attrState: text(string(p.State)),
	}
	row.putText(attrCustomer, string(p.Customer()))
	row.putTodo(p.Todo, p.Attempts)
	row.putText(attrAttention, string(p.ReviewQueue()))
	row.putInstant(attrAttentionAt, p.WaitsSince)
	// What other steps write stands beside the document alone: a copy in it would be out of date.
	p.Clawback.DebtPaid, p.Todo, p.Attempts, p.WaitsSince = nil, nil, 0, time.Time{}
	row[attrPayment] = document(newPaymentRow(p))
	return row
}

// decodePayment returns the payment of a row, nil for none: a row that keeps how far a provider was
// listed, or an alias, is none.
func decodePayment(row item) (*payment.Payment, error) {
	if row == nil || strings.Contains(row.text(attrPK), " ") {
		return nil, nil
	}
	var doc paymentRow
	if err := row.document(attrPayment, &doc); err != nil {
		return nil, err
	}
	if doc.ID == "" {
		return nil, missingAttribute("Payments", attrPayment)
	}
	p := doc.payment()
	p.Clawback.DebtPaid, p.Version = decodeDraws(row.list(attrDebtPaid)), row.number(attrVersion)
	p.Todo, p.Attempts, p.WaitsSince = row.todo(), int(row.number(attrAttempts)), row.instant(attrAttentionAt)
	return &p, nil
}

// LoadPayment implements payment.Store: one read when the event names the customer of a new
// payment, else a second one for what the payment itself names.
func (s *Store) LoadPayment(ctx context.Context, id payment.ID, customer ledger.CustomerID) (payment.Snapshot, error) {
	if customer != "" {
		return s.loadPayment(ctx, id, customer)
	}
	// The event names nobody: the payment does, if it is known. Its customer may change between the
	// two reads; the commit then finds another version.
	rows, err := s.get(ctx, s.paymentRef(id))
	if err != nil {
		return payment.Snapshot{}, fault.At("dynamo.LoadPayment", string(id), err)
	}
	p, err := decodePayment(rows[0])
	if err != nil || p == nil || p.Customer() == "" {
		return payment.Snapshot{Payment: p}, fault.At("dynamo.LoadPayment", string(id), err)
	}
	return s.loadPayment(ctx, id, p.Customer())
}

func (s *Store) loadPayment(ctx context.Context, id payment.ID, customer ledger.CustomerID) (snapshot payment.Snapshot, err error) {
	key := customer.Key()
	rows, err := s.get(ctx, s.paymentRef(id), s.walletRef(key), s.lotRef(key, id.Lot()), s.purchasesRef(key))
	if err != nil {
		return snapshot, err
	}
	if snapshot.Payment, err = decodePayment(rows[0]); err != nil {
		return snapshot, err
	}
	if snapshot.Wallet, err = decodeWallet(rows[1], customer); err != nil {
		return snapshot, err
	}
	snapshot.Expired = rows[2].credits(attrExpired)
	snapshot.Recent, err = decodePurchases(rows[3])
	snapshot.Ungranted = decodeIDs(rows[3].list(attrUngranted))
	return snapshot, err
}

// FindPayments returns those of the payments that exist, each once, in the order asked, by
// consistent reads.
func (s *Store) FindPayments(ctx context.Context, ids ...payment.ID) ([]payment.Payment, error) {
	return readAll(ctx, s, refsOf(ids, s.paymentRef), decodePayment)
}

// CommitPayment implements payment.Store.
func (s *Store) CommitPayment(ctx context.Context, snapshot payment.Snapshot, change payment.Change) error {
	writes, err := s.writeChange(snapshot, change)
	if err != nil {
		return fault.At("dynamo.CommitPayment", string(change.After.ID), err)
	}
	return fault.At("dynamo.CommitPayment", string(change.After.ID), s.transact(ctx, writes))
}

// writeChange returns the writes of what a step makes of a payment.
func (s *Store) writeChange(snapshot payment.Snapshot, change payment.Change) ([]types.TransactWriteItem, error) {
	// One transaction may write an item once: debts of payments that are written anyway go along.
	change = withOwnDebts(change)
	var writes []types.TransactWriteItem
	if !change.Posting.Empty() {
		var err error
		if writes, err = s.writePosting(change.Posting, expiredOf(snapshot)); err != nil {
			return nil, err
		}
	}
	// A payment that was unknown must still be; a known one must be of the version that was read.
	if snapshot.Payment == nil {
		writes = append(writes, create(s.tables.Payments, encodePayment(change.After, 1)))
	} else {
		writes = append(writes, s.writePayment(*snapshot.Payment, change.After))
	}
	writes = append(writes, s.writeAliases(snapshot.Payment, change.After)...)
	writes = append(writes, s.writeDisputed(snapshot.Payment, change.After)...)
	if change.Recent != nil || change.Ungranted != nil {
		writes = append(writes, s.writePurchases(snapshot, change))
	}
	// The other payments of a double charge are written under their versions too.
	for _, duplicate := range change.Duplicates {
		writes = append(writes, s.writePayment(payment.Payment{Version: duplicate.Version}, duplicate))
	}
	return writes, nil
}

// writePayment replaces the payment if it is of the version that was read. What it owes is left
// alone where that has not changed: a sweep may have claimed it meanwhile.
func (s *Store) writePayment(before, after payment.Payment) types.TransactWriteItem {
	u := newUpdate()
	u.requireEqual(attrVersion, number(before.Version))
	row := encodePayment(after, before.Version+1)
	u.replace(row, attrPayment, attrDebtPaid, attrVersion, attrState, attrCustomer, attrAttention, attrAttentionAt)
	if before.ID == "" || before.Attempts != after.Attempts || !reflect.DeepEqual(before.Todo, after.Todo) {
		u.replace(row, attrTodo, attrDueAt, attrAttempts, attrStuckAt)
	}
	return u.inTransaction(s.paymentRef(after.ID))
}

// expiredOf returns what was read to stand expired of the payment's own lot: a clawback depends on
// it. A payment that has granted nothing has no lot.
func expiredOf(snapshot payment.Snapshot) map[ledger.LotID]ledger.Credits {
	if snapshot.Payment == nil || snapshot.Payment.State != payment.StateGranted {
		return nil
	}
	return map[ledger.LotID]ledger.Credits{snapshot.Payment.ID.Lot(): snapshot.Expired}
}

// withOwnDebts notes what the posting pays of the debts of payments that the change writes anyway
// on those: a transaction writes an item once.
func withOwnDebts(change payment.Change) payment.Change {
	change.Duplicates = slices.Clone(change.Duplicates)
	// The copies of the change are edited here, not what the caller holds.
	own := map[string]*payment.Payment{string(change.After.ID): &change.After}
	for i := range change.Duplicates {
		own[string(change.Duplicates[i].ID)] = &change.Duplicates[i]
	}
	var others []ledger.DebtPayment
	for _, debt := range change.Posting.DebtsPaid {
		// A debt of a payment within this commit is noted on that; another's needs a write of its
		// own.
		if owner := own[debt.Payment]; owner != nil {
			owner.Clawback.DebtPaid = append(slices.Clip(owner.Clawback.DebtPaid), debt.Draw)
		} else {
			others = append(others, debt)
		}
	}
	change.Posting.DebtsPaid = others
	return change
}

// writeDebtsPaid returns the writes that note, at each payment whose debt a step paid, the credits
// that paid it.
func (s *Store) writeDebtsPaid(debts []ledger.DebtPayment) []types.TransactWriteItem {
	draws, order := map[string][]ledger.Draw{}, []string{}
	// Draws are put together by payment, in the order of the postings: one write each.
	for _, debt := range debts {
		if draws[debt.Payment] == nil {
			order = append(order, debt.Payment)
		}
		draws[debt.Payment] = append(draws[debt.Payment], debt.Draw)
	}
	var writes []types.TransactWriteItem
	for _, id := range order {
		u := newUpdate()
		// A payment that is gone would have its debt paid for nobody.
		u.require(conditionThere)
		// The list grows without a read, and the version with it: whoever read the payment before
		// must read it again.
		u.set = append(u.set,
			fmt.Sprintf("%s = list_append(%[1]s, %s)", u.path(attrDebtPaid), u.value(encodeDraws(draws[id]))),
			fmt.Sprintf("%s = %[1]s + %s", u.path(attrVersion), u.value(number(1))),
		)
		writes = append(writes, u.inTransaction(s.paymentRef(payment.ID(id))))
	}
	return writes
}

package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// A wallet is one item: the customer's key, then "wallet". Its lots are a map from the lot's key to
// a list, so that a hold can name one lot's remaining credits in its condition and 20 lots stay
// under 1 KB.
const (
	sortWallet = "wallet"
	lotPrefix  = "lot_"
)

// The places of a lot's list.
const (
	lotRemaining = iota
	lotGranted
	lotSource
	lotExpiresAt
	lotGrantedAt
	lotFields
)

var sourceLetters = map[ledger.Source]string{
	ledger.SourcePurchase: "p", ledger.SourceAllowance: "a", ledger.SourcePromotion: "o", ledger.SourceGoodwill: "g",
}

var lettersSource = func() map[string]ledger.Source {
	sources := map[string]ledger.Source{}
	for source, letter := range sourceLetters {
		sources[letter] = source
	}
	return sources
}()

func (s *Store) walletRef(customerKey string) ref {
	return s.shardedRef(s.tables.Wallets, customerKey, sortWallet)
}

func (s *Store) lotRef(customerKey string, lot ledger.LotID) ref {
	return ref{table: s.tables.Wallets, pk: customerKey, sk: string(lot)}
}

func encodeLots(lots []ledger.Lot) types.AttributeValue {
	members := map[string]types.AttributeValue{}
	for _, lot := range lots {
		expiresAt := number(0)
		if !lot.ExpiresAt.IsZero() {
			expiresAt = instant(lot.ExpiresAt)
		}
		members[lot.ID.Key()] = list(
			number(int64(lot.Remaining)), number(int64(lot.Granted)), text(sourceLetters[lot.Source]), expiresAt, instant(lot.GrantedAt),
		)
	}
	return mapping(members)
}

func encodeDebts(debts []ledger.Debt) types.AttributeValue {
	members := map[string]types.AttributeValue{}
	for _, debt := range debts {
		members[debt.Payment] = number(int64(debt.Credits))
	}
	return mapping(members)
}

// decodeWallet returns the wallet of row; a nil row is a wallet that nobody has written.
func decodeWallet(row item, customer ledger.CustomerID) (ledger.Wallet, error) {
	wallet := ledger.Wallet{Customer: customer, Standing: ledger.StandingGood}
	if row == nil {
		return wallet, nil
	}
	// A key is a hash: were two customers ever to share one, their credits must not mix.
	if owner := ledger.CustomerID(row.text(attrCustomer)); customer == "" {
		wallet.Customer = owner
	} else if owner != customer {
		return wallet, errors.New("dynamo: two customers share one key")
	}
	wallet.Recorded, wallet.At = true, row.instant(attrAt)
	if standing := row.text(attrStanding); standing != "" {
		wallet.Standing = ledger.Standing(standing)
	}
	// A map has no order: the wallet is sorted below, in the order in which lots are drawn from.
	for key, value := range row.mapping(attrLots) {
		fields := asList(value)
		if len(fields) != lotFields {
			return wallet, fmt.Errorf("dynamo: lot %s has %d fields", key, len(fields))
		}
		wallet.Lots = append(wallet.Lots, ledger.Lot{
			ID:        ledger.LotID(lotPrefix + key),
			Remaining: ledger.Credits(asNumber(fields[lotRemaining])),
			Granted:   ledger.Credits(asNumber(fields[lotGranted])),
			Source:    lettersSource[asText(fields[lotSource])],
			ExpiresAt: asInstant(fields[lotExpiresAt]),
			GrantedAt: asInstant(fields[lotGrantedAt]),
		})
	}
	for payment, credits := range row.mapping(attrDebts) {
		wallet.Debts = append(wallet.Debts, ledger.Debt{Payment: payment, Credits: ledger.Credits(asNumber(credits))})
	}
	wallet.Sort()
	return wallet, nil
}

// FindWallet returns the customer's wallet; one that nobody has written has Recorded false.
func (s *Store) FindWallet(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, error) {
	rows, err := s.get(ctx, s.walletRef(customer.Key()))
	if err != nil {
		return ledger.Wallet{}, fault.At("dynamo.FindWallet", customer.Key(), err)
	}
	return decodeWallet(rows[0], customer)
}

// writePosting returns the writes of a posting: the wallet under its guard, the entries, what
// stands expired, the debts paid. An empty one has none. expired is what was read to stand expired
// of lots, where the posting depends on it.
func (s *Store) writePosting(posting ledger.Posting, stock map[ledger.LotID]ledger.Credits) ([]types.TransactWriteItem, error) {
	if posting.Empty() {
		return nil, nil
	}
	trail, err := s.writeTrail(posting, stock)
	return append([]types.TransactWriteItem{s.writeWallet(posting)}, trail...), err
}

// writeTrail returns the writes of a posting beside the wallet: the entries, what stands expired,
// the debts paid.
func (s *Store) writeTrail(posting ledger.Posting, stock map[ledger.LotID]ledger.Credits) ([]types.TransactWriteItem, error) {
	// Whatever a rule computed, nothing is written that its entries do not explain.
	if err := ledger.Check(posting); err != nil {
		return nil, err
	}
	var writes []types.TransactWriteItem
	customerKey := posting.After.Customer.Key()
	// An entry's id derives from what caused it: the same step twice fails on its condition.
	for _, entry := range posting.Entries {
		writes = append(writes, create(s.tables.Entries, encodeEntry(entry)))
	}
	// What stands expired moves with the entries that say so.
	for lot, credits := range posting.Expired {
		before, depends := stock[lot]
		writes = append(writes, writeExpired(credits, before, depends).inTransaction(s.lotRef(customerKey, lot)))
	}
	// A clawback that takes nothing from expired credits still rests on how many there were.
	for lot, before := range stock {
		if _, ok := posting.Expired[lot]; !ok {
			writes = append(writes, guardExpired(before).check(s.lotRef(customerKey, lot)))
		}
	}
	return append(writes, s.writeDebtsPaid(posting.DebtsPaid)...), nil
}

// writeExpired adds to what stands expired of a lot; it takes away no more than stands there, and
// depends on what was read where the posting does.
func writeExpired(credits, before ledger.Credits, depends bool) *update {
	u := newUpdate()
	// Where the posting rests on the sum, the sum must be as it was read; else no more is taken
	// than has expired.
	if depends {
		u = guardExpired(before)
	} else if credits < 0 {
		u.require(u.path(attrExpired) + " >= " + u.value(number(int64(-credits))))
	}
	u.set = append(u.set, fmt.Sprintf("%s = if_not_exists(%[1]s, %s) + %s", u.path(attrExpired), u.value(number(0)), u.value(number(int64(credits)))))
	return u
}

// guardExpired requires that of a lot stands expired what was read.
func guardExpired(before ledger.Credits) *update {
	u := newUpdate()
	path, value := u.path(attrExpired), u.value(number(int64(before)))
	// A lot of which nothing has expired has no row: absent and 0 are the same.
	if before == 0 {
		u.require(fmt.Sprintf("(attribute_not_exists(%s) OR %[1]s = %s)", path, value))
	} else {
		u.require(path + " = " + value)
	}
	return u
}

// writeWallet returns the wallet's write under its guard. The posting must not be empty.
func (s *Store) writeWallet(posting ledger.Posting) types.TransactWriteItem {
	at := s.walletRef(posting.After.Customer.Key())
	if !posting.Before.Recorded {
		return create(at.table, newWalletRow(at, posting.Stored()))
	}
	return replaceWallet(posting).inTransaction(at)
}

func newWalletRow(at ref, wallet ledger.Wallet) item {
	row := at.key()
	row[attrCustomer] = text(string(wallet.Customer))
	row[attrLots], row[attrDebts] = encodeLots(wallet.Lots), encodeDebts(wallet.Debts)
	// Good is what a customer is of whom nobody judged: it takes no attribute.
	if wallet.Standing != ledger.StandingGood {
		row.putText(attrStanding, string(wallet.Standing))
	}
	row.putInstant(attrAt, wallet.At)
	row.putInstant(attrDueAt, wallet.NextExpiry())
	row.putShard(at.shard)
	return row
}

// guardWallet requires the wallet as it was read. Each posting moves its instant, so that stands
// for its lots and debts. Why: infra/decisions/0004.
func guardWallet(before ledger.Wallet) *update {
	u := newUpdate()
	if !before.Recorded {
		u.require(conditionNew)
		return u
	}
	last := item{}
	last.putInstant(attrAt, before.At)
	u.requireSame(attrAt, last[attrAt])
	requireStanding(u, before.Standing)
	return u
}

// replaceWallet makes a recorded wallet what the posting leaves, if it is as it was read.
func replaceWallet(posting ledger.Posting) *update {
	u := guardWallet(posting.Before)
	if posting.Empty() {
		return u
	}
	u.setTo(attrLots, encodeLots(posting.After.Lots))
	u.setTo(attrDebts, encodeDebts(posting.After.Debts))
	u.setTo(attrAt, instant(posting.At))
	// An index write costs as much as the wallet's own: the instant moves only where it must.
	if sooner(posting.After.NextExpiry(), posting.Before.NextExpiry()) {
		u.setTo(attrDueAt, instant(posting.After.NextExpiry()))
	}
	return u
}

// sooner reports whether the wallet must wake earlier than it does. A lot that left leaves its
// instant behind: waking once for nothing costs less than two index writes on every hold.
func sooner(after, before time.Time) bool {
	return !after.IsZero() && (before.IsZero() || after.Before(before))
}

// requireStanding holds the customer's standing; good needs no attribute.
func requireStanding(u *update, standing ledger.Standing) {
	name, value := u.path(attrStanding), u.value(text(string(standing)))
	if standing == ledger.StandingGood {
		u.require(fmt.Sprintf("(attribute_not_exists(%s) OR %[1]s = %s)", name, value))
	} else {
		u.require(name + " = " + value)
	}
}

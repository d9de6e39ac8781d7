package dynamo

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/attachment"
	"makegood/shared/due"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/todo"
)

// maxPages bounds how much of an index one walk reads: at most 1 MB a page.
const maxPages = 50

func (s *Store) dueTables() map[todo.Kind]string {
	return map[todo.Kind]string{
		todo.KindWallet: s.tables.Wallets, todo.KindGeneration: s.tables.Generations, todo.KindCase: s.tables.Cases,
		todo.KindOffer: s.tables.Cases, todo.KindStanding: s.tables.Cases, todo.KindAttachment: s.tables.Cases, todo.KindPayment: s.tables.Payments, todo.KindOutage: s.tables.Outages,
	}
}

func (s *Store) dueRef(key due.Key) ref {
	if key.Kind == todo.KindAttachment {
		return s.attachmentRef(attachment.ID(key.Sort))
	}
	table := s.dueTables()[key.Kind]
	if table == s.tables.Wallets || table == s.tables.Cases {
		return s.shardedRef(table, key.Partition, key.Sort)
	}
	return ref{table: table, pk: key.Partition, sk: key.Sort}
}

// Overdue implements due.Store: of wallets and cases by shard, in the order of their instants; of
// the others by a scan of a sparse index, which holds only what is open.
func (s *Store) Overdue(ctx context.Context, now time.Time, limit int) (keys []due.Key, cuts int, err error) {
	// Each table is read up to the whole limit, so that a full one leaves the others their turn.
	for _, kind := range dueOrder {
		entries, cut, err := s.overdue(ctx, kind, now, limit)
		if err != nil {
			return nil, 0, fault.At("dynamo.Overdue", string(kind), err)
		}
		for _, e := range entries {
			keys = append(keys, dueKey(kind, e))
		}
		if cut {
			cuts++
		}
	}
	return keys, cuts, nil
}

// overdue returns at most limit overdue entries of a table, and whether it has more.
func (s *Store) overdue(ctx context.Context, kind todo.Kind, now time.Time, limit int) ([]entry, bool, error) {
	w := walk{table: s.dueTables()[kind], index: indexDue, former: indexOpen, attribute: attrDueAt, until: now}
	switch kind {
	case todo.KindWallet, todo.KindCase:
		return s.walk(ctx, w, nil, limit)
	case todo.KindGeneration:
		// Its index is one by customer, for the sum of what they hold hangs on it too.
		entries, cut, err := s.scanEntries(ctx, scan{walk: w, index: indexHeld, limit: limit, again: true})
		if err == nil || !s.former || !isMissingIndex(err) {
			return entries, cut, err
		}
	default:
	}
	return s.scanEntries(ctx, scan{walk: w, index: indexOpen, limit: limit, again: true})
}

func (s *Store) scanEntries(ctx context.Context, of scan) ([]entry, bool, error) {
	rows, cut, err := s.scanIndex(ctx, of)
	entries := make([]entry, len(rows))
	for i, row := range rows {
		entries[i] = of.entry(row)
	}
	return entries, cut, err
}

func dueKey(table todo.Kind, e entry) due.Key {
	return due.Key{Kind: kindOf(table, e.sk), Partition: strings.TrimPrefix(e.pk, attachmentsPrefix), Sort: e.sk, At: asInstant(number(e.at))}
}

// Stuck implements due.Store: what the index lists, as its table has it, without what was mended
// since.
func (s *Store) Stuck(ctx context.Context, after *due.Position, limit int) ([]due.Item, *due.Position, error) {
	// The index is read whole: the list is in order of time, which a scan is not. What is stuck is
	// few: one is an alarm.
	var keys []due.Key
	for _, kind := range dueOrder {
		w := walk{table: s.dueTables()[kind], attribute: attrStuckAt}
		entries, _, err := s.scanEntries(ctx, scan{walk: w, index: indexStuck, limit: maxQueue})
		if err != nil {
			return nil, nil, fault.At("dynamo.Stuck", string(kind), err)
		}
		for _, e := range entries {
			keys = append(keys, dueKey(kind, e))
		}
	}
	keys, next := due.PageOf(keys, after, limit)
	// The index may lag: the table tells what was mended since, and that is left out.
	rows, err := s.getMany(ctx, refsOf(keys, s.dueRef))
	if err != nil {
		return nil, nil, fault.At("dynamo.Stuck", "", err)
	}
	var items []due.Item
	for i, key := range keys {
		if !rows[i].instant(attrStuckAt).IsZero() {
			items = append(items, dueItem(key, rows[i]))
		}
	}
	return items, next, nil
}

func dueItem(key due.Key, row item) due.Item {
	return due.Item{
		Key: key, Todo: row.todo(), Attempts: int(row.number(attrAttempts)), Customer: ledger.CustomerID(row.text(attrCustomer)),
	}
}

// kindOf returns the kind of a row that an index of another kind's table shows: offers, untold
// changes of standing and attachments lie among the cases.
func kindOf(table todo.Kind, sk string) todo.Kind {
	if table == todo.KindCase && strings.HasPrefix(sk, standingPrefix) {
		return todo.KindStanding
	}
	if table == todo.KindCase && strings.HasPrefix(sk, offerPrefix) {
		return todo.KindOffer
	}
	if table == todo.KindCase && strings.HasPrefix(sk, attachmentPrefix) {
		return todo.KindAttachment
	}
	return table
}

// dueOrder gives each table's turn, so that one full of open work does not starve the others: each
// gets the whole limit.
var dueOrder = []todo.Kind{todo.KindGeneration, todo.KindCase, todo.KindPayment, todo.KindOutage, todo.KindWallet}

// LoadItem implements due.Store.
func (s *Store) LoadItem(ctx context.Context, key due.Key) (*due.Item, error) {
	rows, err := s.get(ctx, s.dueRef(key))
	if err != nil {
		return nil, fault.At("dynamo.LoadItem", key.Partition+" "+key.Sort, err)
	}
	row := rows[0]
	// The index may show what has been done since: without a due instant nothing is open.
	if row.instant(attrDueAt).IsZero() {
		return nil, nil
	}
	open := dueItem(key, row)
	open.At = row.instant(attrDueAt)
	// A wallet has no list of steps: its due instant is the expiry of its next lot.
	if key.Kind == todo.KindWallet {
		open.Todo = todo.List{todo.StepExpiry: open.At}
		open.Wallet, err = decodeWallet(row, "")
	}
	if err != nil {
		return &open, fault.At("dynamo.LoadItem", key.Partition+" "+key.Sort, err)
	}
	return &open, nil
}

// guardItem requires that the item is due as it was read, and owes what it did: a step may have
// joined the others at the same instant.
func guardItem(before due.Item) *update {
	u := newUpdate()
	u.requireEqual(attrDueAt, instant(before.At))
	if before.Kind != todo.KindWallet {
		u.requireEqual(attrTodo, encodeTodo(before.Todo))
	}
	return u
}

// Claim implements due.Store.
func (s *Store) Claim(ctx context.Context, before due.Item, next todo.List, attempts int) error {
	row := item{}
	row.putTodo(next, attempts)
	u := guardItem(before)
	// The new instant takes the item out of the index until then, so no second sweep sends it.
	u.replace(row, attrDueAt, attrAttempts)
	if before.Kind != todo.KindWallet { // a wallet's only step is its expiry: the instant says it all
		u.replace(row, attrTodo)
	}
	_, err := s.api.UpdateItem(ctx, u.alone(s.dueRef(before.Key)))
	return fault.At("dynamo.Claim", before.Partition+" "+before.Sort, classify(err))
}

// Strand implements due.Store.
func (s *Store) Strand(ctx context.Context, before due.Item, now, next time.Time) error {
	row := item{}
	row.putInstant(attrDueAt, next)
	u := guardItem(before)
	// It joins the index of what is stuck, which staff read, and leaves that of what is due unless
	// it is to be tried again.
	u.setTo(attrStuckAt, instant(now))
	u.replace(row, attrDueAt)
	_, err := s.api.UpdateItem(ctx, u.alone(s.dueRef(before.Key)))
	return fault.At("dynamo.Strand", before.Partition+" "+before.Sort, classify(err))
}

// LoadStuck implements due.Retries.
func (s *Store) LoadStuck(ctx context.Context, key due.Key) (*due.Item, error) {
	rows, err := s.get(ctx, s.dueRef(key))
	if err != nil {
		return nil, fault.At("dynamo.LoadStuck", key.Partition+" "+key.Sort, err)
	}
	row := rows[0]
	at := row.instant(attrStuckAt)
	if at.IsZero() {
		return nil, nil
	}
	stuck := dueItem(key, row)
	stuck.At = at
	return &stuck, nil
}

// Unstick implements due.Retries.
func (s *Store) Unstick(ctx context.Context, before due.Item) error {
	u := newUpdate()
	// A step that was taken meanwhile has changed what the item owes, or ended its being stuck.
	u.requireEqual(attrStuckAt, instant(before.At))
	u.requireEqual(attrTodo, encodeTodo(before.Todo))
	row := item{}
	row.putTodo(before.Todo, 0)
	u.replace(row, attrDueAt, attrAttempts, attrStuckAt)
	_, err := s.api.UpdateItem(ctx, u.alone(s.dueRef(before.Key)))
	return fault.At("dynamo.Unstick", before.Partition+" "+before.Sort, classify(err))
}

// CommitExpiry implements due.Store. The wallet sleeps until its next expiry, or for good.
func (s *Store) CommitExpiry(ctx context.Context, posting ledger.Posting) error {
	key := posting.After.Customer.Key()
	at := s.walletRef(key)
	// The wallet is written even where its next expiry alone changes.
	u := replaceWallet(posting)
	row := item{}
	row.putInstant(attrDueAt, posting.After.NextExpiry())
	// A sweep that failed before may have marked the wallet: it is well again.
	u.replace(row, attrDueAt, attrAttempts, attrStuckAt)
	writes := []types.TransactWriteItem{u.inTransaction(at)}
	rest, err := s.writeTrail(posting, nil)
	if err != nil {
		return fault.At("dynamo.CommitExpiry", key, err)
	}
	return fault.At("dynamo.CommitExpiry", key, s.transact(ctx, append(writes, rest...)))
}

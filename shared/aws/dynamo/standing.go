package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// A change of standing is one row beside the wallet; its id is its key, which sorts by its instant.
// It is put once and never touched. That its customer is to be told stands under the same key among
// the cases: whoever tells may write there, and no wallet.
const (
	standingPrefix  = "std_"
	standingChanged = "changed" // its notice: a change has one
)

// LoadStanding implements standing.Store in one read: newest first, the wallet stands before its
// changes.
func (s *Store) LoadStanding(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, []standing.Change, error) {
	rows, _, _, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Wallets), ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :first AND :last"),
		ExpressionAttributeValues: item{
			":pk": text(customer.Key()), ":first": text(standingPrefix), ":last": text(sortWallet),
		},
	}, 1+standing.MaxChanges) // a change never stands without a wallet
	if err != nil {
		return ledger.Wallet{}, nil, fault.At("dynamo.LoadStanding", customer.Key(), err)
	}
	// "wallet" sorts after every "std_…", so read backward it comes first.
	var wallet item
	if len(rows) > 0 && rows[0].text(attrSK) == sortWallet {
		wallet, rows = rows[0], rows[1:]
	}
	var changes []standing.Change
	for _, row := range rows {
		changes = append(changes, decodeChange(row))
	}
	current, err := decodeWallet(wallet, customer)
	if err != nil {
		return current, changes, fault.At("dynamo.LoadStanding", customer.Key(), err)
	}
	return current, changes, nil
}

func decodeChange(row item) standing.Change {
	return standing.Change{
		At: row.instant(attrAt), Standing: ledger.Standing(row.text(attrStanding)), Note: row.text(attrNote), By: row.text(attrBy),
		Locale: row.text(attrLocale),
	}
}

// changeRef is where it stands that the customer is to be told of the change.
func (s *Store) changeRef(id standing.ID) ref {
	return s.shardedRef(s.tables.Cases, id.CustomerKey(), string(id))
}

// CommitStanding implements standing.Store.
func (s *Store) CommitStanding(ctx context.Context, before ledger.Wallet, change standing.Change, steps todo.List) error {
	at, id := s.walletRef(before.Customer.Key()), standing.NewID(before.Customer.Key(), change.At)
	line := ref{table: at.table, pk: at.pk, sk: string(id)}.key()
	line[attrAt], line[attrStanding] = instant(change.At), text(string(change.Standing))
	line.putText(attrNote, change.Note)
	line.putText(attrBy, change.By)
	// The line of the history and the standing are one commit; a line is put once and never
	// touched.
	writes := []types.TransactWriteItem{s.writeStanding(at, before, change.Standing), create(at.table, line)}
	// What the customer is to be told is a row of its own, which the notice may write to.
	if len(steps) > 0 {
		writes = append(writes, create(s.tables.Cases, s.noticeRow(id, before.Customer, change, steps)))
	}
	return fault.At("dynamo.CommitStanding", string(id), s.transact(ctx, writes))
}

// noticeRow returns the row by which the customer is told of the change; staff's note is not in it.
func (s *Store) noticeRow(id standing.ID, customer ledger.CustomerID, change standing.Change, steps todo.List) item {
	at := s.changeRef(id)
	row := at.key()
	row[attrAt], row[attrStanding] = instant(change.At), text(string(change.Standing))
	row[attrCustomer], row[attrNotice] = text(string(customer)), text(standingChanged)
	row.putText(attrLocale, change.Locale)
	row.putTodo(steps, 0)
	row.putShard(at.shard)
	return row
}

// FindChange implements notice.Standings.
func (s *Store) FindChange(ctx context.Context, id standing.ID) (*standing.ChangeRecord, error) {
	rows, err := s.get(ctx, s.changeRef(id))
	if err != nil || len(rows[0]) == 0 {
		return nil, fault.At("dynamo.FindChange", string(id), err)
	}
	record := decodeChangeRecord(rows[0])
	return &record, nil
}

func decodeChangeRecord(row item) standing.ChangeRecord {
	return standing.ChangeRecord{
		ID: standing.ID(row.text(attrSK)), Customer: ledger.CustomerID(row.text(attrCustomer)), Change: decodeChange(row),
		Todo: row.todo(), Attempts: int(row.number(attrAttempts)),
	}
}

// MarkChangeNotified implements notice.Standings: one UpdateItem.
func (s *Store) MarkChangeNotified(ctx context.Context, id standing.ID) error {
	return s.takeStep(ctx, s.changeRef(id), todo.StepStand, newUpdate())
}

func (s *Store) changeMail(id standing.ID) mailing {
	return mailing{at: s.changeRef(id), step: todo.StepStand, notice: standingChanged, key: standingChanged}
}

// ClaimChangeMail implements notice.Standings: one UpdateItem.
func (s *Store) ClaimChangeMail(ctx context.Context, id standing.ID, by string, at time.Time) (bool, error) {
	return s.claimMail(ctx, s.changeMail(id), by, at)
}

// ReturnChangeMail implements notice.Standings: one UpdateItem.
func (s *Store) ReturnChangeMail(ctx context.Context, id standing.ID, by string) error {
	return s.returnMail(ctx, s.changeMail(id), by)
}

func (s *Store) writeStanding(at ref, before ledger.Wallet, next ledger.Standing) types.TransactWriteItem {
	if !before.Recorded {
		before.Standing = next
		return create(at.table, newWalletRow(at, before))
	}
	u := newUpdate()
	requireStanding(u, before.Standing)
	u.setTo(attrStanding, text(string(next)))
	return u.inTransaction(at)
}

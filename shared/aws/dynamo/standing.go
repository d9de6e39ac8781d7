package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/ledger"
	"makegood/shared/standing"
	"makegood/shared/todo"
)

// A change of standing is one row beside the wallet; its id is its key, which sorts by its instant. What it says is put once and never touched, beside
// it stands what it owes the world.
const (
	standingPrefix = "std_"
	standingTold   = "changed" // its notice: a change has one
	attrAt         = "at"
	attrNote       = "note"
	attrBy         = "by"
)

// LoadStanding implements standing.Store in one read: newest first, the wallet stands before its changes.
func (s *Store) LoadStanding(ctx context.Context, customer ledger.CustomerID) (ledger.Wallet, []standing.Change, error) {
	rows, _, _, err := s.query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.tables.Wallets), ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :first AND :last"),
		ExpressionAttributeValues: item{
			":pk": text(customer.Key()), ":first": text(standingPrefix), ":last": text(sortWallet),
		},
	}, 1+standing.MaxShown) // a change never stands without a wallet
	if err != nil {
		return ledger.Wallet{}, nil, err
	}
	var wallet item
	if len(rows) > 0 && rows[0].text(attrSK) == sortWallet {
		wallet, rows = rows[0], rows[1:]
	}
	var changes []standing.Change
	for _, row := range rows {
		changes = append(changes, decodeChange(row))
	}
	found, err := decodeWallet(wallet, customer)
	return found, changes, err
}

func decodeChange(row item) standing.Change {
	return standing.Change{
		At: row.instant(attrAt), Standing: ledger.Standing(row.text(attrStanding)), Note: row.text(attrNote), By: row.text(attrBy),
		Locale: row.text(attrLocale),
	}
}

func (s *Store) changeRef(id standing.ID) ref {
	return ref{table: s.tables.Wallets, pk: id.CustomerKey(), sk: string(id)}
}

// CommitStanding implements standing.Store.
func (s *Store) CommitStanding(ctx context.Context, read ledger.Wallet, change standing.Change, owed todo.List) error {
	line := s.changeRef(standing.NewID(read.Customer.Key(), change.At)).key()
	line[attrAt], line[attrStanding] = instant(change.At), text(string(change.Standing))
	line[attrCustomer], line[attrNotice] = text(string(read.Customer)), text(standingTold)
	line.putText(attrNote, change.Note)
	line.putText(attrBy, change.By)
	line.putText(attrLocale, change.Locale)
	line.putTodo(owed, 0)
	at := s.walletRef(read.Customer.Key())
	return s.transact(ctx, []types.TransactWriteItem{s.writeStanding(at, read, change.Standing), create(at.table, line)})
}

// FindChange implements notice.Standings.
func (s *Store) FindChange(ctx context.Context, id standing.ID) (*standing.Told, error) {
	rows, err := s.get(ctx, s.changeRef(id))
	if err != nil || len(rows[0]) == 0 {
		return nil, err
	}
	row := rows[0]
	return &standing.Told{
		ID: id, Customer: ledger.CustomerID(row.text(attrCustomer)), Change: decodeChange(row), Todo: row.todo(), Attempts: int(row.number(attrAttempts)),
	}, nil
}

// MarkChangeTold implements notice.Standings: one UpdateItem.
func (s *Store) MarkChangeTold(ctx context.Context, id standing.ID) error {
	return s.markTold(ctx, s.changeRef(id), todo.StepStand, newUpdate())
}

func (s *Store) changeMail(id standing.ID) mailing {
	return mailing{at: s.changeRef(id), step: todo.StepStand, notice: standingTold, key: standingTold}
}

// ClaimChangeMail implements notice.Standings: one UpdateItem.
func (s *Store) ClaimChangeMail(ctx context.Context, id standing.ID, by string, at time.Time) (bool, error) {
	return s.claimMail(ctx, s.changeMail(id), by, at)
}

// ReturnChangeMail implements notice.Standings: one UpdateItem.
func (s *Store) ReturnChangeMail(ctx context.Context, id standing.ID, by string) error {
	return s.returnMail(ctx, s.changeMail(id), by)
}

func (s *Store) writeStanding(at ref, read ledger.Wallet, next ledger.Standing) types.TransactWriteItem {
	if !read.Recorded {
		read.Standing = next
		return create(at.table, newWalletRow(at, read))
	}
	u := newUpdate()
	requireStanding(u, read.Standing)
	u.setTo(attrStanding, text(string(next)))
	return u.inTransaction(at)
}

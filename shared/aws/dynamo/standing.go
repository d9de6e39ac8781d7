package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/ledger"
	"makegood/shared/standing"
)

// A change of standing is one row beside the wallet, its instant in its key; it is put once and never touched.
const (
	standingPrefix = "standing#"
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
		changes = append(changes, standing.Change{
			At: row.instant(attrAt), Standing: ledger.Standing(row.text(attrStanding)), Note: row.text(attrNote), By: row.text(attrBy),
		})
	}
	found, err := decodeWallet(wallet, customer)
	return found, changes, err
}

// CommitStanding implements standing.Store.
func (s *Store) CommitStanding(ctx context.Context, read ledger.Wallet, change standing.Change) error {
	at := s.walletRef(read.Customer.Key())
	line := ref{table: at.table, pk: at.pk, sk: standingPrefix + sortableInstant(change.At)}.key()
	line[attrAt], line[attrStanding] = instant(change.At), text(string(change.Standing))
	line.putText(attrNote, change.Note)
	line.putText(attrBy, change.By)
	return s.transact(ctx, []types.TransactWriteItem{s.writeStanding(at, read, change.Standing), create(at.table, line)})
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

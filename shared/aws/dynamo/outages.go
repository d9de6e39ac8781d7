package dynamo

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/outage"
)

// An outage is one item under its id: a JSON document under a version, and beside it what it owes
// the world. There are few of them.

func (s *Store) outageRef(id outage.ID) ref { return ref{table: s.tables.Outages, pk: string(id)} }

func encodeOutage(o outage.Outage, version int64) item {
	row := item{attrPK: text(string(o.ID)), attrVersion: number(version)}
	row.putTodo(o.Todo, o.Attempts)
	o.Todo, o.Attempts = nil, 0
	row[attrOutage] = document(newOutageRow(o))
	return row
}

func decodeOutage(row item) (*outage.Outage, error) {
	if len(row) == 0 {
		return nil, nil
	}
	var doc outageRow
	if err := row.document(attrOutage, &doc); err != nil {
		return nil, err
	}
	if doc.ID == "" {
		return nil, missingAttribute("Outages", attrOutage)
	}
	o := doc.outage()
	o.Version, o.Todo, o.Attempts = row.number(attrVersion), row.todo(), int(row.number(attrAttempts))
	return &o, nil
}

// DeclareOutage implements outage.Store.
func (s *Store) DeclareOutage(ctx context.Context, o outage.Outage) (*outage.Outage, error) {
	existing, err := s.putNew(ctx, s.tables.Outages, encodeOutage(o, 1))
	if err != nil {
		return nil, fault.At("dynamo.DeclareOutage", string(o.ID), err)
	}
	return decodeOutage(existing)
}

// FindOutage implements outage.Store.
func (s *Store) FindOutage(ctx context.Context, id outage.ID) (*outage.Outage, error) {
	rows, err := s.get(ctx, s.outageRef(id))
	if err != nil {
		return nil, fault.At("dynamo.FindOutage", string(id), err)
	}
	return decodeOutage(rows[0])
}

// Outages implements outage.Store and refund.Decisions.
func (s *Store) Outages(ctx context.Context) ([]outage.Outage, error) {
	all, _, err := s.ListOutages(ctx, nil, outage.Max)
	return all, err
}

// ListOutages implements outage.Store: a scan of a small table.
func (s *Store) ListOutages(ctx context.Context, after *outage.Position, limit int) ([]outage.Outage, bool, error) {
	request := &dynamodb.ScanInput{TableName: aws.String(s.tables.Outages), ConsistentRead: aws.Bool(true)}
	var all []outage.Outage
	// The table is small: it is read whole, and put in order here.
	for range maxPages {
		output, err := s.api.Scan(ctx, request)
		if err != nil {
			return nil, false, fault.At("dynamo.ListOutages", "", classify(err))
		}
		for _, row := range output.Items {
			o, err := decodeOutage(row)
			if err != nil {
				return nil, false, fault.At("dynamo.ListOutages", "", err)
			}
			if after == nil || o.Position().Compare(*after) > 0 {
				all = append(all, *o)
			}
		}
		if request.ExclusiveStartKey = output.LastEvaluatedKey; len(output.LastEvaluatedKey) == 0 {
			break
		}
	}
	slices.SortFunc(all, func(a, b outage.Outage) int { return a.Position().Compare(b.Position()) })
	return all[:min(len(all), limit)], len(all) > limit, nil
}

// CommitOutage implements outage.Store.
func (s *Store) CommitOutage(ctx context.Context, after outage.Outage) error {
	u := newUpdate()
	u.requireEqual(attrVersion, number(after.Version))
	u.replace(encodeOutage(after, after.Version+1), attrOutage, attrVersion, attrTodo, attrDueAt, attrAttempts, attrStuckAt)
	_, err := s.api.UpdateItem(ctx, u.alone(s.outageRef(after.ID)))
	return fault.At("dynamo.CommitOutage", string(after.ID), classify(err))
}

// FindWallets implements outage.Store.
func (s *Store) FindWallets(ctx context.Context, customers ...ledger.CustomerID) ([]ledger.Wallet, error) {
	customers = slices.Clone(customers)
	once := map[ledger.CustomerID]bool{}
	// One read names an item once, so a customer who is named twice is read once.
	customers = slices.DeleteFunc(customers, func(customer ledger.CustomerID) bool {
		again := once[customer]
		once[customer] = true
		return again
	})
	rows, err := s.getMany(ctx, refsOf(customers, func(customer ledger.CustomerID) ref { return s.walletRef(customer.Key()) }))
	if err != nil {
		return nil, fault.At("dynamo.FindWallets", "", err)
	}
	wallets := make([]ledger.Wallet, len(customers))
	for i, customer := range customers {
		if wallets[i], err = decodeWallet(rows[i], customer); err != nil {
			return nil, fault.At("dynamo.FindWallets", "", err)
		}
	}
	return wallets, nil
}

package dynamo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/refund"
)

// A customer's recent requests are one row among the cases. A request is what follows the
// customer's key in its case's id (as long as that key), its instant in milliseconds to base 36,
// and a mark: each takes 29 bytes.
const (
	sortRecent = "recent"
	casePrefix = "cas_"
	markRefund = "+"
	markOther  = "-"
)

func (s *Store) recentRef(customerKey string) ref {
	return s.shardedRef(s.tables.Cases, customerKey, sortRecent)
}

func encodeRecent(recent refund.Recent) item {
	var b strings.Builder
	for _, request := range recent {
		// The customer's key is the row's own: left out, a request takes 29 bytes and not 53.
		b.WriteString(strings.TrimPrefix(string(request.Case), casePrefix+request.Case.CustomerKey()))
		b.WriteString(strconv.FormatInt(request.At.UnixMilli(), 36))
		mark := markOther
		if request.Refunded {
			mark = markRefund
		}
		b.WriteString(mark)
	}
	row := item{}
	row.putText(attrRequests, b.String())
	return row
}

func decodeRecent(row item) (refund.Recent, error) {
	var recent refund.Recent
	customerKey := row.text(attrPK)
	for rest := row.text(attrRequests); rest != ""; {
		// A case's own part is as long as the customer's key, and the mark ends the instant.
		end := strings.IndexAny(rest, markRefund+markOther)
		if end < len(customerKey) {
			return nil, missingAttribute("Cases", attrRequests)
		}
		at, err := strconv.ParseInt(rest[len(customerKey):end], 36, 64)
		if err != nil {
			return nil, fmt.Errorf("dynamo: a customer's recent requests: %w", err)
		}
		recent = append(recent, refund.RecentRequest{
			Case: refund.CaseID(casePrefix + customerKey + rest[:len(customerKey)]), At: time.UnixMilli(at).UTC(),
			Refunded: rest[end:end+1] == markRefund,
		})
		rest = rest[end+1:]
	}
	return recent, nil
}

// writeRecent replaces the effect's requests if they are as they were read. Only a row that is near
// a limit names its customer, and stands in the index.
func writeRecent(effect refund.Effect) *update {
	u := newUpdate()
	u.requireSame(attrRequests, encodeRecent(effect.Recent.Before)[attrRequests])
	row := encodeRecent(effect.Recent.After)
	if !effect.NearUntil.IsZero() {
		row[attrNearUntil], row[attrCustomer] = instant(effect.NearUntil), text(string(effect.Case.Customer))
	}
	u.replace(row, attrRequests, attrNearUntil, attrCustomer)
	return u
}

// ListFrequent implements refund.Frequents: by shard, in the order in which customers cease to be
// near a limit. A cursor is a place in that order: an instant and a customer's key.
// Why: infra/decisions/0037.
func (s *Store) ListFrequent(ctx context.Context, now time.Time, cursor string, limit int) ([]refund.Frequent, string, error) {
	w := walk{
		table: s.tables.Cases, index: indexFrequent, former: indexNear, attribute: attrNearUntil,
		from: now.Add(time.Millisecond), exact: true,
	}
	after, err := parseFrequent(cursor, w.from)
	if err != nil {
		return nil, "", err
	}
	entries, more, err := s.walk(ctx, w, after, limit)
	if err != nil {
		return nil, "", fault.At("dynamo.ListFrequent", "", err)
	}
	next := ""
	if more {
		last := entries[len(entries)-1]
		next = strconv.FormatInt(last.at, 10) + cursorGap + last.pk
	}
	// An index that moves while it is read shows a customer twice.
	var keys []string
	for _, e := range entries {
		if !slices.Contains(keys, e.pk) {
			keys = append(keys, e.pk)
		}
	}
	page, err := s.readFrequent(ctx, keys)
	return page, next, fault.At("dynamo.ListFrequent", "", err)
}

// parseFrequent returns the place that a cursor names, nil for the list's start: what is not later
// than from has left the list meanwhile.
func parseFrequent(cursor string, from time.Time) (*entry, error) {
	if cursor == "" {
		return nil, nil
	}
	at, customerKey, _ := strings.Cut(cursor, cursorGap)
	ms, err := strconv.ParseInt(at, 10, 64)
	if err != nil || customerKey == "" {
		return nil, fault.Invalid("cursor", "is none of this list")
	}
	if ms < from.UnixMilli() {
		return nil, nil
	}
	return &entry{at: ms, pk: customerKey, sk: sortRecent}, nil
}

// readFrequent reads the requests and the standing of the customers with those keys, without those
// who are not near a limit any more.
func (s *Store) readFrequent(ctx context.Context, keys []string) ([]refund.Frequent, error) {
	rows, err := s.getMany(ctx, slices.Concat(refsOf(keys, s.recentRef), refsOf(keys, s.walletRef)))
	if err != nil {
		return nil, err
	}
	var page []refund.Frequent
	for i := range keys {
		row := rows[i]
		// The index may lag: who is near no limit any more names no customer.
		if row.text(attrCustomer) == "" {
			continue
		}
		one := refund.Frequent{Customer: ledger.CustomerID(row.text(attrCustomer))}
		if one.Recent, err = decodeRecent(row); err != nil {
			return nil, err
		}
		wallet, err := decodeWallet(rows[len(keys)+i], one.Customer)
		if err != nil {
			return nil, err
		}
		one.Standing = wallet.Standing
		page = append(page, one)
	}
	return page, nil
}

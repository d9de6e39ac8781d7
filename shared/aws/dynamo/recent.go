package dynamo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"makegood/shared/refund"
)

// A customer's recent requests are one row among the cases. A request is what follows the customer's key in its case's id (as long as
// that key), its instant in milliseconds to base 36, and a mark: each takes 29 bytes.
const (
	sortRecent   = "recent"
	attrRequests = "requests"
	casePrefix   = "cas_"
	markRefunded = "+"
	markOther    = "-"
)

func (s *Store) recentRef(customerKey string) ref {
	return ref{table: s.tables.Cases, pk: customerKey, sk: sortRecent}
}

func encodeRecent(recent refund.Recent) item {
	var b strings.Builder
	for _, request := range recent {
		b.WriteString(strings.TrimPrefix(string(request.Case), casePrefix+request.Case.CustomerKey()))
		b.WriteString(strconv.FormatInt(request.At.UnixMilli(), 36))
		mark := markOther
		if request.Refunded {
			mark = markRefunded
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
		end := strings.IndexAny(rest, markRefunded+markOther)
		if end < len(customerKey) {
			return nil, missingAttribute("Cases", attrRequests)
		}
		at, err := strconv.ParseInt(rest[len(customerKey):end], 36, 64)
		if err != nil {
			return nil, fmt.Errorf("dynamo: a customer's recent requests: %w", err)
		}
		recent = append(recent, refund.RecentRequest{
			Case: refund.CaseID(casePrefix + customerKey + rest[:len(customerKey)]), At: time.UnixMilli(at).UTC(),
			Refunded: rest[end:end+1] == markRefunded,
		})
		rest = rest[end+1:]
	}
	return recent, nil
}

// writeRecent replaces the requests if they are as they were read.
func writeRecent(change refund.Change[refund.Recent]) *update {
	u := newUpdate()
	u.requireSame(attrRequests, encodeRecent(change.Before)[attrRequests])
	u.replace(encodeRecent(change.After), attrRequests)
	return u
}

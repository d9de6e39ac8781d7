package dynamo

import (
	"context"
	"time"

	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// What a customer asks in a minute is one row among the evidence, "requests#" and the customer's
// key, by the minute. A role may write these partitions there and no other. DynamoDB drops the row.
const (
	requestsPrefix = "requests#"
	requestsStay   = time.Hour
)

// CountRequest implements access.Counter: one UpdateItem.
func (s *Store) CountRequest(ctx context.Context, customer ledger.CustomerID, minute time.Time, most int) (bool, error) {
	u := newUpdate()
	u.addTo(attrCount, 1)
	u.setTo(attrExpiresAt, number(minute.Add(requestsStay).Unix()))
	count := u.path(attrCount)
	u.require("(attribute_not_exists(" + count + ") OR " + count + " < " + u.value(number(int64(most))) + ")")
	_, err := s.api.UpdateItem(ctx, u.alone(s.evidenceRef(requestsPrefix+customer.Key(), minute.UTC().Format(time.RFC3339))))
	if err = classify(err); fault.KindOf(err) == fault.KindStale {
		return false, nil
	}
	return err == nil, fault.At("dynamo.CountRequest", customer.Key(), err)
}

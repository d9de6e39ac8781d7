package payment

import "cmp"

// ReviewQueue is a list of payments that wait for staff: of those that may be a second charge, or
// of the others.
type ReviewQueue string

// The desks; the zero value is of a payment that waits for nobody.
const (
	ReviewQueueParked     ReviewQueue = "parked"
	ReviewQueueDuplicates ReviewQueue = "repeated"
)

// ReviewQueue returns the list that the payment stands in, "" when it waits for nobody.
func (p Payment) ReviewQueue() ReviewQueue {
	reason := p.Waits()
	if reason == "" {
		return ""
	}
	if reason == ReasonDuplicate {
		return ReviewQueueDuplicates
	}
	return ReviewQueueParked
}

// WaitPosition is a place in such a list: since when the payment waits in milliseconds, then the
// payment.
type WaitPosition struct {
	At      int64 `json:"at"`
	Payment ID    `json:"payment"`
}

// Compare orders positions: who waits longest first, then by payment.
func (p WaitPosition) Compare(other WaitPosition) int {
	return cmp.Or(cmp.Compare(p.At, other.At), cmp.Compare(p.Payment, other.Payment))
}

// Position returns the payment's place in its list; it must be waiting.
func (p Payment) Position() WaitPosition {
	return WaitPosition{At: p.WaitsSince.UnixMilli(), Payment: p.ID}
}

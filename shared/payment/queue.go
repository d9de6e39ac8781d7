package payment

import "cmp"

// ReviewQueue is a list of payments that wait for staff: those that may be a second charge, or the
// others.
type ReviewQueue string

// The review queues; the zero value is of a payment that waits for nobody.
const (
	ReviewQueueParked     ReviewQueue = "parked"
	ReviewQueueDuplicates ReviewQueue = "repeated"
)

// ReviewQueue returns the list that the payment is in, "" when it waits for nobody.
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

// WaitPosition is a place in a review queue.
type WaitPosition struct {
	// At is since when the payment waits, in Unix milliseconds.
	At int64 `json:"at"`
	// Payment breaks ties between payments of one millisecond.
	Payment ID `json:"payment"`
}

// Compare orders positions: the longest wait first, then by payment.
func (p WaitPosition) Compare(other WaitPosition) int {
	return cmp.Or(cmp.Compare(p.At, other.At), cmp.Compare(p.Payment, other.Payment))
}

// Position returns the payment's place in its review queue; the payment must be waiting.
func (p Payment) Position() WaitPosition {
	return WaitPosition{At: p.WaitsSince.UnixMilli(), Payment: p.ID}
}

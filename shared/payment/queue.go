package payment

import (
	"cmp"
	"slices"
	"time"
)

// ReviewQueue is a list of payments that wait for staff.
type ReviewQueue string

// The review queues; the zero value is invalid. A payment is in one of the first two at the most,
// and in one of the other two.
const (
	ReviewQueueParked     ReviewQueue = "parked"
	ReviewQueueDuplicates ReviewQueue = "repeated"  // those that may be a second charge
	ReviewQueueDisputed   ReviewQueue = "disputed"  // a bank waits for our answer
	ReviewQueueContested  ReviewQueue = "contested" // our answer lies with the bank
)

// ReviewQueues returns every review queue.
func ReviewQueues() []ReviewQueue {
	return []ReviewQueue{ReviewQueueParked, ReviewQueueDuplicates, ReviewQueueDisputed, ReviewQueueContested}
}

// OfDisputes reports whether the payments of the queue are in it because of a dispute.
func (q ReviewQueue) OfDisputes() bool {
	return q == ReviewQueueDisputed || q == ReviewQueueContested
}

// ReviewQueue returns the list that the payment itself is in, "" when it waits for nobody.
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

// DisputeQueue returns the list that the payment is in because of its open disputes, and by when
// the bank wants the soonest of their answers: zero where the provider told none of one of them.
// "" for a payment without an open dispute.
func (p Payment) DisputeQueue() (queue ReviewQueue, by time.Time) {
	for _, in := range []struct {
		queue ReviewQueue
		is    func(Dispute) bool
	}{{ReviewQueueDisputed, Dispute.Unanswered}, {ReviewQueueContested, Dispute.Contested}} {
		var instants []time.Time
		for _, dispute := range p.Disputes {
			if in.is(dispute) {
				instants = append(instants, dispute.DueBy)
			}
		}
		if len(instants) > 0 {
			return in.queue, slices.MinFunc(instants, time.Time.Compare)
		}
	}
	return "", time.Time{}
}

// WaitPosition is a place in a review queue.
type WaitPosition struct {
	// At is since when the payment waits, or by when the bank wants an answer, in Unix
	// milliseconds; 0 where the provider told no such instant.
	At int64 `json:"at"`
	// Payment breaks ties between payments of one millisecond.
	Payment ID `json:"payment"`
}

// Compare orders positions: the longest wait or the soonest answer first, then by payment.
func (p WaitPosition) Compare(other WaitPosition) int {
	return cmp.Or(cmp.Compare(p.At, other.At), cmp.Compare(p.Payment, other.Payment))
}

// PositionIn returns the payment's place in a review queue, false where it is not in it.
func (p Payment) PositionIn(queue ReviewQueue) (WaitPosition, bool) {
	in, at := p.ReviewQueue(), p.WaitsSince
	if queue.OfDisputes() {
		in, at = p.DisputeQueue()
	}
	position := WaitPosition{Payment: p.ID}
	if !at.IsZero() {
		position.At = at.UnixMilli()
	}
	return position, queue != "" && in == queue
}

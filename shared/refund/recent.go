package refund

import (
	"slices"
	"time"

	"makegood/shared/policy"
)

// recentWindow is how far back from a report the customer's other reports count towards the limits.
const recentWindow = 30 * 24 * time.Hour

// Recent is a customer's latest reports of bad results, oldest first. It holds as many as the
// limits can ask about, so that to count them is one small read. Each verdict on a report writes
// it.
type Recent []RecentRequest

// RecentRequest is one report of a bad result.
type RecentRequest struct {
	// Case is its case.
	Case CaseID
	// At is when it was opened.
	At time.Time
	// Refunded says that it was approved, by the policy or by staff.
	Refunded bool
}

// count returns how many reports there are from the window before at until now, the case's own left
// out, and how many of them were refunded.
func (r Recent) count(except CaseID, at time.Time) (requests, refunds int) {
	// Later reports count too. Reports that arrive together are not decided in their order, and
	// each must be counted by at least one of the others.
	for _, other := range r {
		if other.Case == except || other.At.Before(at.Add(-recentWindow)) {
			continue
		}
		requests++
		if other.Refunded {
			refunds++
		}
	}
	return requests, refunds
}

// with returns the reports with this one as it is now: the newest that the limits need, and none
// outside the window.
func (r Recent) with(request RecentRequest, limits policy.Abuse) Recent {
	// Its own earlier entry goes too: a verdict on appeal replaces it.
	since := request.At.Add(-recentWindow)
	after := slices.DeleteFunc(slices.Clone(r), func(other RecentRequest) bool {
		return other.Case == request.Case || other.At.Before(since)
	})
	after = append(after, request)
	slices.SortStableFunc(after, func(a, b RecentRequest) int { return a.At.Compare(b.At) })
	// A limit of n is passed by report n+1; more than that is never asked for.
	keep := min(limits.RequestsOver, policy.MaxRequestsOver) + 1
	return after[max(0, len(after)-keep):]
}

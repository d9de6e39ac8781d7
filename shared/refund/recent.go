package refund

import (
	"slices"
	"time"

	"makegood/shared/policy"
)

// recentWindow is how far back a customer's requests count towards the limits, from the request in
// question.
const recentWindow = 30 * 24 * time.Hour

// Recent is a customer's latest bad_result requests, oldest first: as many as the limits can ask
// about, so that counting them is one small read. It is written with each verdict on one.
type Recent []RecentRequest

// RecentRequest is one of them: Refunded says that it was approved, at once or by staff.
type RecentRequest struct {
	Case     CaseID
	At       time.Time
	Refunded bool
}

// count returns how many requests other than the case's lie within the window before asked, or
// after it, and how many of them were refunded. Later ones count too: requests that arrive together
// are not decided in their order, and none of them may go uncounted.
func (r Recent) count(except CaseID, at time.Time) (requests, refunds int) {
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

// with returns the requests with this one as it stands now: the newest that a limit of so many
// needs, and nothing out of its window.
func (r Recent) with(request RecentRequest, limits policy.Abuse) Recent {
	since := request.At.Add(-recentWindow)
	after := slices.DeleteFunc(slices.Clone(r), func(other RecentRequest) bool {
		return other.Case == request.Case || other.At.Before(since)
	})
	after = append(after, request)
	slices.SortStableFunc(after, func(a, b RecentRequest) int { return a.At.Compare(b.At) })
	keep := min(limits.RequestsOver, policy.MaxRequestsOver) + 1
	return after[max(0, len(after)-keep):]
}

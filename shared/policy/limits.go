package policy

// nearPercent of an abuse limit is near it.
const nearPercent = 80

// The names of the abuse limits, as the file and the wire have them.
const (
	LimitRequests = "requests_over"
	LimitRefunds  = "refunds_over_percent"
)

// Limit compares a customer's last 30 days with an abuse limit.
type Limit struct {
	// Name is LimitRequests or LimitRefunds.
	Name string
	// Count is how many requests, or refunds, there were.
	Count int
	// Of is how many generations the refunds are of; 0 for requests.
	Of int
	// Most is how many requests are permitted, or refunds for what percentage of the generations.
	Most int
	// Over: the next request is past it.
	Over bool
}

// Near returns the limits that the customer is near or past, none for most people.
func (a Abuse) Near(c CustomerFacts) []Limit {
	var near []Limit
	// A customer without requests is near nothing, not even a limit of 0.
	if c.Requests30d > 0 && 100*c.Requests30d >= nearPercent*a.RequestsOver {
		near = append(near, Limit{Name: LimitRequests, Count: c.Requests30d, Most: a.RequestsOver, Over: c.Requests30d > a.RequestsOver})
	}
	// Multiplied out on both sides: a percentage that was rounded first would be near too late.
	if c.Refunds30d > 0 && c.Generations30d >= a.FromGenerations &&
		100*100*c.Refunds30d >= nearPercent*a.RefundsOverPercent*c.Generations30d {
		over := 100*c.Refunds30d > a.RefundsOverPercent*c.Generations30d
		near = append(near, Limit{Name: LimitRefunds, Count: c.Refunds30d, Of: c.Generations30d, Most: a.RefundsOverPercent, Over: over})
	}
	return near
}

// MayBeNear reports whether the customer is near a limit for some number of generations, whatever
// number the facts have: it spares their count.
func (a Abuse) MayBeNear(c CustomerFacts) bool {
	// Fewer generations have no limit, and of more the same refunds are a smaller part.
	c.Generations30d = a.FromGenerations
	return len(a.Near(c)) > 0
}

package policy

// nearPercent of an abuse limit is near it.
const nearPercent = 80

// The names of the abuse limits, as the file and the wire have them.
const (
	LimitRequests = "requests_over"
	LimitRefunds  = "refunds_over_percent"
)

// Limit says how a customer's last 30 days stand to an abuse limit: Count of at most Most requests, or refunds for at most Most percent Of so many
// generations. Over: the next request is past it.
type Limit struct {
	Name  string
	Count int
	Of    int // 0 for requests
	Most  int
	Over  bool
}

// Near returns the limits that the customer is near or past, none for most people.
func (a Abuse) Near(c CustomerFacts) []Limit {
	var near []Limit
	if c.Requests30d > 0 && 100*c.Requests30d >= nearPercent*a.RequestsOver {
		near = append(near, Limit{Name: LimitRequests, Count: c.Requests30d, Most: a.RequestsOver, Over: c.Requests30d > a.RequestsOver})
	}
	if c.Refunds30d > 0 && c.Generations30d >= a.FromGenerations &&
		100*100*c.Refunds30d >= nearPercent*a.RefundsOverPercent*c.Generations30d {
		over := 100*c.Refunds30d > a.RefundsOverPercent*c.Generations30d
		near = append(near, Limit{Name: LimitRefunds, Count: c.Refunds30d, Of: c.Generations30d, Most: a.RefundsOverPercent, Over: over})
	}
	return near
}

// MayBeNear reports whether the customer is near a limit for some number of generations: those of the facts are not asked.
func (a Abuse) MayBeNear(c CustomerFacts) bool {
	c.Generations30d = a.FromGenerations // of fewer no limit asks, of more the same refunds are a smaller part
	return len(a.Near(c)) > 0
}

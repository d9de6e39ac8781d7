package console

import (
	"context"

	"makegood/shared/access"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// appealStore is what the desk of appeals reads, beside the review queue.
type appealStore interface {
	// ListAppeals returns what became of appeals, clause by clause.
	ListAppeals(ctx context.Context) ([]refund.AppealTally, error)
}

// appealRoutes are the desk of appeals.
func (c Console) appealRoutes() []route {
	return []route{get("GET /console/appeals", access.PermissionRead, c.appeals)}
}

// appealRow is an appeal that waits. It has nothing of the first ruling: whoever decides looks
// anew.
type appealRow struct {
	refund.Case
	Path, Feature string
	Urgency       urgency
	// Own: this person ruled first, so somebody else should.
	Own bool
}

// appealsData is what the desk's template reads.
type appealsData struct {
	Rows    []appealRow
	Tallies []refund.AppealTally
}

// appeals lists the appeals that wait, the soonest promised answer first, and what became of those
// before them.
func (c Console) appeals(r request) (page, error) {
	all, _, err := c.waiting(r.Context())
	if err != nil {
		return page{}, err
	}
	var data appealsData
	for _, w := range all {
		if !w.Appealing() {
			continue
		}
		data.Rows = append(data.Rows, appealRow{
			Case: w.Case, Path: casePath(w.ID), Feature: w.feature, Urgency: urgencyOf(w.Case, r.Now),
			Own: refund.SamePerson(w.Appeal.Reviewer, r.Caller.Name),
		})
	}
	data.Tallies, err = c.Store.ListAppeals(r.Context())
	return page{Template: "appeals", Title: "Appeals", Data: data}, fault.At("console: tallies of appeals", "", err)
}

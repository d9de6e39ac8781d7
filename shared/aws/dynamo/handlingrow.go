package dynamo

import (
	"errors"
	"time"

	"makegood/shared/refund"
)

// assignmentRow is who looks at a case.
type assignmentRow struct {
	By    string    `json:"by"`
	Until time.Time `json:"until"`
}

func newAssignmentRow(a refund.Assignment) assignmentRow { return assignmentRow(a) }

func (r assignmentRow) assignment() refund.Assignment { return refund.Assignment(r) }

// skipRow is somebody's leaving of a case to others.
type skipRow struct {
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

func newSkipRow(s refund.Skip) skipRow { return skipRow(s) }

func (r skipRow) skip() refund.Skip { return refund.Skip(r) }

// putHandling writes who looks at the case and who skipped it. No verdict writes them.
func (i item) putHandling(c refund.Case) {
	if c.Assignment != nil {
		i[attrAssignment] = document(newAssignmentRow(*c.Assignment))
	}
	if len(c.Skips) > 0 {
		i[attrSkips] = document(eachOf(c.Skips, newSkipRow))
	}
}

// handling reads what putHandling wrote into c.
func (i item) handling(c *refund.Case) error {
	var assignment *assignmentRow
	var skips []skipRow
	err := errors.Join(i.document(attrAssignment, &assignment), i.document(attrSkips, &skips))
	c.Assignment, c.Skips = pointerTo(assignment, assignmentRow.assignment), eachOf(skips, skipRow.skip)
	return err
}

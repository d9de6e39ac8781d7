package dynamo

import (
	"time"

	"makegood/shared/payment"
)

// pollRow is how far the events of a provider were listed.
type pollRow struct {
	Through   time.Time `json:"through,omitzero"`
	Since     time.Time `json:"since,omitzero"`
	StartedAt time.Time `json:"started_at,omitzero"`
	Cursor    string    `json:"cursor,omitempty"`
	Behind    bool      `json:"behind,omitempty"`
}

func newPollRow(mark payment.PollState) pollRow {
	return pollRow{Through: mark.CompleteThrough, Since: mark.Since, StartedAt: mark.StartedAt, Cursor: mark.Cursor, Behind: mark.Incomplete}
}

func (r pollRow) mark(version int64) payment.PollState {
	return payment.PollState{
		CompleteThrough: r.Through, Since: r.Since, StartedAt: r.StartedAt, Cursor: r.Cursor, Incomplete: r.Behind, Version: version,
	}
}

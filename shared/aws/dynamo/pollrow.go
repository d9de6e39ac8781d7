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

func newPollRow(mark payment.Mark) pollRow {
	return pollRow{Through: mark.Through, Since: mark.Since, StartedAt: mark.StartedAt, Cursor: mark.Cursor, Behind: mark.Behind}
}

func (r pollRow) mark(version int64) payment.Mark {
	return payment.Mark{
		Through: r.Through, Since: r.Since, StartedAt: r.StartedAt, Cursor: r.Cursor, Behind: r.Behind, Version: version,
	}
}

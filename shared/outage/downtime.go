package outage

import (
	"cmp"
	"slices"
	"time"

	"makegood/shared/policy"
)

// Downtime is a time in which the app could not be used, as the policy reads it.
type Downtime struct {
	// OutageFacts is what the policy's conditions read.
	policy.OutageFacts
	// EndsAt is when a downtime that goes on is to end, zero where nobody said.
	EndsAt time.Time
}

// Met returns the downtimes that a request decided at an instant may be about. With an id, that is
// the outage, joined with those that touch it. Without one, it is every downtime that had not ended
// before paidAt, when the purchase was paid.
//
// Downtimes that prevented use come first, then those of which the purchase met more hours, then
// the earlier. A downtime that goes on at the instant has no end yet. Nothing declared, nothing
// returned.
func Met(all []Outage, id ID, paidAt, at time.Time) []Downtime {
	all = active(all)
	var downtimes []Downtime
	for _, o := range all {
		one := o.downtime(all, at)
		// A purchase made after the end lost nothing to it.
		over := one.EndedAt != nil && one.EndedAt.Before(paidAt)
		if o.ID == id || id == "" && !over {
			downtimes = append(downtimes, one)
		}
	}
	// The policy reads the downtimes in this order and decides by the first that it grants for, so
	// the one that is worth most to the customer must come first.
	slices.SortStableFunc(downtimes, func(a, b Downtime) int {
		return cmp.Or(
			first(a.PreventedUse, b.PreventedUse), cmp.Compare(b.after(paidAt, at), a.after(paidAt, at)), a.StartedAt.Compare(b.StartedAt),
		)
	})
	return downtimes
}

// first orders what holds before what does not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// after returns how long the downtime lasted from paidAt on, as known at the instant.
func (d Downtime) after(paidAt, at time.Time) time.Duration {
	since := d.StartedAt
	if paidAt.After(since) {
		since = paidAt
	}
	if d.EndedAt != nil {
		at = *d.EndedAt
	}
	return at.Sub(since)
}

// downtime returns the outage joined with those that touch it, known at the instant.
func (o Outage) downtime(all []Outage, at time.Time) Downtime {
	span := o
	span.EndedAt = o.end(all)

	// Joining one outage may bring the span into touch with another that was passed already, so the
	// list is walked until nothing joins. Each round takes in at least one of at most Max.
	for grows := true; grows; {
		grows = false
		for _, other := range all {
			other.EndedAt = other.end(all)
			if span.touches(other) && !span.covers(other) {
				span.StartedAt, span.EndedAt, grows = earlier(span.StartedAt, other.StartedAt), later(span.EndedAt, other.EndedAt), true
			}
		}
	}

	// Whether an end counts depends on the instant of the decision: an end that lies ahead is a
	// plan, and a plan may slip.
	downtime := Downtime{OutageFacts: policy.OutageFacts{StartedAt: span.StartedAt, PreventedUse: o.PreventedUse}}
	if span.EndedAt.After(at) {
		downtime.EndsAt = span.EndedAt
	} else if !span.EndedAt.IsZero() {
		downtime.EndedAt = &span.EndedAt
	}
	return downtime
}

// end returns when the outage ended, zero when it has not: as it was declared, or declared again
// with the same beginning.
func (o Outage) end(all []Outage) time.Time {
	end := o.EndedAt
	// An outage that goes on is ended by a second declaration: the same features and beginning, and
	// an end. The later declaration counts, never an earlier one.
	for _, again := range all {
		same := o.alike(again) && again.StartedAt.Equal(o.StartedAt) && !again.DeclaredAt.Before(o.DeclaredAt)
		if same && again.EndedAt.After(end) {
			end = again.EndedAt
		}
	}
	return end
}

// alike reports whether both hit the same features, and prevented use alike.
func (o Outage) alike(other Outage) bool {
	return o.PreventedUse == other.PreventedUse && slices.Equal(o.Features, other.Features)
}

// touches reports whether both are alike, and neither ended before the other began.
func (o Outage) touches(other Outage) bool {
	return o.alike(other) && !o.endsBefore(other.StartedAt) && !other.endsBefore(o.StartedAt)
}

// endsBefore is false for an outage without an end: it has not ended before anything.
func (o Outage) endsBefore(at time.Time) bool { return !o.EndedAt.IsZero() && o.EndedAt.Before(at) }

// covers reports whether the other adds nothing to the time of this one.
func (o Outage) covers(other Outage) bool {
	return !other.StartedAt.Before(o.StartedAt) && later(o.EndedAt, other.EndedAt).Equal(o.EndedAt)
}

// earlier returns the earlier of two beginnings.
func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// later returns the later end; the zero time is one that has not come.
func later(a, b time.Time) time.Time {
	if a.IsZero() || b.IsZero() {
		return time.Time{}
	}
	if b.After(a) {
		return b
	}
	return a
}

package outage

import (
	"cmp"
	"slices"
	"time"

	"makegood/shared/policy"
)

// Downtime is a time in which the app could not be used, as the policy reads it. EndsAt is when one
// that goes on is to end, zero where nobody said.
type Downtime struct {
	policy.OutageFacts
	EndsAt time.Time
}

// Met returns the downtimes that a request decided at an instant may be about: the named outage,
// joined with those that touch it, or, named "", all that had not ended before paidAt, when the
// purchase was paid. Those that prevented use come first, then what the purchase met more hours of,
// then the earlier. What goes on at that instant has no end yet. None where none such is declared.
func Met(all []Outage, id ID, paidAt, at time.Time) []Downtime {
	all = standing(all)
	var downtimes []Downtime
	for _, o := range all {
		one := o.downtime(all, at)
		over := one.EndedAt != nil && one.EndedAt.Before(paidAt)
		if o.ID == id || id == "" && !over {
			downtimes = append(downtimes, one)
		}
	}
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
	for grows := true; grows; { // each round takes at least one of them in
		grows = false
		for _, other := range all {
			other.EndedAt = other.end(all)
			if span.touches(other) && !span.holds(other) {
				span.StartedAt, span.EndedAt, grows = earlier(span.StartedAt, other.StartedAt), later(span.EndedAt, other.EndedAt), true
			}
		}
	}
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

func (o Outage) endsBefore(at time.Time) bool { return !o.EndedAt.IsZero() && o.EndedAt.Before(at) }

// holds reports whether the other adds nothing to the time of this one.
func (o Outage) holds(other Outage) bool {
	return !other.StartedAt.Before(o.StartedAt) && later(o.EndedAt, other.EndedAt).Equal(o.EndedAt)
}

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

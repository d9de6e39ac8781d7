package outage

import (
	"slices"
	"time"

	"makegood/shared/policy"
)

// Met returns the downtime that a request made at an instant is about, as the policy reads it: the named outage, joined with those that touch
// it, or, named "", the longest that a purchase paid at paidAt met; false where none such is declared. What goes on at that instant has no
// end yet.
func Met(all []Outage, named ID, paidAt, at time.Time) (policy.OutageFacts, bool) {
	all = standing(all)
	if named == "" {
		return longest(all, paidAt, at)
	}
	i := slices.IndexFunc(all, func(o Outage) bool { return o.ID == named })
	if i < 0 {
		return policy.OutageFacts{}, false
	}
	return all[i].downtime(all, at), true
}

// downtime returns the outage joined with those that touch it, known at the instant.
func (o Outage) downtime(all []Outage, at time.Time) policy.OutageFacts {
	span := o
	span.EndedAt = o.end(all)
	for joined := true; joined; { // each round takes at least one of them in
		joined = false
		for _, other := range all {
			other.EndedAt = other.end(all)
			if span.touches(other) && !span.holds(other) {
				span.StartedAt, span.EndedAt, joined = earlier(span.StartedAt, other.StartedAt), later(span.EndedAt, other.EndedAt), true
			}
		}
	}
	facts := policy.OutageFacts{StartedAt: span.StartedAt, PreventedUse: o.PreventedUse}
	if !span.EndedAt.IsZero() && !span.EndedAt.After(at) {
		facts.EndedAt = &span.EndedAt
	}
	return facts
}

// end returns when the outage ended, zero when it has not: as it was declared, or declared again with the same beginning.
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

// longest returns the longest downtime that had not ended before paidAt: of those that prevented use, where there is one.
func longest(all []Outage, paidAt, at time.Time) (most policy.OutageFacts, found bool) {
	for _, o := range all {
		facts := o.downtime(all, at)
		if facts.EndedAt != nil && facts.EndedAt.Before(paidAt) {
			continue
		}
		if !found || outlasts(facts, most, at) {
			most, found = facts, true
		}
	}
	return most, found
}

// outlasts orders downtimes: those that prevented use first, then the longer, then the earlier.
func outlasts(a, b policy.OutageFacts, at time.Time) bool {
	if a.PreventedUse != b.PreventedUse {
		return a.PreventedUse
	}
	if la, lb := lasted(a, at), lasted(b, at); la != lb {
		return la > lb
	}
	return a.StartedAt.Before(b.StartedAt)
}

func lasted(met policy.OutageFacts, at time.Time) time.Duration {
	if met.EndedAt != nil {
		at = *met.EndedAt
	}
	return at.Sub(met.StartedAt)
}

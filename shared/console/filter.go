package console

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"makegood/shared/fault"
	"makegood/shared/refund"
)

// queueFilter is what a person wants to see of the review queue, all of it in the URL: a view can
// be kept, sent and gone back to.
type queueFilter struct {
	// Kind, Feature, Clause and Customer are those that a case must have; "" for any.
	Kind, Feature, Clause, Customer string
	// Assigned is mine, free or others; "" for any.
	Assigned string
	// Second is needed, where a ruling waits for a second person, or none; "" for any.
	Second string
	// Due is late, urgent, soon or today; "" for any.
	Due string
	// Order is due, opened or customer.
	Order string
	// Page is the page of the list, from 1.
	Page int

	me string
}

// orders are how the queue can be put in order, the usual one first.
var orders = []string{"due", "opened", "customer"}

// filterOf reads a filter of the URL, for the person of that name. KindInvalid naming the parameter
// at fault.
func filterOf(query url.Values, me string) (queueFilter, error) {
	f := queueFilter{
		Kind: query.Get("kind"), Feature: query.Get("feature"), Clause: query.Get("clause"), Customer: query.Get("customer"),
		Assigned: query.Get("assigned"), Second: query.Get("second"), Due: query.Get("due"), Order: cmp.Or(query.Get("order"), orders[0]), Page: 1, me: me,
	}
	if !slices.Contains([]string{"", "mine", "free", "others"}, f.Assigned) {
		return f, fault.Invalid("assigned", "must be mine, free or others")
	}
	if !slices.Contains([]string{"", "needed", "none"}, f.Second) {
		return f, fault.Invalid("second", "must be needed or none")
	}
	if !slices.Contains([]string{"", "late", "urgent", "soon", "today"}, f.Due) {
		return f, fault.Invalid("due", "must be late, urgent, soon or today")
	}
	if !slices.Contains(orders, f.Order) {
		return f, fault.Invalid("order", "must be due, opened or customer")
	}
	if text := query.Get("page"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > queueMost {
			return f, fault.Invalid("page", "must be a page of the list")
		}
		f.Page = n
	}
	return f, nil
}

// Query returns the filter as a URL has it, "" for the whole queue. Changes are names and values,
// each in place of the filter's own.
func (f queueFilter) Query(changes ...string) string {
	values := url.Values{}
	set := func(name, value, usual string) {
		values.Del(name)
		if value != usual {
			values.Set(name, value)
		}
	}
	for name, value := range map[string]string{
		"kind": f.Kind, "feature": f.Feature, "clause": f.Clause, "customer": f.Customer, "assigned": f.Assigned, "second": f.Second, "due": f.Due,
	} {
		set(name, value, "")
	}
	set("order", f.Order, orders[0])
	set("page", strconv.Itoa(f.Page), "1")
	for i := 0; i+1 < len(changes); i += 2 {
		set(changes[i], changes[i+1], "")
	}
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// apply returns the cases that the filter lets through, in its order.
func (f queueFilter) apply(all []waiting, now time.Time) []waiting {
	var matching []waiting
	for _, w := range all {
		if f.matches(w, now) {
			matching = append(matching, w)
		}
	}
	switch f.Order {
	case "opened":
		slices.SortStableFunc(matching, func(a, b waiting) int { return a.OpenedAt.Compare(b.OpenedAt) })
	case "customer":
		slices.SortStableFunc(matching, func(a, b waiting) int { return cmp.Compare(a.Customer, b.Customer) })
	}
	// What this person has skipped is behind the rest for them.
	slices.SortStableFunc(matching, func(a, b waiting) int { return a.SkippedAt(f.me).Compare(b.SkippedAt(f.me)) })
	return matching
}

func (f queueFilter) matches(w waiting, now time.Time) bool {
	is := func(want, have string) bool { return want == "" || want == have }
	return is(f.Kind, string(w.Kind)) && is(f.Feature, w.feature) && is(f.Clause, w.clause()) && is(f.Customer, string(w.Customer)) &&
		is(f.Second, second[w.Proposed != nil]) && f.matchesDue(w.Case, now) && f.matchesAssigned(w.Case, now)
}

// second says by a filter's words whether a ruling waits for a second person.
var second = map[bool]string{true: "needed", false: "none"}

func (f queueFilter) matchesAssigned(c refund.Case, now time.Time) bool {
	assigned := c.AssignedAt(now)
	switch f.Assigned {
	case "mine":
		return assigned != nil && assigned.By == f.me
	case "free":
		return assigned == nil
	case "others":
		return assigned != nil && assigned.By != f.me
	}
	return true
}

func (f queueFilter) matchesDue(c refund.Case, now time.Time) bool {
	u := urgencyOf(c, now)
	switch f.Due {
	case "late":
		return u.Word == "Late"
	case "urgent":
		return u.Class == "late"
	case "soon":
		return u.Class != "fine"
	case "today":
		return c.ReviewBy.Before(now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour))
	}
	return true
}

// namedFilter is a filter that has a name.
type namedFilter struct {
	title  string
	filter queueFilter
	// own: this person has saved it, with its order.
	own bool
}

// views are the filters that have names, the person's own behind ours, with how many cases each
// has.
func views(current queueFilter, own []namedFilter, all []waiting, now time.Time) []savedView {
	named := []namedFilter{
		{title: "All"},
		{title: "Late or urgent", filter: queueFilter{Due: "urgent"}},
		{title: "Due today", filter: queueFilter{Due: "today"}},
		{title: "Bad results", filter: queueFilter{Kind: "bad_result"}},
		{title: "Mine", filter: queueFilter{Assigned: "mine"}},
		{title: "Needs a second person", filter: queueFilter{Second: "needed"}},
	}
	var list []savedView
	for _, one := range append(named, own...) {
		if !one.own {
			one.filter.Order, one.filter.Page, one.filter.me = current.Order, 1, current.me
		}
		query := one.filter.Query()
		list = append(list, savedView{
			Title: one.title, Path: "/console/cases" + query, Count: len(one.filter.apply(all, now)), Chosen: query == current.Query("page", ""), Own: one.own,
		})
	}
	return list
}

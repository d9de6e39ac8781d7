package console

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// The bounds of the review queue.
const (
	// queueMost is how many waiting cases are looked through: those that are due soonest. More than
	// a team decides in days.
	queueMost = 1000
	// queueRead is how many are read at a time, nextRead where the first that fits will do.
	queueRead, nextRead = 200, 20
	// queuePage is how many a page lists.
	queuePage = 50
)

// queueStore is what the review queue reads.
type queueStore interface {
	refund.SavedViews
	// ListReview returns at most limit of the cases that wait for staff, soonest due first, and
	// whether there are more.
	ListReview(ctx context.Context, after *refund.ReviewPosition, limit int) ([]refund.Case, bool, error)
}

// queueRoutes are the review queue.
func (c Console) queueRoutes() []route {
	return []route{
		get("GET /console/cases", access.PermissionRead, c.queue),
		get("GET /console/cases/next", access.PermissionRead, c.next),
	}
}

// choice is one value of a filter, with how many waiting cases have it.
type choice struct {
	Value, Label string
	Count        int
	Chosen       bool
}

// savedView is a filter that has a name.
type savedView struct {
	Title, Path string
	Count       int
	Chosen      bool
	// Own: this person has saved it.
	Own bool
}

// queueRow is one waiting case as the list has it. It has none of the customer's words: whoever
// decides sees the pictures first.
type queueRow struct {
	api.Case
	Path, Feature string
	Urgency       urgency
	Appeal        bool
	// Looks is who looks at it, "" for nobody. Skipped: this person left it to others.
	Looks   string
	Skipped bool
	// Own: this person proposed what waits for a second person.
	Own bool
}

// queueData is what the queue's template reads.
type queueData struct {
	Filter                   queueFilter
	Views                    []savedView
	Kinds, Features, Clauses []choice
	Rows                     []queueRow
	// Matching is how many cases the filter lets through, of All that wait.
	Matching, All int
	// More: there are more than All.
	More bool
	// First is the path of the case to begin with, Before and After those of the pages around; ""
	// for none.
	First, Before, After string
	// Save is where the form is sent that saves the filter as a view, "" where it is one.
	Save string
	// Done is the ruling that the person has just given, nil for none.
	Done *doneData
}

// queue is the list of the cases that wait for staff.
func (c Console) queue(r request) (page, error) {
	filter, err := filterOf(r.URL.Query(), r.Caller.Name)
	if err != nil {
		return page{}, err
	}
	all, more, err := c.waiting(r.Context())
	if err != nil {
		return page{}, err
	}
	own, err := c.savedFilters(r)
	if err != nil {
		return page{}, err
	}
	data := queueData{Filter: filter, All: len(all), More: more, Views: views(filter, own, all, r.Now)}
	if !slices.ContainsFunc(data.Views, func(v savedView) bool { return v.Chosen }) {
		data.Save = "/console/cases/views" + filter.Query("page", "")
	}
	data.Kinds = choices(all, filter.Kind, func(w waiting) string { return string(w.Kind) })
	data.Features = choices(all, filter.Feature, func(w waiting) string { return w.feature })
	data.Clauses = choices(all, filter.Clause, waiting.clause)

	if data.Done, err = c.done(r); err != nil {
		return page{}, err
	}
	matching := filter.apply(all, r.Now)
	data.Matching = len(matching)
	if len(matching) > 0 {
		data.First = "/console/cases/next" + filter.Query("page", "")
	}
	from := min((filter.Page-1)*queuePage, len(matching))
	until := min(from+queuePage, len(matching))
	if from > 0 {
		data.Before = "/console/cases" + filter.Query("page", strconv.Itoa(filter.Page-1))
	}
	if until < len(matching) {
		data.After = "/console/cases" + filter.Query("page", strconv.Itoa(filter.Page+1))
	}
	data.Rows, err = c.rows(r, filter, matching[from:until])
	return page{Template: "queue", Title: "Review queue", Data: data}, err
}

// rows returns the cases as the list has them, with what is on record of each.
func (c Console) rows(r request, filter queueFilter, listed []waiting) ([]queueRow, error) {
	cases := make([]refund.Case, len(listed))
	for i, w := range listed {
		cases[i] = w.Case
	}
	known, err := view.LookUp(r.Context(), c.Store, cases...)
	if err != nil {
		return nil, fault.At("console: records of cases", "", err)
	}
	rows := make([]queueRow, len(listed))
	for i, w := range listed {
		looks := ""
		if assigned := w.AssignedAt(r.Now); assigned != nil {
			looks = assigned.By
		}
		rows[i] = queueRow{
			Looks: looks, Skipped: !w.SkippedAt(r.Caller.Name).IsZero(), Own: w.proposedBy(r.Caller.Name),
			Case: known.Listed(w.Case), Path: casePath(w.ID) + filter.Query("page", ""),
			Feature: w.feature, Urgency: urgencyOf(w.Case, r.Now), Appeal: w.Appealing(),
		}
	}
	return rows, nil
}

// next goes to the first case of a filter that nobody else has begun. The query parameter behind is
// the case that the person has just left.
func (c Console) next(r request) (page, error) {
	filter, err := filterOf(r.URL.Query(), r.Caller.Name)
	if err != nil {
		return page{}, err
	}
	left, byDue := r.URL.Query().Get("behind"), filter.Order == orders[0]
	part := queueRead
	if byDue {
		part = nextRead
	}
	var matching []waiting
	_, err = c.walk(r.Context(), part, func(w waiting) bool {
		assigned := w.AssignedAt(r.Now)
		others := assigned != nil && assigned.By != r.Caller.Name
		// What they have proposed is for somebody else.
		if string(w.ID) == left || others || w.proposedBy(r.Caller.Name) || !filter.matches(w, r.Now) {
			return true
		}
		matching = append(matching, w)
		// The walk is in the order of due: nothing that it still holds comes before this one.
		return !byDue || !w.SkippedAt(r.Caller.Name).IsZero()
	})
	if err != nil {
		return page{}, err
	}
	query := filter.Query("page", "", "done", r.URL.Query().Get("done"), "key", r.URL.Query().Get("key"))
	if matching = filter.apply(matching, r.Now); len(matching) > 0 {
		return page{Location: casePath(matching[0].ID) + query}, nil
	}
	return page{Location: "/console/cases" + query}, nil
}

// waiting is a waiting case with what the queue sorts by.
type waiting struct {
	refund.Case
	feature string
}

// proposedBy reports whether the person proposed what waits for a second one.
func (w waiting) proposedBy(name string) bool {
	return w.Proposed != nil && refund.SamePerson(w.Proposed.By, name)
}

// clause returns the clause that sent the case to staff, "" for none.
func (w waiting) clause() string {
	if w.Decision == nil {
		return ""
	}
	return w.Decision.Clause
}

// waiting reads the cases that wait, soonest due first, and whether there are more.
func (c Console) waiting(ctx context.Context) (all []waiting, more bool, err error) {
	more, err = c.walk(ctx, queueRead, func(w waiting) bool {
		all = append(all, w)
		return true
	})
	return all, more, err
}

// walk shows the cases that wait, soonest due first, until see returns false. It reads part of them
// at a time, and queueMost in all; more reports whether there are more behind those.
func (c Console) walk(ctx context.Context, part int, see func(waiting) bool) (more bool, err error) {
	var after *refund.ReviewPosition
	for n := 0; n < queueMost; {
		cases, more, err := c.Store.ListReview(ctx, after, part)
		if err != nil {
			return false, fault.At("console: list waiting cases", "", err)
		}
		for _, one := range cases {
			if !see(waiting{Case: one, feature: featureOf(one)}) {
				return true, nil
			}
		}
		if !more || len(cases) == 0 {
			return false, nil
		}
		position := cases[len(cases)-1].Position()
		n, after = n+len(cases), &position
	}
	return true, nil
}

// featureOf returns the feature of the generation that a case is about, as the facts of its latest
// verdict that rests on some have it: of an appeal that is the ruling before. "" for a case of a
// purchase.
func featureOf(c refund.Case) string {
	for _, verdict := range slices.Backward(c.Verdicts()) {
		if feature := verdict.Gist().Feature; feature != "" {
			return feature
		}
	}
	return ""
}

// choices counts the values that cases have, the most frequent first.
func choices(all []waiting, chosen string, of func(waiting) string) []choice {
	counts := map[string]int{}
	for _, w := range all {
		counts[of(w)]++
	}
	delete(counts, "")
	if _, there := counts[chosen]; !there && chosen != "" {
		counts[chosen] = 0
	}
	list := make([]choice, 0, len(counts))
	for value, count := range counts {
		list = append(list, choice{Value: value, Label: plain(value), Count: count, Chosen: value == chosen})
	}
	slices.SortFunc(list, func(a, b choice) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return list
}

// urgency is what is left of the time within which a customer was promised an answer, as a colour
// and as a word.
type urgency struct {
	// Word is late, urgent, soon or in time.
	Word string
	// Class is its colour.
	Class string
	// Left is how much is left, or by how much it is late.
	Left string
}

// urgencyOf tells how urgent a case is: late once its answer is overdue, urgent in the last eighth
// of the promised time, soon in the last half.
func urgencyOf(c refund.Case, now time.Time) urgency {
	since := c.OpenedAt
	if c.Appealing() {
		since = c.Appeal.At
	}
	whole, rest := c.ReviewBy.Sub(since), c.ReviewBy.Sub(now)
	u := urgency{Left: left(now, c.ReviewBy)}
	switch {
	case rest <= 0:
		u.Word, u.Class = "Late", "late"
	case rest <= whole/8:
		u.Word, u.Class = "Urgent", "late"
	case rest <= whole/2:
		u.Word, u.Class = "Soon", "soon"
	default:
		u.Word, u.Class = "In time", "fine"
	}
	return u
}

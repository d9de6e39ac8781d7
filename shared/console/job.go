package console

import (
	"context"
	"net/url"
	"slices"
	"time"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/api/view"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/statement"
)

// othersMost is how many other cases of a customer a job page lists.
const othersMost = 10

// jobStore is what the page of one case reads.
type jobStore interface {
	// FindCase returns the case, nil when there is none.
	FindCase(ctx context.Context, id refund.CaseID) (*refund.Case, error)
	// FindRecords returns what was seen of the cases; those without are left out.
	FindRecords(ctx context.Context, ids ...refund.CaseID) ([]evidence.Record, error)
	// ListCases returns at most limit of the customer's cases, newest first, and whether there are
	// more.
	ListCases(ctx context.Context, customer ledger.CustomerID, after *statement.Position, limit int) ([]refund.Case, bool, error)
}

func casePath(id refund.CaseID) string { return "/console/cases/" + url.PathEscape(string(id)) }

// jobRoutes are the page of one case, and what is done there.
func (c Console) jobRoutes() []route {
	return []route{
		get("GET /console/cases/{id}", access.PermissionRead, c.job),
		post("POST /console/cases/{id}/preview", access.PermissionRule, c.preview, c.job),
		post("POST /console/cases/{id}/rule", access.PermissionRule, c.rule, c.job),
		post("POST /console/cases/{id}/confirm", access.PermissionRule, c.answers(refund.SecondConfirmed), c.job),
		post("POST /console/cases/{id}/send-back", access.PermissionRule, c.answers(refund.SecondSentBack), c.job),
		post("POST /console/cases/{id}/withdraw", access.PermissionRule, c.answers(refund.SecondWithdrawn), c.job),
		post("POST /console/cases/{id}/take-back", access.PermissionRule, c.takeBack, c.job),
		post("POST /console/cases/{id}/assign", access.PermissionAssign, c.assign, c.job),
		post("POST /console/cases/{id}/unassign", access.PermissionAssign, c.unassign, c.job),
		post("POST /console/cases/{id}/skip", access.PermissionSkip, c.skip, c.job),
	}
}

// clauseText is a clause as the policy has it, with whether it was tried.
type clauseText struct {
	ID, Heading, Text string
	// Steps are the rules that were tried for it, in the order of the trace.
	Steps []api.TraceStep
	// Decided: it is the one that the verdict cites.
	Decided bool
}

// otherCase is another case of the customer.
type otherCase struct {
	ID, Kind, State, Clause, Path string
	OpenedAt                      time.Time
}

// jobData is what the job page's template reads.
type jobData struct {
	Case    api.Case
	Urgency urgency
	// Looks is who looks at the case, nil for nobody; Mine: it is the person.
	Looks *refund.Assignment
	Mine  bool
	// Skips are those that left the case to others. MaySkip: the person may.
	Skips   []refund.Skip
	MaySkip bool
	// Query is the filter by which the person came, "" for none.
	Query string
	// Pictures are what there is to look at, the input before the output.
	Pictures []picture
	// Difference is the link to the map of what differs between them, "" for none.
	Difference string
	// Attachments are the proofs that the case took.
	Attachments []picture
	Balance     balance
	Others      []otherCase
	OthersMore  bool
	Clauses     []clauseText
	// Done is the ruling that the person has just given, nil for none.
	Done *doneData
	// Blind hides the first ruling: whoever decides an appeal looks anew.
	Blind bool
	// Proposed is the ruling that waits for a second person, nil for none.
	Proposed *proposedData
	// Decide is what the person may decide, nil where they may not, or where nothing is to be
	// decided.
	Decide *decideData
}

// job is the page of one case: what there is to see before what was said, and before the decision
// what each choice moves.
func (c Console) job(r request) (page, error) {
	id, err := refund.ParseCaseID(r.PathValue("id"))
	if err != nil {
		return page{}, err
	}
	found, err := c.Store.FindCase(r.Context(), id)
	if err != nil {
		return page{}, fault.At("console: case", string(id), err)
	}
	if found == nil {
		return page{}, fault.NotFound("case")
	}
	filter, err := filterOf(r.URL.Query(), r.Caller.Name)
	if err != nil {
		return page{}, err
	}
	data := jobData{Query: filter.Query(), Blind: found.Appealing(), Urgency: urgencyOf(*found, r.Now)}
	if data.Case, err = c.staffCase(r, *found); err != nil {
		return page{}, err
	}
	data.Looks, data.Skips = found.AssignedAt(r.Now), found.Skips
	data.Mine = data.Looks != nil && data.Looks.By == r.Caller.Name
	data.MaySkip = found.Waiting() && r.Caller.May(access.PermissionSkip)
	data.Pictures, data.Difference = picturesOf(data.Case)
	data.Attachments = c.attachmentsOf(r.Context(), data.Case, *found)
	if err := c.addCustomer(r, *found, &data); err != nil {
		return page{}, err
	}
	data.Clauses = clausesOf(*found)
	if data.Done, err = c.done(r); err != nil {
		return page{}, err
	}
	if data.Proposed, err = c.proposed(r, *found, data.Case.Proposed); err != nil {
		return page{}, err
	}
	if data.Decide, err = c.decide(r, *found); err != nil {
		return page{}, err
	}
	return page{Template: "job", Title: titleOf(*found), Data: data}, nil
}

// titleOf names a case.
func titleOf(c refund.Case) string {
	title := plain(c.Kind)
	if feature := featureOf(c); feature != "" {
		title += " · " + plain(feature)
	}
	return string(title[0]-'a'+'A') + title[1:]
}

// staffCase returns the case as the API shows it to staff: with what is on record and what was
// seen.
func (c Console) staffCase(r request, found refund.Case) (api.Case, error) {
	known, err := view.LookUp(r.Context(), c.Store, found)
	if err != nil {
		return api.Case{}, fault.At("console: records of case", string(found.ID), err)
	}
	response := known.Case(found)
	response.ReviewBy = api.Optional(found.ReviewBy)
	if err := view.Attach(r.Context(), &response, found, c.Links); err != nil {
		return api.Case{}, fault.At("console: links", string(found.ID), err)
	}
	if found.Kind != policy.KindBadResult {
		return response, nil
	}
	records, err := c.Store.FindRecords(r.Context(), found.ID)
	if err != nil {
		return api.Case{}, fault.At("console: evidence", string(found.ID), err)
	}
	var seen *evidence.Record
	if len(records) > 0 {
		seen = &records[0]
	}
	response.Evidence, err = known.Evidence(r.Context(), found, seen, c.Published, c.Links, r.Now)
	return response, fault.At("console: links", string(found.ID), err)
}

// addCustomer reads what the customer has, and their other cases.
func (c Console) addCustomer(r request, found refund.Case, data *jobData) error {
	var err error
	if data.Balance, err = c.balanceOf(r, found.Customer); err != nil {
		return err
	}
	cases, more, err := c.Store.ListCases(r.Context(), found.Customer, nil, othersMost+1)
	if err != nil {
		return fault.At("console: other cases", string(found.ID), err)
	}
	data.OthersMore = more
	for _, one := range cases {
		if one.ID == found.ID {
			continue
		}
		other := otherCase{
			ID: string(one.ID), Kind: string(one.Kind), State: string(one.State), OpenedAt: one.OpenedAt,
			Path: casePath(one.ID),
		}
		if one.Decision != nil {
			other.Clause = one.Decision.Clause
		}
		data.Others = append(data.Others, other)
	}
	return nil
}

// clausesOf returns the clauses that were tried, in the order of the trace, as their revision has
// them. Where its file is gone the numbers are left.
func clausesOf(c refund.Case) []clauseText {
	if c.Decision == nil {
		return nil
	}
	revision, _ := policy.Published(c.Decision.Policy)
	var all []clauseText
	for _, step := range c.Decision.Trace {
		at := slices.IndexFunc(all, func(one clauseText) bool { return one.ID == step.Clause })
		if at < 0 {
			clause, _ := revision.Clause(step.Clause)
			all = append(all, clauseText{ID: step.Clause, Heading: clause.Heading, Text: clause.Text, Decided: step.Clause == c.Decision.Clause})
			at = len(all) - 1
		}
		all[at].Steps = append(all[at].Steps, api.TraceStep{Clause: step.Clause, Rule: step.Rule, Matched: step.Matched})
	}
	return all
}

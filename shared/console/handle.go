package console

import "makegood/shared/refund"

// assign has the person look at the case for a while, so that no second person begins it.
func (c Console) assign(r request) (string, error) {
	id, err := refund.ParseCaseID(r.PathValue("id"))
	if err != nil {
		return "", err
	}
	_, err = c.Reviewer.Assign(r.Context(), id, r.Caller.Name, r.Now)
	return r.back(id), err
}

// unassign gives the case back.
func (c Console) unassign(r request) (string, error) {
	id, err := refund.ParseCaseID(r.PathValue("id"))
	if err != nil {
		return "", err
	}
	return r.back(id), c.Reviewer.Unassign(r.Context(), id, r.Caller.Name)
}

// skip leaves the case to others, says why, and goes on to the next.
func (c Console) skip(r request) (string, error) {
	id, err := refund.ParseCaseID(r.PathValue("id"))
	if err != nil {
		return "", err
	}
	if err := c.Reviewer.Skip(r.Context(), id, r.Caller.Name, r.FormValue("reason"), r.Now); err != nil {
		return "", err
	}
	filter, err := filterOf(r.URL.Query(), r.Caller.Name)
	return "/console/cases/next" + filter.Query("page", "", "behind", string(id)), err
}

// back returns the path of the case's own page, with the filter by which the person came.
func (r request) back(id refund.CaseID) string {
	filter, err := filterOf(r.URL.Query(), r.Caller.Name)
	if err != nil {
		return casePath(id)
	}
	return casePath(id) + filter.Query()
}

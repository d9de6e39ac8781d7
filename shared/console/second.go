package console

import (
	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// proposedData is a ruling that waits for a second person.
type proposedData struct {
	// Ruling is it, as it was proposed.
	Ruling *api.Ruling
	// Moves is what it would move now.
	Moves moved
	// Own: the person proposed it. May: they may answer it.
	Own, May bool
}

// proposed returns what is proposed on the case, nil for nothing.
func (c Console) proposed(r request, found refund.Case, ruling *api.Ruling) (*proposedData, error) {
	if !found.Waiting() || found.Proposed == nil {
		return nil, nil
	}
	data := proposedData{Ruling: ruling, Own: refund.SamePerson(found.Proposed.By, r.Caller.Name), May: r.Caller.May(access.PermissionRule)}
	order := refund.RulingOrder{Ruling: found.Proposed.Ruling, Payment: found.Proposed.Payment, Note: found.Proposed.Note, By: r.Caller.Name}
	var err error
	data.Moves.Preview, err = c.Reviewer.Preview(r.Context(), found.ID, order, r.Now)
	err = data.Moves.explain(err)
	data.Moves.Second = false // the page says so already
	return &data, fault.At("console: preview of what is proposed", string(found.ID), err)
}

// answers returns what a form does that gives the answer to a proposal.
func (c Console) answers(answer refund.SecondAnswer) func(request) (string, error) {
	return func(r request) (string, error) {
		id, err := refund.ParseCaseID(r.PathValue("id"))
		if err != nil {
			return "", err
		}
		order := refund.SecondOrder{Proposal: r.FormValue("proposal"), Answer: answer, By: r.Caller.Name, Note: r.FormValue("why"), TakeBack: true}
		order.NoMoney = r.Caller.RequirePermission(access.PermissionRuleMoney)
		if _, err := c.Reviewer.Answer(r.Context(), id, order, r.Now); err != nil {
			return "", err
		}
		if answer == refund.SecondConfirmed {
			return onward(r, id, order.Proposal)
		}
		return r.back(id), nil
	}
}

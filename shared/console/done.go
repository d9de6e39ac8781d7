package console

import (
	"time"

	"makegood/shared/fault"
	"makegood/shared/refund"
)

// doneData is a ruling that its person has just given.
type doneData struct {
	// Case is its case, Title what the case is called, Path its page.
	Case        refund.CaseID
	Title, Path string
	// Outcome is how they ruled. Proposed: it waits for a second person.
	Outcome  string
	Proposed bool
	// Until is until when they may take it back, zero where they may not any more.
	Until time.Time
	// Seconds is how long that is yet: a browser's clock may be another than ours.
	Seconds int
	// Action is where the form is sent that takes it back, Key names the ruling.
	Action, Key string
}

// done returns the ruling that the URL says was just given: done is its case, key its request. Nil
// where there is none of theirs.
func (c Console) done(r request) (*doneData, error) {
	query := r.URL.Query()
	id, err := refund.ParseCaseID(query.Get("done"))
	if err != nil {
		return nil, nil //nolint:nilerr // the page is about something else: it is read all the same
	}
	found, err := c.Store.FindCase(r.Context(), id)
	if err != nil {
		return nil, fault.At("console: case just ruled on", string(id), err)
	}
	if found == nil {
		return nil, nil
	}
	path := casePath(id)
	data := doneData{Case: id, Title: titleOf(*found), Path: path, Action: path + "/take-back", Key: query.Get("key")}
	if proposed := found.Proposed; proposed != nil && proposed.By == r.Caller.Name {
		data.Outcome, data.Proposed = string(proposed.Outcome), true
		return &data, nil
	}
	if found.Ruling == nil || found.Ruling.By != r.Caller.Name && !found.Ruling.ConfirmedBy(r.Caller.Name) {
		return nil, nil
	}
	data.Outcome = string(found.Ruling.Outcome)
	if !found.Ruling.Effective(r.Now) && data.Key != "" {
		data.Until = found.Ruling.EffectiveAt
		data.Seconds = int(data.Until.Sub(r.Now) / time.Second)
	}
	return &data, nil
}

// takeBack takes the person's ruling back before it is carried out, and opens its case again.
func (c Console) takeBack(r request) (string, error) {
	id, err := refund.ParseCaseID(r.PathValue("id"))
	if err != nil {
		return "", err
	}
	order := refund.TakeBackOrder{By: r.Caller.Name, Principal: r.Caller.Principal(), Key: r.FormValue("key")}
	if _, err := c.Reviewer.TakeBack(r.Context(), id, order, r.Now); err != nil {
		return "", err
	}
	return casePath(id), nil
}

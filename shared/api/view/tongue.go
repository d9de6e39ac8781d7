package view

import (
	"net/http"
	"slices"
	"strings"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// Tongue says the reasons of cases in the languages of a reader, as far as the policy has them, and keeps which those were. What verdicts rest on, which
// is shown to staff, stays as it is recorded.
type Tongue struct {
	Role     access.Role
	Wanted   []string // the most wanted first
	Policies func(ref policy.Ref) (policy.Revision, bool)

	spoken []string
}

// Case translates the reasons of a case that is shown.
func (t *Tongue) Case(shown *api.Case, c refund.Case) {
	if shown.Decision != nil {
		said := *c.Decision
		if t.Role != access.RoleStaff {
			said = c.Sentence()
		}
		shown.Decision.Reason = t.reason(c.Approved(), c.Kind, said)
	}
	c = seen(c, t.Role)
	if shown.Appealed != nil && shown.Appealed.First != nil {
		shown.Appealed.First.Reason = t.reason(c.ApprovedBeforeFirst(), c.Kind, c.First())
	}
}

func (t *Tongue) reason(before *policy.Decision, kind policy.Kind, d policy.Decision) string {
	revision, _ := t.Policies(d.Policy)
	said := revision.ReasonOf(before, kind, d, t.Wanted...)
	if !slices.Contains(t.spoken, said.Language) {
		t.spoken = append(t.spoken, said.Language)
	}
	return said.Sentence
}

// Answer returns 200 with the body, and the languages of what was said in it; English where nothing was.
func (t *Tongue) Answer(body any) api.Answer {
	language := policy.English
	if len(t.spoken) > 0 {
		slices.Sort(t.spoken)
		language = strings.Join(t.spoken, ", ")
	}
	return api.Answer{Status: http.StatusOK, Body: body, Language: language}
}

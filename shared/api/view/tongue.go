package view

import (
	"net/http"
	"slices"
	"strings"

	"makegood/shared/access"
	"makegood/shared/api"
	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// Translator puts the sentences of cases into the reader's languages, as far as the policy has
// them, and keeps which those were. What verdicts rest on, which only staff see, stays as it is
// recorded.
type Translator struct {
	Role     access.Role                                  // who reads
	Wanted   []string                                     // best first
	Policies func(ref policy.Ref) (policy.Revision, bool) // the published revision, false for one that is not published any more

	spoken []string
}

// Case translates the reasons of a case that is shown, and adds the words of its latest message.
func (t *Translator) Case(response *api.Case, c refund.Case) {
	if response.Decision != nil {
		verdict := *c.Decision
		// A customer reads the discreet sentence; staff read the verdict's own.
		if t.Role != access.RoleStaff {
			verdict = c.Sentence()
		}
		response.Decision.Reason = t.reason(c.Approved(), c.Kind, verdict)
	}
	if latest, decided := c.Latest(); decided {
		response.Words = t.say(notice.Words(c, latest, t.Policies, t.Wanted...))
	}
	// Whether there is a first answer to translate was decided by the role when the case was shown.
	c = seen(c, t.Role)
	if response.Appealed != nil && response.Appealed.First != nil {
		response.Appealed.First.Reason = t.reason(c.ApprovedBeforeFirst(), c.Kind, c.First())
	}
}

func (t *Translator) reason(before *policy.Decision, kind policy.Kind, d policy.Decision) string {
	revision, _ := t.Policies(d.Policy)
	return t.say(revision.ReasonOf(before, kind, d, t.Wanted...))
}

// say returns the sentence's text, and keeps its language.
func (t *Translator) say(sentence policy.Sentence) string {
	// Content-Language names each language once, whatever the number of sentences.
	if !slices.Contains(t.spoken, sentence.Language) {
		t.spoken = append(t.spoken, sentence.Language)
	}
	return sentence.Text
}

// Answer returns 200 with the body, and the languages of its sentences; English where it has none.
func (t *Translator) Answer(body any) api.Answer {
	language := policy.English
	if len(t.spoken) > 0 {
		slices.Sort(t.spoken)
		language = strings.Join(t.spoken, ", ")
	}
	return api.Answer{Status: http.StatusOK, Body: body, Language: language}
}

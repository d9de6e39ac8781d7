package notice_test

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/notice"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// written is what a policy file says of notices, read without the policy's own reader.
type written struct {
	Notices map[policy.Outcome]struct {
		Name  string                 `yaml:"name"`
		Words string                 `yaml:"words"`
		For   map[policy.Kind]string `yaml:"for"`
		Names map[policy.Kind]string `yaml:"names"`
	} `yaml:"notices"`
}

var kinds = []policy.Kind{
	policy.KindTechnicalFailure, policy.KindBadResult, policy.KindDuplicateCharge, policy.KindNotCredited,
	policy.KindOutage, policy.KindAbnormalCharge, policy.KindChangeOfMind,
}

var outcomes = []policy.Outcome{policy.OutcomeApproved, policy.OutcomeDeclined, policy.OutcomeInReview}

func TestEveryVerdictIsToldInTheWordsOfItsPolicysFile(t *testing.T) {
	for _, name := range []string{"goopter", "photoroom", "popcustoms"} {
		published, err := policy.Open(name)
		require.NoError(t, err)
		for _, revision := range published.Revisions() {
			text, err := os.ReadFile(filepath.Join("../policy/published", name, revision.Revision+".yaml"))
			require.NoError(t, err)
			var file written
			require.NoError(t, yaml.Unmarshal(text, &file))
			for _, outcome := range outcomes {
				for _, kind := range kinds {
					t.Run(strings.Join([]string{name, revision.Revision, string(outcome), string(kind)}, "/"), func(t *testing.T) {
						want := file.Notices[outcome]
						want.Words = cmp.Or(want.For[kind], want.Words)
						want.Name = cmp.Or(want.Names[kind], want.Name)
						isTold(t, revision, kind, outcome, want.Name, want.Words)
					})
				}
			}
		}
	}
}

func isTold(t *testing.T, revision policy.Revision, kind policy.Kind, outcome policy.Outcome, name, words string) {
	t.Helper()
	w, teller := mailed(t, revision.Name)
	decision := *w.matter.Decision
	decision.Outcome, decision.Policy, decision.Notice = outcome, revision.Ref(), revision.Notice(kind, outcome).Name
	decision.Remedy, decision.RespondBy = nil, nil
	switch outcome {
	case policy.OutcomeApproved:
		decision.Remedy = policy.InCredits(395)
	case policy.OutcomeInReview:
		by := time.Date(2026, 12, 4, 12, 0, 0, 0, time.UTC)
		decision.RespondBy = &by
	case policy.OutcomeDeclined:
	}
	credits := map[string]string{"popcustoms": "0.0395 USD"}[revision.Name]
	words = strings.NewReplacer("{credits}", cmp.Or(credits, "395"), "{by}", "December 4, 2026").Replace(words)
	w.matter.Kind, w.matter.Decision, w.matter.Notice = kind, &decision, decision.Notice
	w.matter.Todo = todo.List{todo.StepNotice: noon.Add(time.Minute)}
	require.NoError(t, teller.Notify(ctx, w.request(), noon))
	id, body, _ := strings.Cut(w.posted[0], " ")
	var told notice.Posted
	require.NoError(t, json.Unmarshal([]byte(body), &told))
	assert.Equal(t, name, told.Data.Notice)
	assert.Equal(t, words, told.Data.Words)
	assert.Equal(t, words, latestWords(t, *w.matter), "the case says what was posted")
	want := map[bool]refund.MessageType{true: refund.MessageReceived, false: refund.MessageDecided}[outcome == policy.OutcomeInReview]
	assert.Equal(t, want, told.Type)
	assert.Equal(t, string(w.matter.ID)+"."+string(want)+"."+name, id)
	require.Len(t, w.mails, 1)
	assert.NotContains(t, w.mails[0].Text, "{")
	assert.True(t, strings.HasPrefix(w.mails[0].Text, words+"\n\n"), w.mails[0].Text)
	assert.True(t, strings.HasPrefix(words, strings.TrimSuffix(w.mails[0].Subject, "…")), w.mails[0].Subject)
	assert.NotEmpty(t, w.mails[0].Subject)
}

func TestPhotoroomTellsOfRefundsAndThanksForTheRest(t *testing.T) {
	published, err := policy.Open("photoroom")
	require.NoError(t, err)
	for _, revision := range published.Revisions() {
		for _, kind := range kinds {
			assert.Equal(t, "refunded", revision.Notice(kind, policy.OutcomeApproved).Name)
			thanks := revision.Notice(kind, policy.OutcomeDeclined).Name
			assert.Equal(t, kind == policy.KindBadResult, thanks == "thanks_for_feedback", "who gave no feedback is not thanked for it")
		}
	}
}

func TestAReviewsNoticeIsNoVerdictsNotice(t *testing.T) {
	for _, name := range policy.Names() {
		published, err := policy.Open(name)
		require.NoError(t, err)
		for _, revision := range published.Revisions() {
			for _, kind := range kinds {
				review := revision.Notice(kind, policy.OutcomeInReview).Name
				assert.NotEqual(t, review, revision.Notice(kind, policy.OutcomeApproved).Name, "%s: staff's approval would look like a repeat", name)
				assert.NotEqual(t, review, revision.Notice(kind, policy.OutcomeDeclined).Name, "%s: staff's refusal would look like a repeat", name)
			}
		}
	}
}

package adjudication_test

import (
	"image/color"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/adjudication"
	"makegood/shared/evidence"
	"makegood/shared/memory"
	"makegood/shared/policy"
)

// named returns the question of that name and order.
func named(t *testing.T, model *played, name, order string) adjudication.Question {
	t.Helper()
	for _, question := range model.questions {
		if question.Name == name && orderOf(question) == order {
			return question
		}
	}
	t.Fatalf("no %s of %s was asked", name, order)
	return adjudication.Question{}
}

func TestThePicturesComeInEitherOrderWithTheirNames(t *testing.T) {
	model := supporting()
	_ = opinionOf(t, model, claimOf(t))
	for _, name := range []string{"look", "closer_look"} {
		first, second := named(t, model, name, "output"), named(t, model, name, "input")
		assert.Contains(t, first.Parts[0].Text, "the result")
		assert.Contains(t, first.Parts[2].Text, "the upload")
		assert.Equal(t, []adjudication.Part{first.Parts[2], first.Parts[3], first.Parts[0], first.Parts[1]}, second.Parts[:4], name)
		assert.Equal(t, first.Schema, second.Schema, "one schema: the service compiles each new one")
	}
	questions := named(t, model, "look", "output").Parts[4].Text
	assert.Less(t, strings.Index(questions, "First describe"), strings.Index(questions, "- deformed:"))
	assert.Less(t, strings.Index(questions, "- deformed:"), strings.Index(questions, "- garbled_text:"))
	turned := named(t, model, "look", "input").Parts[4].Text
	assert.Greater(t, strings.Index(turned, "- deformed:"), strings.Index(turned, "- garbled_text:"))
}

func TestAClaimWithoutAnUploadIsAskedAboutItsResultAlone(t *testing.T) {
	model, claim := supporting(), claimOf(t)
	model.look = always(looked(present("deformed", box(400, 400, 600, 600)), absent("broken_part")))
	claim.Input = nil
	assert.Equal(t, evidence.OpinionSupports, opinionOf(t, model, claim).Outcome)
	pictures := 0
	for _, question := range model.questions {
		for _, part := range question.Parts {
			if part.JPEG != nil {
				pictures++
			}
		}
	}
	assert.Equal(t, 4, pictures)
}

func TestAPictureIsSentAsPixelsOverGrayAndItsPartEnlarged(t *testing.T) {
	model, claim := supporting(), claimOf(t)
	claim.Output = picture(t, 300, 200)
	_ = opinionOf(t, model, claim)
	whole := shown(t, named(t, model, "look", "output").Parts[1])
	assert.Equal(t, 300, whole.Bounds().Dx())
	// What is transparent is neither white nor black: a cut-out of either would vanish.
	gray := color.GrayModel.Convert(whole.At(5, 5)).(color.Gray)
	assert.InDelta(t, 200, float64(gray.Y), 4)
	// A fifth of 300 pixels with a quarter around it, four times larger.
	part := shown(t, named(t, model, "closer_look", "output").Parts[1])
	assert.InDelta(t, 4*90, float64(part.Bounds().Dx()), 4)
	assert.InDelta(t, 4*60, float64(part.Bounds().Dy()), 4)
}

func TestNoMoreThanTwoPartsAreEnlarged(t *testing.T) {
	model := supporting()
	model.look = always(looked(present("deformed", box(0, 0, 100, 100)), present("broken_part", box(500, 500, 600, 600)), present("garbled_text", box(900, 900, 1000, 1000))))
	model.closer = always(lookedCloser("yes", confirmed("deformed", "minor"), confirmed("broken_part", "ruinous")))
	opinion := opinionOf(t, model, claimOf(t))
	assert.Equal(t, evidence.OpinionSupports, opinion.Outcome)
	assert.Empty(t, opinion.Passes[0].Findings[2].Confirmed)
	assert.Len(t, named(t, model, "closer_look", "output").Parts, 2*4+2)
}

// Tokens are at most bytes, and pictures at most their bound, so what the questions hold is less
// than what was taken from the month.
func TestNoQuestionCanCostMoreThanWasTaken(t *testing.T) {
	claim := claimOf(t)
	small := picture(t, 8, 8)
	claim.Output = small
	rapid.Check(t, func(r *rapid.T) {
		claim.Issue = rapid.SampledFrom([]policy.Issue{policy.IssueDistortion, policy.IssueDeviates, policy.IssueOther, policy.IssueWrongSubject}).Draw(r, "issue")
		claim.Description = strings.Repeat(rapid.SampledFrom([]string{"x", "<", "ü", "\u2028", "🪡"}).Draw(r, "letter"), rapid.IntRange(0, 4000).Draw(r, "length"))
		if rapid.Bool().Draw(r, "no upload") {
			claim.Input = nil
		} else {
			claim.Input = small
		}
		store, model := memory.New(), supporting()
		// Each finding is present, so that the closer look is as large as it can be.
		model.look, model.closer = func(string) string { return everythingPresent(claim) }, func(string) string { return "" }
		opinion, err := adjudicator(model, store).Adjudicate(t.Context(), claim, noon)
		require.NoError(t, err)
		if opinion.Outcome == evidence.OpinionNoQuestion {
			return
		}
		require.Equal(t, evidence.OpinionMalformed, opinion.Outcome)
		require.Len(t, model.questions, 4)
		bytes := 0
		for _, question := range model.questions {
			bytes += len(question.System) + len(question.Schema)
			for _, part := range question.Parts {
				bytes += len(part.Text)
				if part.JPEG != nil {
					bytes += 5000
				}
			}
		}
		need := prices.Cost(int64(bytes), int64(len(model.questions)*1500))
		broke := adjudicator(supporting(), memory.New())
		broke.MonthlyMicros = need
		again, err := broke.Adjudicate(t.Context(), claim, noon)
		require.NoError(t, err)
		require.Equal(t, evidence.OpinionBudget, again.Outcome, "less is taken than the questions can cost")
	})
}

// everythingPresent is the answer that finds each defect that is asked about.
func everythingPresent(claim adjudication.Claim) string {
	names := map[policy.Issue][]string{
		policy.IssueDistortion: {"deformed", "broken_part", "garbled_text"}, policy.IssueDeviates: {"missed_request", "wrong_subject"},
		policy.IssueOther: {"deformed", "broken_part", "wrong_subject"}, policy.IssueWrongSubject: {"wrong_subject"},
	}[claim.Issue]
	var findings []finding
	for _, name := range names {
		if claim.Input != nil || name != "wrong_subject" && name != "garbled_text" {
			findings = append(findings, present(name, box(0, 0, 1000, 1000)))
		}
	}
	return looked(findings...)
}

package policy_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/policy"
)

// published returns the lines of a published page but for its furniture: what is no sentence of the
// policy, listed line by line in furniture.tsv.
func published(t *testing.T, name string) (lines []string) {
	t.Helper()
	var furniture []string
	for line := range strings.Lines(read(t, "testdata/texts/furniture.tsv")) {
		of, text, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if of == name {
			furniture = append(furniture, text)
		}
	}
	for line := range strings.Lines(read(t, "testdata/texts/"+name+".txt")) {
		line = strings.Join(strings.Fields(line), " ")
		switch {
		case len(furniture) > 0 && line == furniture[0]:
			furniture = furniture[1:]
		case line != "":
			lines = append(lines, line)
		}
	}
	require.Empty(t, furniture, "%s: no furniture of this page, or not in this order", name)
	return lines
}

// written returns the lines of the page that a file amounts to.
func written(rev policy.Revision) []string {
	lines := []string{rev.Title}
	for _, clause := range rev.Clauses() {
		if clause.Ours {
			continue
		}
		lines = append(lines, clause.Heading, clause.Text)
		switch clause.Table {
		case policy.TablePackages:
			lines = append(lines, packageRows(rev)...)
		case policy.TableFeatures:
			lines = append(lines, featureRows(rev)...)
		}
	}
	return lines
}

func packageRows(rev policy.Revision) (rows []string) {
	for _, p := range rev.Packages() {
		credits := fmt.Sprint(p.Credits)
		if p.Credits >= 1000 {
			credits = fmt.Sprintf("%d,%03d", p.Credits/1000, p.Credits%1000)
		}
		rows = append(rows, fmt.Sprintf("%s%s credits$%s", p.Title, credits, p.Price))
	}
	return rows
}

// featureRows returns the rows of a table of features. Those of the batch and catalog editors,
// which are surfaces here, stand above Retouch.
func featureRows(rev policy.Revision) (rows []string) {
	word := map[bool]string{true: "✅ Yes", false: "❌ No"}
	for _, f := range rev.Features() {
		if f.Title == "Retouch" {
			batch, catalog := word[rev.Surfaces.Batch], word[rev.Surfaces.Catalog]
			rows = append(rows, "AI tools in Batch", batch, batch, batch, "AI tools in Product Catalog", catalog, catalog, catalog)
		}
		rows = append(rows, f.Title, word[f.Reportable.IOS], word[f.Reportable.Android], word[f.Reportable.Web])
	}
	return rows
}

// bare joins lines without their spaces and list marks: a page's text runs its cells together.
func bare(lines []string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || r == '•' {
			return -1
		}
		return r
	}, strings.Join(lines, ""))
}

func TestAFileHoldsTheWholePublishedPageInItsOrder(t *testing.T) {
	for name := range tables {
		want, got := []rune(bare(published(t, name))), []rune(bare(written(shipped(t, name))))
		same := 0
		for same < min(len(want), len(got)) && want[same] == got[same] {
			same++
		}
		around := func(text []rune) string { return string(text[max(0, same-40):min(len(text), same+60)]) }
		assert.Equal(t, around(want), around(got), "%s: the page and its file differ here", name)
		assert.Len(t, got, len(want), name)
	}
}

func TestClausesQuoteThePublishedTextWithItsSpaces(t *testing.T) {
	for name := range tables {
		text := strings.ReplaceAll(strings.Join(published(t, name), "\n"), "• ", "") + "\n"
		for _, clause := range shipped(t, name).Clauses() {
			assert.Equal(t, strings.HasPrefix(clause.ID, "X"), clause.Ours, "%s %s", name, clause.ID)
			if clause.Ours || clause.Table == policy.TablePackages { // its cells run together in the text
				continue
			}
			if clause.Heading != "" {
				assert.Contains(t, text, "\n"+clause.Heading+"\n", "%s %s", name, clause.ID)
			}
			for line := range strings.Lines(clause.Text) {
				assert.Contains(t, text, strings.TrimPrefix(strings.TrimSpace(line), "• "), "%s %s", name, clause.ID)
			}
		}
	}
}

func TestTheNumbersOfAPageAreThoseOfItsFile(t *testing.T) {
	says := func(name, id string) string {
		clause, known := shipped(t, name).Clause(id)
		require.True(t, known, id)
		return clause.Text
	}
	goopter, popcustoms, photoroom := shipped(t, "goopter"), shipped(t, "popcustoms"), shipped(t, "photoroom")
	assert.Equal(t, policy.Response{Calendar: "weekdays", Respond: policy.Days{From: 3, To: 5, Aim: true}, Pay: policy.Days{From: 5, To: 10}}, goopter.Response)
	assert.Contains(t, says("goopter", "G5.1"), "We aim to respond to all refund requests within 3-5 business days")
	assert.Contains(t, says("goopter", "G5.2"), "within 5-10 business days")
	assert.Equal(t, policy.Response{Calendar: "weekdays", Respond: policy.Days{From: 1, To: 3}}, popcustoms.Response)
	assert.Contains(t, says("popcustoms", "P5.3"), "within 1–3 business days")
	assert.Equal(t, policy.Response{Calendar: "weekdays"}, photoroom.Response)

	assert.Contains(t, says("goopter", "G3.3"), fmt.Sprintf("more than %d days after", goopter.PurchaseWindow/(24*time.Hour)))
	assert.Contains(t, says("popcustoms", "P5.1"), fmt.Sprintf("within %d hours after generation", popcustoms.ReportWindow/time.Hour))
	down := slices.IndexFunc(goopter.Rules(policy.KindOutage), func(rule policy.RuleView) bool { return rule.Answer == yes })
	assert.Equal(t, []policy.ConditionView{{Name: "down_over", Values: []string{"48h"}}}, goopter.Rules(policy.KindOutage)[down].When)
	assert.Contains(t, says("goopter", "G2.3"), "more than 48 consecutive hours")
	assert.Equal(t, "Last updated: "+goopter.EffectiveAt().Format("January 2, 2006"), says("goopter", "G0.1"))
	assert.Contains(t, says("popcustoms", "P8.3"), "an image is about $0.0395")
	for _, feature := range popcustoms.Features() {
		assert.Equal(t, "0.0395", popcustoms.Unit.Format(int64(feature.Price)), feature.Name)
	}
}

func TestTheTemplatesThatAPageCoversAreThoseThatMayBeReported(t *testing.T) {
	rev := shipped(t, "popcustoms")
	clause, _ := rev.Clause("P1")
	covered, others := strings.Split(clause.Text, "\n• ")[1:], 0
	for _, feature := range rev.Features() {
		all := policy.Platforms{IOS: true, Android: true, Web: true}
		if slices.Contains(covered, feature.Title) {
			assert.Equal(t, all, feature.Reportable, feature.Name)
			continue
		}
		assert.Zero(t, feature.Reportable, feature.Name)
		others++
	}
	assert.Len(t, rev.Features(), len(covered)+others)
	assert.Positive(t, others, "P1 can fire")
}

func TestWhatTakesNoTimeIsNotAimedAt(t *testing.T) {
	for name := range tables {
		rev := shipped(t, name)
		for _, days := range []policy.Days{rev.Response.Respond, rev.Response.Pay} {
			assert.Less(t, days.From, max(days.To, 1), name)
			assert.False(t, days.Aim && days.To == 0, name)
		}
	}
}

func TestTheContactIsThatOfThePage(t *testing.T) {
	rev := shipped(t, "goopter")
	clause, _ := rev.Clause("G6")
	assert.Equal(t, policy.Contact{
		Name: "Goopter Holdings Ltd (DBA: Goopter Commerce)", Phone: "(778) 875-8095", Address: "7790 Royal Oak Ave, Burnaby, BC V5J 4K4", HidesEmail: true,
	}, rev.Contact)
	for _, part := range []string{rev.Contact.Name, policy.HiddenEmail, rev.Contact.Phone, rev.Contact.Address} {
		assert.Contains(t, clause.Text, part)
	}
	for _, name := range []string{"photoroom", "popcustoms"} {
		assert.Zero(t, shipped(t, name).Contact, "its page names none")
	}
}

func TestAnAddressThatThePageHidesIsSaidByWhoeverRunsIt(t *testing.T) {
	rev := shipped(t, "goopter")
	missing := policy.Note{Field: "contact.email", Message: "is missing: the published text hides it, so whoever runs the policy says it (ContactEmail of the stack)"}
	assert.Contains(t, rev.Notes(), missing)
	assert.Equal(t, rev, rev.WithEmail(""))
	told := rev.WithEmail("help@shop.example")
	assert.NotContains(t, told.Notes(), missing)
	assert.Equal(t, "help@shop.example", told.Contact.Email)
	assert.Equal(t, rev.Ref(), told.Ref(), "it is the same revision")
	for id, sentence := range map[string]string{"G4": "our support team at help@shop.example with", "G6": "Email: help@shop.example\n"} {
		said, _ := told.Clause(id)
		assert.Contains(t, said.Text, sentence)
		published, _ := rev.Clause(id)
		assert.Contains(t, published.Text, policy.HiddenEmail, "the one that it was made of is as it was")
	}
	assert.Equal(t, shipped(t, "photoroom"), shipped(t, "photoroom").WithEmail("help@shop.example"), "a page that hides none")
}

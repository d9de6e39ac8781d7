package policy

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// gifts says of each gift which kinds it can be computed for, and the one place it can go.
var gifts = map[Gift]struct {
	kinds []Kind
	to    Destination
}{
	GivePrice:           {generationKinds, ToBalance},
	GivePurchaseCredits: {purchaseKinds, ToBalance},
	GiveAmount:          {purchaseKinds, ToPaymentMethod},
	GiveUnspentShare:    {purchaseKinds, ToPaymentMethod},
}

func (c *checker) checkRules(f file) {
	c.present(f.Rules != nil, "rules")
	for _, kind := range sortedKeys(f.Rules) {
		at := place{"rules", kind}
		if !slices.Contains(kinds, kind) {
			c.bad(at, "unknown kind %q: must be %s", kind, list(kinds))
			continue
		}
		c.need(len(f.Rules[kind]) > 0, at, "must hold a rule: leave the kind out to send it to review")
		always := false
		for i, line := range f.Rules[kind] {
			// A rule after one without conditions would look as if it counted.
			c.need(!always, at.in(i), "is never reached: the rule before it always holds")
			always = always || !line.conditional()
			c.checkRule(f, kind, at.in(i), line)
		}
	}
}

func (c *checker) checkRule(f file, kind Kind, at place, line ruleLine) {
	_, exists := f.Clauses[line.Clause]
	c.need(exists, at.in("clause"), "unknown clause %q: it does not stand under clauses", line.Clause)
	checkWord(c, at.in("answer"), line.Answer, outcomes)
	if exists && slices.Contains(outcomes, line.Answer) {
		c.need(line.Reason != nil || f.Clauses[line.Clause].Reasons[line.Answer] != nil, place{"clauses", line.Clause, "reasons"},
			"the clause answers %s but has no reason for it", line.Answer)
	}
	c.checkSentence(at.in("reason"), line.Reason, f, f.fillableIn(line.Answer, line))
	// A condition on facts that the kind does not have would never hold, or panic.
	for _, cond := range conditions {
		if cond.isSet(line.When) {
			c.need(cond.reads(kind), at.in("when", cond.name), "the facts of %s do not hold this", kind)
		}
	}
	c.checkConditions(at.in("when"), f, kind, line.When)
	c.checkRemedy(at, kind, line)
}

// conditional reports whether the rule sets any condition.
func (l ruleLine) conditional() bool {
	return slices.ContainsFunc(conditions, func(cond condition) bool { return cond.isSet(l.When) })
}

func (c *checker) checkRemedy(at place, kind Kind, line ruleLine) {
	// Only an approval gives something back, and it must say what.
	if line.Answer != OutcomeApproved {
		c.need(line.Remedy == nil, at.in("remedy"), "stands only on an approved answer")
		return
	}
	if line.Remedy == nil {
		c.bad(at.in("remedy"), "is missing: an approved answer gives something back")
		return
	}
	// The facts of the kind must hold what the gift is computed from, and each gift has one place
	// to go.
	gift, ok := gifts[line.Remedy.Give]
	if !ok {
		c.bad(at.in("remedy", "give"), "unknown word %q: must be %s", line.Remedy.Give, list(sortedKeys(gifts)))
		return
	}
	c.need(slices.Contains(gift.kinds, kind), at.in("remedy", "give"), "the facts of %s do not hold this", kind)
	c.need(line.Remedy.To == gift.to, at.in("remedy", "to"), "%s goes to %s", line.Remedy.Give, gift.to)
	// A part of a purchase that never arrived would leave the rest nowhere.
	if share := line.Remedy.Share; share != nil {
		c.need(*share > 0 && *share < whole, at.in("remedy", "share"), "must lie between 1 and 99 percent: all of it has no share")
		c.need(line.Remedy.Give != GivePurchaseCredits, at.in("remedy", "share"), "a purchase that was never credited gets all of its credits")
	}
}

// checkConditions checks the words and limits of the conditions.
func (c *checker) checkConditions(at place, f file, kind Kind, w when) {
	checkWords(c, at.in("standing"), w.Standing, standings)
	checkWords(c, at.in("mode"), w.Mode, modes)
	checkWords(c, at.in("failure_cause"), w.FailureCause, causes)
	checkWords(c, at.in("issue"), w.Issue, append([]Issue{IssueNone}, issues...))
	checkWords(c, at.in("evidence"), w.Evidence, append([]Verdict{EvidenceNone}, verdicts...))
	checkWords(c, at.in("input"), w.Input, inputs)
	checkWords(c, at.in("used"), w.Used, []Use{UseBulkDownloaded, UseCommercial})
	c.need(w.Defects == nil || len(w.Defects) > 0, at.in("defects"), "must name at least one")
	c.need(w.FailedAttemptsFrom == nil || *w.FailedAttemptsFrom > 1, at.in("failed_attempts_from"), "must be at least 2: every failure is one attempt")
	c.need(positiveOrNil(w.DownOver), at.in("down_over"), "must be a positive duration, as 48h")
	// Lateness is measured by a window, so the file must have the one of this kind.
	if w.RequestedLate != nil {
		window, name := f.Windows.Purchase, "purchase"
		if kind.aboutGeneration() {
			window, name = f.Windows.Report, "report"
		}
		c.need(window != nil, at.in("asked_late"), "needs windows.%s", name)
	}
}

// checkWords checks the list of a condition: nil is a condition that is not set.
func checkWords[T ~string](c *checker, at place, words, vocabulary []T) {
	if words != nil && len(words) == 0 {
		c.bad(at, "must name at least one of %s", list(vocabulary))
	}
	for i, word := range words {
		checkWord(c, at.in(i), word, vocabulary)
		c.need(slices.Index(words, word) == i, at.in(i), "%q stands here twice", word)
	}
}

// engineReasons are the answers that deciding itself may give: each file has the words for them.
var engineReasons = map[string]Outcome{
	ClauseAlreadyRefunded: OutcomeDeclined,
	ClauseNothingCharged:  OutcomeDeclined,
	ClauseNoRule:          OutcomeInReview,
}

// rulings are the outcomes that a person can give a case in review.
var rulings = []Outcome{OutcomeApproved, OutcomeDeclined}

func (c *checker) checkClauses(f file) {
	c.present(len(f.Clauses) > 0, "clauses")
	// Deciding itself answers by X1 to X3, so every policy has words for them.
	for _, id := range sortedKeys(engineReasons) {
		c.need(f.Clauses[id].Reasons[engineReasons[id]] != nil, place{"clauses", id, "reasons", engineReasons[id]}, "every policy has it")
	}
	for _, ruling := range rulings {
		c.need(f.Clauses[ClauseNoRule].Ruled[ruling] != nil, place{"clauses", ClauseNoRule, "ruled", ruling}, "every policy has it: what a person decided")
	}
	answers := answersOf(f)
	for _, id := range sortedKeys(f.Clauses) {
		at := place{"clauses", id}
		c.need(clauseShape().MatchString(id), at, "a clause id is a letter and numbers, as P3.5")
		c.need(strings.TrimSpace(f.Clauses[id].Text) != "", at.in("says"), "is missing")
		if table := f.Clauses[id].Table; table != "" {
			checkWord(c, at.in("table"), table, tables)
		}
		c.checkReasons(at, f, id, answers[id])
	}
}

// answersOf returns the rules of each clause; deciding itself answers by one that gives nothing.
func answersOf(f file) map[string][]ruleLine {
	answers := map[string][]ruleLine{}
	for id, outcome := range engineReasons {
		answers[id] = append(answers[id], ruleLine{Clause: id, Answer: outcome})
	}
	for _, kind := range sortedKeys(f.Rules) {
		for _, line := range f.Rules[kind] {
			answers[line.Clause] = append(answers[line.Clause], line)
		}
	}
	return answers
}

// checkReasons checks that a clause has no words that nobody will read: it decides, and has a
// reason for each of its answers, or it binds.
func (c *checker) checkReasons(at place, f file, id string, answers []ruleLine) {
	line := f.Clauses[id]
	switch {
	case line.Binds != "":
		checkWord(c, at.in("binds"), line.Binds, bounds)
		c.need(len(answers) == 0, at.in("binds"), "stands only on a clause that never decides")
	case len(answers) == 0:
		c.bad(at, "no rule names it: write what it binds, one of %s", list(bounds))
		return // whether its words will be read depends on what it turns out to be
	}
	// Each sentence is checked against the rules that will use it: they bound what it can be filled
	// from.
	for _, outcome := range sortedKeys(line.Reasons) {
		checkWord(c, at.in("reasons", outcome), outcome, outcomes)
		readers := slices.DeleteFunc(slices.Clone(answers), func(l ruleLine) bool { return l.Answer != outcome || l.Reason != nil })
		c.need(len(readers) > 0, at.in("reasons", outcome), "no rule of this clause answers so without a reason of its own")
		c.checkSentence(at.in("reasons", outcome), line.Reasons[outcome], f, f.fillableIn(outcome, readers...))
	}
	for _, outcome := range sortedKeys(line.Ruled) {
		checkWord(c, at.in("ruled", outcome), outcome, rulings)
		kinds := f.citable(id, outcome)
		c.need(len(kinds) > 0, at.in("ruled", outcome), "nobody reads it: no rule of this clause answers so or sends to review, so it is not cited for that")
		c.checkSentence(at.in("ruled", outcome), line.Ruled[outcome], f, f.fillableRuled(outcome, kinds))
	}
}

// sortedKeys gives maps of the file a fixed order, so that the same file gets the same errors.
func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

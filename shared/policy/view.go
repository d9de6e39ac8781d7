package policy

import "slices"

// RuleView is a rule as a reader sees it.
type RuleView struct {
	// Clause is the id of the clause that the rule applies.
	Clause string `json:"clause"`
	// When holds the conditions, all of which must hold; none: the rule always answers.
	When []ConditionView `json:"when,omitempty"`
	// Answer is the outcome.
	Answer Outcome `json:"answer"`
	// Gives is what it gives back; "" unless the answer is approved.
	Gives Gift `json:"gives,omitempty"`
	// To is where that goes; "" unless the answer is approved.
	To Destination `json:"to,omitempty"`
	// Share is the percentage that it gives, 0 for all of it.
	Share int64 `json:"share,omitempty"`
	// Reason is the rule's own sentence, else its clause's: in English, with its placeholders.
	Reason string `json:"reason"`
}

// ConditionView is a condition that a rule sets.
type ConditionView struct {
	// Name is its name in the file.
	Name string `json:"name"`
	// Values are the words of which one must fit, or the one value wanted: "true", "3", "48h".
	Values []string `json:"values"`
}

// Kinds returns the kinds that have rules, in the order in which messages list kinds. A request of
// another kind goes to review (X3).
func (r Revision) Kinds() []Kind {
	var with []Kind
	for _, kind := range kinds {
		if len(r.rules[kind]) > 0 {
			with = append(with, kind)
		}
	}
	return with
}

// Rules returns the rules of a kind in the order in which they are tried; nil for a kind without
// rules.
func (r Revision) Rules(kind Kind) []RuleView {
	var views []RuleView
	for _, rule := range r.rules[kind] {
		view := RuleView{Clause: rule.clause, Answer: rule.answer, Gives: rule.gives, To: rule.to, Reason: r.sentence(rule).english()}
		// All of it is no share: the reader would look for what is missing.
		if rule.share != whole {
			view.Share = rule.share
		}
		for _, test := range rule.tests {
			view.When = append(view.When, ConditionView{Name: test.name, Values: test.values(rule.when)})
		}
		views = append(views, view)
	}
	return views
}

// sentence returns a rule's own sentence, else that of its clause.
func (r Revision) sentence(rule rule) words {
	if rule.reason != nil {
		return rule.reason
	}
	return r.clauses[rule.clause].reasons[rule.answer]
}

// Clauses returns every clause in the order of the file.
func (r Revision) Clauses() []Clause {
	clauses := make([]Clause, len(r.order))
	for i, id := range r.order {
		clauses[i] = r.clauses[id]
	}
	return clauses
}

// Reason returns the English sentence that the clause has for an answer of its rules, with its
// placeholders; "" when every rule of it that answers so has a sentence of its own.
func (c Clause) Reason(outcome Outcome) string { return c.reasons[outcome].english() }

// Ruled returns the English sentence that the clause itself has for what a person decided under it,
// "" when it uses X3's.
func (c Clause) Ruled(outcome Outcome) string { return c.ruled[outcome].english() }

// MoneyNotice returns what the customer reads where money is given back, in English and with its
// placeholders; without words where it is the same as for credits.
func (r Revision) MoneyNotice() Notice {
	return Notice{r.notices[OutcomeApproved].name, r.notices[OutcomeApproved].money.english()}
}

// OfferNotice returns what the customer reads of what an outage entitles to, in English and with
// its placeholders; the zero Notice where no rule approves an outage.
func (r Revision) OfferNotice() Notice {
	return Notice{r.offerNotice.name, r.offerNotice.words.english()}
}

// AppealNotice returns what the customer reads of an appeal that was received, in English and with
// its placeholders; the zero Notice where no appeal may be made.
func (r Revision) AppealNotice() Notice {
	return Notice{r.appealNotice.name, r.appealNotice.words.english()}
}

// Notices returns every notice that the policy words, each once, in English and with its
// placeholders, in the order approved (of credits, of money), declined, in_review, offered,
// appealed, messages.
func (r Revision) Notices() []Notice {
	var notices []Notice
	// A policy may use one notice for several outcomes; it is listed once.
	for _, n := range []Notice{
		r.Notice("", OutcomeApproved), r.MoneyNotice(), r.Notice("", OutcomeDeclined), r.Notice("", OutcomeInReview), r.OfferNotice(),
		r.AppealNotice(),
	} {
		if n.Words != "" && !slices.Contains(notices, n) {
			notices = append(notices, n)
		}
	}
	return append(notices, r.Messages()...)
}

// Messages returns what the policy words beside its notices, in English and with its placeholders;
// without the words before ids in a mail.
func (r Revision) Messages() []Notice {
	var notices []Notice
	for _, s := range messages {
		// The two words before ids are no sentences.
		if own, ok := r.messages[s.message]; ok && s.message != MessageCase && s.message != MessagePurchase {
			notices = append(notices, Notice{Name: string(s.message), Words: own.english()})
		}
	}
	return notices
}

package policy

import "slices"

// NoticeView is a notice as a reader of the policy sees it.
type NoticeView struct {
	// Outcome is the outcome that it is about. "offered" and "appealed" are no verdicts: what an
	// outage entitles to, and that an appeal was received. A message of the policy has its own name
	// here.
	Outcome Outcome `json:"outcome"`
	// Kinds are those with words or a name of their own; none: all the others.
	Kinds []Kind `json:"kinds,omitempty"`
	// Money: it is for decisions that give money back.
	Money bool `json:"money,omitempty"`
	// Name is the notice's word in the contract.
	Name string `json:"name"`
	// Words have their placeholders, and the language of the revision, see In.
	Words string `json:"words"`
}

// NoticeViews returns every notice: for each outcome in general, then where kinds differ, then what
// is about no verdict.
func (r Revision) NoticeViews() []NoticeView {
	var all []NoticeView
	for _, outcome := range outcomes {
		all = append(all, r.noticesOf(outcome)...)
		if money := r.MoneyNotice(); outcome == OutcomeApproved && money.Words != "" {
			all = append(all, NoticeView{Outcome: outcome, Money: true, Name: money.Name, Words: money.Words})
		}
	}
	// The two that are about no verdict follow, then the messages, as the page lists them.
	if offer := r.OfferNotice(); offer.Words != "" {
		all = append(all, NoticeView{Outcome: noticeOffer, Name: offer.Name, Words: offer.Words})
	}
	if appeal := r.AppealNotice(); appeal.Words != "" {
		all = append(all, NoticeView{Outcome: noticeAppeal, Name: appeal.Name, Words: appeal.Words})
	}
	for _, message := range r.Messages() {
		all = append(all, NoticeView{Outcome: Outcome(message.Name), Name: message.Name, Words: message.Words})
	}
	return all
}

func (r Revision) noticesOf(outcome Outcome) []NoticeView {
	// The general words are for every kind that has none of its own.
	general := r.Notice("", outcome)
	if general == (Notice{}) {
		return nil
	}
	notices := []NoticeView{{Outcome: outcome, Name: general.Name, Words: general.Words}}
	// Kinds with the same words share a line; the first line is for all that have none of their
	// own.
	for _, kind := range kinds {
		own := r.Notice(kind, outcome)
		switch same := slices.IndexFunc(notices, func(n NoticeView) bool { return n.Name == own.Name && n.Words == own.Words }); {
		case same < 0:
			notices = append(notices, NoticeView{Outcome: outcome, Kinds: []Kind{kind}, Name: own.Name, Words: own.Words})
		case same > 0:
			notices[same].Kinds = append(notices[same].Kinds, kind)
		}
	}
	return notices
}

// Answers returns the outcomes that a clause can give, by a rule or by deciding itself; none for a
// clause that binds, or that the policy does not have.
func (r Revision) Answers(clause string) []Outcome {
	var answers []Outcome
	for _, outcome := range outcomes {
		if r.clauses[clause].ID != "" && (engineReasons[clause] == outcome || r.rulesAnswer(clause, outcome)) {
			answers = append(answers, outcome)
		}
	}
	return answers
}

func (r Revision) rulesAnswer(clause string, outcome Outcome) bool {
	for _, rules := range r.rules {
		if slices.ContainsFunc(rules, func(rule rule) bool { return rule.clause == clause && rule.answer == outcome }) {
			return true
		}
	}
	return false
}

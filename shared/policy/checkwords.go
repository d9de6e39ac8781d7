package policy

import (
	"slices"
	"strings"
)

var languageShape = pattern(`^[a-z]{2,3}(-[A-Z][A-Za-z]{1,3})?$`)

// checkSentence checks a sentence: that it is English too, and that each of its placeholders can be
// filled where it is used.
func (c *checker) checkSentence(at place, w words, f file, fillable []string) {
	if w == nil {
		return // whoever needs it says so
	}
	c.need(w.english() != "", at, "has no English (en)")
	// Every language has the same placeholders to choose from; a mistake in one is a mistake to its
	// readers.
	for _, language := range sortedKeys(w) {
		within := at
		if len(w) > 1 {
			within = at.in(language)
		}
		c.need(languageShape().MatchString(language), within, "unknown language %q: must be as en, de or pt-BR", language)
		c.need(strings.TrimSpace(w[language]) != "", within, "must not be empty")
		for _, placeholder := range bracedIn(w[language]) {
			switch {
			case !slices.Contains(placeholders, placeholder):
				c.bad(within, "unknown placeholder %s: known are %s", placeholder, list(placeholders))
			case !slices.Contains(fillable, placeholder):
				c.bad(within, "%s cannot be filled here: %s", placeholder, fillableHere(fillable))
			case placeholder == fillMethod && !f.namesMethods(language):
				c.bad(within, "%s needs methods in %q", placeholder, language)
			}
		}
	}
}

func fillableHere(fillable []string) string {
	if len(fillable) == 0 {
		return "no placeholder can be"
	}
	return "only " + list(fillable) + " can be"
}

// bracedIn returns every part of a sentence in braces, and every brace that stands alone.
func bracedIn(sentence string) []string {
	var parts []string
	for {
		from := strings.IndexAny(sentence, "{}")
		if from < 0 {
			return parts
		}
		sentence = sentence[from:]
		to := strings.IndexByte(sentence, '}')
		if to < 0 {
			return append(parts, sentence)
		}
		parts = append(parts, sentence[:to+1])
		sentence = sentence[to+1:]
	}
}

// namesMethods reports whether the destinations have names in the language.
func (f file) namesMethods(language string) bool {
	// Our own names are English: another language that uses {method} needs the file's.
	for to := range defaultMethods {
		method, own := f.Methods[to]
		if _, best := method.in([]string{language}); own && best == language {
			continue
		}
		if _, best := defaultMethods[to].in([]string{language}); own || best != English || !strings.HasPrefix(language, English) {
			return false
		}
	}
	return true
}

func (c *checker) checkMethods(f file) {
	for _, to := range sortedKeys(f.Methods) {
		checkWord(c, place{"methods", to}, to, sortedKeys(defaultMethods))
		c.checkSentence(place{"methods", to}, f.Methods[to], f, nil)
	}
}

// given says which of credits and money an approval can come to.
type payout struct{ credits, money bool }

// fillable returns the placeholders of an approval's sentence.
func (g payout) fillable(f file) []string {
	switch {
	case g.credits && g.money:
		return []string{fillMethod}
	case g.credits:
		return []string{fillCredits, fillMethod}
	case g.money && f.Response != nil && f.Response.PayDays != nil:
		return []string{fillAmount, fillMethod, fillBy}
	case g.money:
		return []string{fillAmount, fillMethod}
	}
	return nil
}

func (l ruleLine) payout() payout {
	if l.Remedy == nil {
		return payout{}
	}
	return payout{credits: gifts[l.Remedy.Give].to == ToBalance, money: gifts[l.Remedy.Give].to == ToPaymentMethod}
}

// ruleable says what a person can give back of a kind: money for a bad result only where credits
// are sold in the wallet's own currency.
func (f file) ruleable(kind Kind) payout {
	if kind == KindTechnicalFailure {
		return payout{credits: true}
	}
	if kind == KindBadResult {
		return payout{credits: true, money: f.Unit != nil && slices.ContainsFunc(f.Packages, func(p packageLine) bool { return p.Price.Currency == f.Unit.Name })}
	}
	return payout{credits: true, money: true}
}

func (g payout) or(other payout) payout {
	return payout{g.credits || other.credits, g.money || other.money}
}

// fillableIn returns the placeholders of a sentence for an answer of these rules.
func (f file) fillableIn(answer Outcome, rules ...ruleLine) []string {
	if answer == OutcomeInReview && f.Response != nil && f.Response.RespondDays != nil {
		return []string{fillBy}
	}
	var all payout // nothing but of an approval: no other rule holds a remedy
	for _, rule := range rules {
		all = all.or(rule.payout())
	}
	return all.fillable(f)
}

// citable returns the kinds of whose requests a person may cite the clause for the outcome: those
// of which a rule of it answers so, or sends to review.
func (f file) citable(clause string, outcome Outcome) []Kind {
	if clause == ClauseNoRule {
		return kinds
	}
	var result []Kind
	for _, kind := range kinds {
		if slices.ContainsFunc(f.Rules[kind], func(l ruleLine) bool {
			return l.Clause == clause && (l.Answer == outcome || l.Answer == OutcomeInReview)
		}) {
			result = append(result, kind)
		}
	}
	return result
}

// fillableRuled returns the placeholders of the sentence for what a person approved, of requests of
// these kinds.
func (f file) fillableRuled(ruling Outcome, kinds []Kind) []string {
	if ruling != OutcomeApproved {
		return nil
	}
	var all payout
	for _, kind := range kinds {
		all = all.or(f.ruleable(kind))
	}
	return all.fillable(f)
}

// checkNotice checks the sentences of a notice. Where money has one of its own, the others are
// about credits.
func (c *checker) checkNotice(f file, outcome Outcome, line *noticeLine) {
	at := place{"notices", outcome}
	c.need(noticeShape().MatchString(line.Name), at.in("name"), "must be lower-case words joined by underscores")
	c.need(line.Words != nil, at.in("words"), "is missing")
	for _, kind := range sortedKeys(line.Names) {
		checkWord(c, at.in("names", kind), kind, kinds)
		c.need(noticeShape().MatchString(line.Names[kind]), at.in("names", kind), "must be lower-case words joined by underscores")
	}
	fillable := func(kinds ...Kind) []string {
		if outcome != OutcomeApproved {
			return f.fillableIn(outcome)
		}
		var all payout
		for _, kind := range kinds {
			all = all.or(f.ruleable(kind))
		}
		all.money = all.money && line.Money == nil
		return all.fillable(f)
	}
	// The general sentence is read for the kinds that have none of their own: only they bound its
	// placeholders.
	rest := slices.DeleteFunc(slices.Clone(kinds), func(kind Kind) bool { return line.For[kind] != nil })
	c.checkSentence(at.in("words"), line.Words, f, fillable(rest...))
	for _, kind := range sortedKeys(line.For) {
		checkWord(c, at.in("for", kind), kind, kinds)
		c.checkSentence(at.in("for", kind), line.For[kind], f, fillable(kind))
	}
	c.need(line.Money == nil || outcome == OutcomeApproved, at.in("money"), "stands only on approved: nothing else pays money")
	c.checkSentence(at.in("money"), line.Money, f, payout{money: true}.fillable(f))
}

// checkAppealed checks the notice of an appeal that was received: it is there exactly where an
// appeal may be made. It has no words for single kinds, since a case of any kind may be appealed.
func (c *checker) checkAppealed(f file, line *noticeLine) {
	at := place{"notices", noticeAppeal}
	// A policy that permits it must have words for it, and one that does not must have none.
	if line == nil {
		c.need(f.Windows.Appeal == nil, at, "is missing: an appeal may be made, and who made one is told")
		return
	}
	c.need(f.Windows.Appeal != nil, at, "no appeal may be made: windows.appeal is left out")
	c.need(noticeShape().MatchString(line.Name), at.in("name"), "must be lower-case words joined by underscores")
	c.need(line.Words != nil, at.in("words"), "is missing")
	c.need(line.For == nil && line.Money == nil, at, "has no words for kinds, nor for money")
	inReview := f.Notices[OutcomeInReview]
	c.need(inReview == nil || line.Name != inReview.Name, at.in("name"), "must not be that of in_review: a case may be told of both")
	c.checkSentence(at.in("words"), line.Words, f, f.fillableIn(OutcomeInReview))
}

// checkOffered checks the notice of what an outage entitles to: it is there exactly where a rule
// approves an outage.
func (c *checker) checkOffered(f file, line *noticeLine) {
	at := place{"notices", noticeOffer}
	var approvals []ruleLine
	for _, rule := range f.Rules[KindOutage] {
		if rule.Answer == OutcomeApproved {
			approvals = append(approvals, rule)
		}
	}
	if line == nil {
		c.need(len(approvals) == 0, at, "is missing: a rule approves an outage, and who may claim is told")
		return
	}
	c.need(len(approvals) > 0, at, "no rule approves an outage, so nothing is offered")
	c.need(noticeShape().MatchString(line.Name), at.in("name"), "must be lower-case words joined by underscores")
	c.need(line.Words != nil, at.in("words"), "is missing")
	c.need(line.For == nil && line.Money == nil && line.Names == nil, at, "has no words for kinds, nor for money: it is about outages alone")
	fillable := slices.DeleteFunc(f.fillableIn(OutcomeApproved, approvals...), func(placeholder string) bool { return placeholder == fillBy })
	if slices.ContainsFunc(f.Rules[KindOutage], func(rule ruleLine) bool { return rule.When.RequestedLate != nil }) {
		fillable = append(fillable, fillClaimUntil)
	}
	c.checkSentence(at.in("words"), line.Words, f, fillable)
}

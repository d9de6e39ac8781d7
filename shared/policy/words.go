package policy

import (
	"maps"
	"slices"
	"strings"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/locale"
	"makegood/shared/money"
)

// English is the language that every sentence of a policy has.
const English = "en"

// words is a sentence by language; every file's sentence has English.
type words map[string]string

// english returns the English sentence, "" when there is none.
func (w words) english() string { return w[English] }

// in returns the sentence in the language that fits the preferences best, the best first, and which
// language that is: English where none fits.
func (w words) in(preferences []string) (sentence, language string) {
	if len(w) < 2 || len(preferences) == 0 {
		return w.english(), English
	}
	// English first: it is what somebody reads for whom nothing fits.
	others := slices.DeleteFunc(slices.Sorted(maps.Keys(w)), func(language string) bool { return language == English })
	language = locale.Choose(preferences, append([]string{English}, others...))
	return w[language], language
}

// The placeholders of a sentence. The decision that the sentence is about holds what each stands
// for.
const (
	fillCredits    = "{credits}"     // the credits given back
	fillAmount     = "{amount}"      // the money given back
	fillMethod     = "{method}"      // where what is given back goes
	fillBy         = "{by}"          // the day until which a case is answered, or money paid
	fillClaimUntil = "{claim_until}" // the day until which what is offered may be claimed
	fillOn         = "{on}"          // the day on which money was paid
	fillCame       = "{came}"        // how many outputs came
	fillOutputs    = "{outputs}"     // of how many
)

var placeholders = []string{fillCredits, fillAmount, fillMethod, fillBy, fillClaimUntil, fillOn, fillCame, fillOutputs}

// defaultMethods name the destinations where a file does not.
var defaultMethods = map[Destination]words{
	ToBalance:       {English: "your balance"},
	ToPaymentMethod: {English: "your original payment method"},
}

// told is what a sentence can be filled from.
type fillings struct {
	remedy     *Remedy
	by         *time.Time
	claimUntil *time.Time
	on         *time.Time
	counts     []string // placeholders of counts, each with its number
}

// fillings returns what the sentences of a decision can be filled from.
func (d Decision) fillings() fillings {
	if d.Outcome == OutcomeInReview {
		return fillings{by: d.RespondBy}
	}
	return fillings{remedy: d.Remedy, by: d.PayBy}
}

// fill returns the sentence in the first of the languages that it has, filled. A placeholder that
// cannot be filled stays; no file that checked has one.
func (r Revision) fill(w words, of fillings, languages []string) string {
	sentence, _ := r.fillIn(w, of, languages)
	return sentence
}

// fillIn is say, with the language.
func (r Revision) fillIn(w words, of fillings, languages []string) (sentence, language string) {
	sentence, language = w.in(languages)
	if !strings.Contains(sentence, "{") {
		return sentence, language
	}
	// Only what the decision holds is filled in; the check of the file has seen to it that nothing
	// else is named.
	pairs := slices.Clone(of.counts)
	if remedy := of.remedy; remedy != nil {
		switch remedy.Arm() {
		case ArmMoney:
			pairs = append(pairs, fillAmount, remedy.Money().String())
		case ArmCredits:
			pairs = append(pairs, fillCredits, r.Unit.inWords(remedy.Credits()))
		}
		// The method is named in the language of the sentence that it goes into.
		pairs = append(pairs, fillMethod, r.method(remedy.To(), language))
	}
	// Days are written for the reader, not for the clock: without a time of day.
	for placeholder, day := range map[string]*time.Time{fillBy: of.by, fillClaimUntil: of.claimUntil, fillOn: of.on} {
		if day != nil {
			pairs = append(pairs, placeholder, date(*day, language))
		}
	}
	return strings.NewReplacer(pairs...).Replace(sentence), language
}

func (r Revision) method(to Destination, language string) string {
	method, ok := r.methods[to]
	if !ok {
		method = defaultMethods[to]
	}
	name, _ := method.in([]string{language})
	return name
}

// currency reports whether the unit is a currency.
func (u Unit) currency() bool { return money.Amount{Currency: u.Name}.Validate("") == nil }

// inWords returns credits as a sentence has them: 0.0395 USD where the unit is a currency. In
// another unit it is the number alone, since the sentence names what it counts.
func (u Unit) inWords(credits ledger.Credits) string {
	number := u.Format(int64(credits))
	if u.currency() {
		return number + " " + u.Name
	}
	return number
}

// date returns the day in UTC: December 11, 2026 in English. In another language it is 2026-12-11,
// which nobody reads as another day.
func date(t time.Time, language string) string {
	if base, _, _ := strings.Cut(language, "-"); base == English {
		return t.UTC().Format("January 2, 2006")
	}
	return t.UTC().Format(time.DateOnly)
}

// Reason returns the sentence of a decision about a request of the kind, in the first of the
// languages (BCP 47 tags, the best first) that the file has for it, English when it has none. The
// decision may be a recorded one of this revision: it holds all that the sentence is filled from.
// "" when the revision has no such clause.
func (r Revision) Reason(kind Kind, d Decision, languages ...string) string {
	return r.fill(r.reason(kind, d), d.fillings(), languages)
}

// ReasonAfter is Reason for a decision that follows another on the same case (nil: it is the
// first), with the language of the sentence.
func (r Revision) ReasonAfter(before *Decision, kind Kind, d Decision, languages ...string) (sentence, language string) {
	// Money was promised and did not go: that sentence needs the amount of the decision before.
	if unpaid(before, d) {
		return r.fillIn(r.message(MessageUnpaid), fillings{remedy: before.Remedy}, languages)
	}
	return r.fillIn(r.reason(kind, d), d.fillings(), languages)
}

// In returns the revision with its sentences in the language that fits best of all those that the
// file has, and which language that is. A sentence without it stays English. What methods return in
// English (Notice, Rules, Clauses, Messages) is in that language then.
func (r Revision) In(languages ...string) (Revision, string) {
	// Every language that any sentence has counts, even where most sentences lack it.
	chosen := locale.Choose(languages, append([]string{English}, r.translations()...))
	return r.eachSentence(func(_ place, w words) words {
		if own, has := w[chosen]; has {
			return words{English: own}
		}
		return w
	}), chosen
}

// change is what is made of a sentence, by its place in the file.
type change func(at place, w words) words

// eachSentence returns the revision with every sentence put through the change.
func (r Revision) eachSentence(made change) Revision {
	r.rules = maps.Clone(r.rules)
	for kind, rules := range r.rules {
		rules = slices.Clone(rules)
		for i := range rules {
			rules[i].reason = changed(place{"rules", kind, i, "reason"}, rules[i].reason, made)
		}
		r.rules[kind] = rules
	}
	// Revisions share their maps, so each one that changes is a copy.
	r.clauses = maps.Clone(r.clauses)
	for id, clause := range r.clauses {
		at := place{"clauses", id}
		clause.reasons, clause.ruled = changedAll(at.in("reasons"), clause.reasons, made), changedAll(at.in("ruled"), clause.ruled, made)
		r.clauses[id] = clause
	}
	r.notices = maps.Clone(r.notices)
	for outcome, n := range r.notices {
		r.notices[outcome] = n.changed(place{"notices", outcome}, made)
	}
	r.offerNotice = r.offerNotice.changed(place{"notices", noticeOffer}, made)
	r.appealNotice = r.appealNotice.changed(place{"notices", noticeAppeal}, made)
	r.methods, r.messages = changedAll(place{"methods"}, r.methods, made), changedAll(place{"messages"}, r.messages, made)
	r.issues, r.claims = changedAll(place{"issues"}, r.issues, made), changedClaims(r.claims, made)
	return r
}

func (n notice) changed(at place, made change) notice {
	n.words, n.money = changed(at.in("words"), n.words, made), changed(at.in("money"), n.money, made)
	n.kinds = changedAll(at.in("for"), n.kinds, made)
	return n
}

func changed(at place, w words, made change) words {
	if w == nil {
		return nil
	}
	return made(at, w)
}

func changedAll[K comparable](at place, all map[K]words, made change) map[K]words {
	all = maps.Clone(all)
	for key, w := range all {
		all[key] = changed(at.in(key), w, made)
	}
	return all
}

// Sentence is a sentence and the language that it is in.
type Sentence struct {
	// Text is the sentence, filled.
	Text string
	// Language is its BCP 47 tag.
	Language string
}

// ReasonOf is ReasonAfter for a recorded decision. In English it is the recorded sentence, which
// remains where the revision is gone (the zero Revision).
func (r Revision) ReasonOf(before *Decision, kind Kind, d Decision, languages ...string) Sentence {
	if sentence, language := r.ReasonAfter(before, kind, d, languages...); language != English {
		return Sentence{sentence, language}
	}
	return Sentence{d.Reason, English}
}

// reason returns the sentence of a decision: of its rule, else of its clause, or of what a person
// decided.
func (r Revision) reason(kind Kind, d Decision) words {
	// The receipt of an appeal has words of its own, whatever clause it names.
	if r.received(d) {
		return r.appealNotice.words
	}
	// A rule's own sentence comes first, then its clause's for the outcome.
	if rules := r.rules[kind]; d.Rule > 0 && d.Rule <= len(rules) && rules[d.Rule-1].reason != nil {
		return rules[d.Rule-1].reason
	}
	clause := r.clauses[d.Clause]
	if d.Rule > 0 || d.Outcome == OutcomeInReview || d.overruled() {
		return clause.reasons[d.Outcome]
	}
	// A person decided: the clause's words for that, else those of its rules, else X3's.
	if own, ok := clause.ruled[d.Outcome]; ok {
		return own
	}
	// A clause that the person chose may say it in the words of its own rules.
	if d.cites() {
		if own := r.ownReason(kind, d); r.filled(own, d) {
			return own
		}
	}
	return r.clauses[ClauseNoRule].ruled[d.Outcome]
}

// cites reports whether a person's ruling goes by another clause than the one that sent the request
// to review: then the last step names no rule.
func (d Decision) cites() bool {
	return len(d.Trace) > 0 && d.Trace[len(d.Trace)-1] == Step{Clause: d.Clause, Matched: true}
}

// ownReason returns the sentence that the clause's rules of the kind have for the outcome, nil when
// they have several, or none.
func (r Revision) ownReason(kind Kind, d Decision) words {
	var own []words
	for _, rule := range r.rules[kind] {
		// Two rules with two sentences: which of them is meant cannot be known.
		if rule.clause != d.Clause || rule.answer != d.Outcome {
			continue
		}
		if rule.reason == nil {
			return r.clauses[d.Clause].reasons[d.Outcome]
		}
		own = append(own, rule.reason)
	}
	if len(own) == 1 {
		return own[0]
	}
	return nil
}

// filled reports whether there is a sentence, and the decision can fill all of it: a person may
// give money where rules give credits.
func (r Revision) filled(w words, d Decision) bool {
	return w != nil && !slices.ContainsFunc(placeholders, func(p string) bool { return strings.Contains(r.fill(w, d.fillings(), nil), p) })
}

// overruled reports whether deciding itself declined, against the rule that matched: then the last
// step names no rule. A person's ruling keeps a trace that ends with what sent the case to review.
func (d Decision) overruled() bool {
	return d.cites() && engineReasons[d.Clause] == OutcomeDeclined && d.Outcome == OutcomeDeclined
}

// NoticeOf returns the notice of a decision about a request of the kind, in the languages of
// Reason; the zero Notice for an unknown outcome.
func (r Revision) NoticeOf(kind Kind, d Decision, languages ...string) Notice {
	n, _ := r.noticeIn(kind, d, languages)
	return n
}

// noticeIn is NoticeOf, with the language.
func (r Revision) noticeIn(kind Kind, d Decision, languages []string) (Notice, string) {
	n := r.notices[d.Outcome]
	if r.received(d) {
		n = r.appealNotice
	}
	sentence := n.words
	if own, ok := n.kinds[kind]; ok {
		sentence = own
	}
	if ArmOf(d.Remedy) == ArmMoney && n.money != nil {
		sentence = n.money
	}
	filled, language := r.fillIn(sentence, d.fillings(), languages)
	return Notice{Name: n.called(kind), Words: filled}, language
}

// Offer is what a customer may have on a claim.
type Offer struct {
	// Remedy is what they get.
	Remedy Remedy
	// Until is when the claim must be made by; nil: the policy names no limit.
	Until *time.Time
}

// NoticeAfter is NoticeOf for a decision that follows another on the same case, nil where it is the
// first, with the language of the sentence.
func (r Revision) NoticeAfter(before *Decision, kind Kind, d Decision, languages ...string) (Notice, string) {
	n, language := r.noticeIn(kind, d, languages)
	if unpaid(before, d) {
		n.Words, language = r.ReasonAfter(before, kind, d, languages...)
	}
	return n, language
}

// OfferIn returns the sentence of what an outage entitles to, in the languages of Reason, "" where
// no rule approves an outage.
func (r Revision) OfferIn(offer Offer, languages ...string) Sentence {
	text, language := r.fillIn(r.offerNotice.words, fillings{remedy: &offer.Remedy, claimUntil: offer.Until}, languages)
	return Sentence{text, language}
}

package policy

import (
	"net/url"
	"slices"

	"makegood/shared/evidence"
	"makegood/shared/ledger"
)

// The bounds of what a file says about evidence: each is looked through for each report.
const (
	maxFailureCards = 1000
	maxExamples     = 20
	maxLooks        = 10_000
)

var cardShape = pattern(`^[0-9a-f]{64}$`)

// checkEvidence checks the section, which may be left out: then no signal decides.
func (c *checker) checkEvidence(line *evidenceLine) {
	if line == nil {
		return
	}
	at := place{"evidence"}
	c.checkDecides(at.in("decides"), line.Decides)
	c.need(len(line.FailureCards) <= maxFailureCards, at.in("failure_cards"), "must be at most %d", maxFailureCards)
	for i, card := range line.FailureCards {
		c.need(cardShape().MatchString(card), at.in("failure_cards", i), "must be the SHA-256 of a picture: 64 hexadecimal digits in lower case")
		c.need(slices.Index(line.FailureCards, card) == i, at.in("failure_cards", i), "stands here twice")
	}
	if line.Adjudicator != nil {
		limit := line.Adjudicator.Cap
		c.need(limit > 0 && limit <= ledger.MaxCredits, at.in("adjudicator", "cap"), "must lie between 1 and %d credits", ledger.MaxCredits)
	}
	// What decides by itself may be wrong, so that there must be a limit to it.
	stops := line.Stops
	if stops == nil {
		c.bad(at.in("stops"), "is missing: when what decides by itself is wrong too often")
		return
	}
	c.checkCount(at.in("stops", "wrongly_paid_percent"), stops.WronglyPaidPercent, 100)
	c.need(stops.From != nil && *stops.From >= 1 && *stops.From <= maxLooks, at.in("stops", "from"), "must lie between 1 and %d", maxLooks)
}

// checkDecides checks the signals that decide. One that has an innocent case is refused by name.
func (c *checker) checkDecides(at place, names []evidence.Name) {
	c.need(len(names) > 0, at, "must name at least one of %s", list(evidence.Deciding()))
	for i, name := range names {
		switch {
		case slices.Contains(evidence.ForStaff(), name):
			c.bad(at.in(i), "%q never decides: good results have it too, so a person looks; those that may are %s", name, list(evidence.Deciding()))
		case name == evidence.Adjudicated:
			c.bad(at.in(i), "%q is no signal: evidence.adjudicator.cap lets a model support a refund", name)
		default:
			checkWord(c, at.in(i), name, evidence.Deciding())
		}
		c.need(slices.Index(names, name) == i, at.in(i), "%q stands here twice", name)
	}
}

// checkExamples checks the links to pictures of what may be expected of a feature.
func (c *checker) checkExamples(at place, links []string) {
	c.need(len(links) <= maxExamples, at, "must be at most %d", maxExamples)
	for i, link := range links {
		to, err := url.Parse(link)
		c.need(err == nil && to.Scheme == "https" && to.Host != "" && to.User == nil, at.in(i), "must be a link, as https://example.com/one.jpg")
	}
}

package page

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/policy"
)

const day = 24 * time.Hour

// sentence says what a rule answers, when, and what it gives back.
func sentence(rev policy.Revision, kind policy.Kind, position int, rule policy.RuleView) string {
	// A rule without conditions takes what the rules above it left; the first one takes everything.
	when := "in every other case"
	if position == 0 {
		when = "always"
	}
	if len(rule.When) > 0 {
		parts := make([]string, len(rule.When))
		for i, c := range rule.When {
			parts[i] = inWords(rev, kind, c)
		}
		when = "if " + list(parts, "and")
	}
	switch rule.Answer {
	case policy.OutcomeApproved:
		return "approved " + when + ": " + gift(rule)
	case policy.OutcomeInReview:
		return "a person decides " + when
	case policy.OutcomeDeclined:
	}
	return string(rule.Answer) + " " + when
}

// gift says what a rule gives back, or how much of it.
func gift(rule policy.RuleView) string {
	if rule.Share == 0 {
		return gifts[rule.Gives]
	}
	return fmt.Sprintf("%d %% of %s", rule.Share, strings.TrimSuffix(strings.Replace(gifts[rule.Gives], ", in full", "", 1), ", rounded down")) + ", rounded down"
}

// gifts say what a remedy gives back and where it goes.
var gifts = map[policy.Gift]string{
	policy.GivePrice:           "what the output was charged goes back to the balance",
	policy.GivePurchaseCredits: "the credits of the purchase go to the balance",
	policy.GiveAmount:          "what was paid goes back to the payment method, in full",
	policy.GiveUnspentShare:    "the unspent share of what was paid goes back to the payment method, rounded down",
}

// inWords says a condition; one that this room has no words for is shown as the file writes it.
func inWords(rev policy.Revision, kind policy.Kind, view policy.ConditionView) string {
	if c, ok := conditions[view.Name]; ok {
		return c.words(rev, kind, view.Values)
	}
	return view.Name + " is " + either(view.Values)
}

// either joins words as alternatives: a, b or c.
func either(words []string) string { return list(words, "or") }

func list[T ~string](words []T, last string) string {
	var b strings.Builder
	for i, word := range words {
		switch {
		case i == 0:
		case i == len(words)-1:
			b.WriteString(" " + last + " ")
		default:
			b.WriteString(", ")
		}
		b.WriteString(string(word))
	}
	return b.String()
}

// span writes a duration as people say it: 30 days, 48 hours, 90 minutes; "" for none.
func span(d time.Duration) string {
	for _, unit := range []struct {
		length time.Duration
		name   string
	}{{day, "day"}, {time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}} {
		// The largest unit that fits without a rest, but for one or two days: policies say 24 and
		// 48 hours.
		count := d / unit.length
		switch {
		case d <= 0 || d%unit.length != 0:
		case unit.length == day && count < 3: // 24 hours, 48 hours: as policies say it
		case count == 1:
			return "1 " + unit.name
		default:
			return strconv.FormatInt(int64(count), 10) + " " + unit.name + "s"
		}
	}
	if d <= 0 {
		return ""
	}
	return d.String()
}

// Credits writes an amount of the wallet's smallest unit in its unit.
func Credits(unit policy.Unit, amount ledger.Credits) string {
	return unit.Format(int64(amount)) + " " + unit.Name
}

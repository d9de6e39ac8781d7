package policy

import (
	"slices"
	"strconv"
	"time"

	"makegood/shared/ledger"
)

// Message names a sentence for the customer that is about no decision.
type Message string

// The messages; the zero value is invalid.
const (
	MessagePaid        Message = "paid"         // money that was approved went back
	MessageFailed      Message = "failed"       // money that was approved did not go back
	MessageUnpaid      Message = "unpaid"       // staff declined what had been approved and did not go back
	MessagePartial     Message = "partial"      // not all outputs came, and those that did not cost nothing
	MessagePartialNone Message = "partial_none" // none came
	MessagePartialFree Message = "partial_free" // not all came of what nothing was charged for
	MessageGood        Message = "standing_good"
	MessageRestricted  Message = "standing_restricted"
	MessageTerminated  Message = "standing_terminated"
	MessageCase        Message = "case"     // the word before a case's id in a mail
	MessagePurchase    Message = "purchase" // the word before a payment's id in a mail
)

// messageRow is a message: what it can be filled from, and our own sentence for a policy that
// leaves it out, "" for none.
type messageRow struct {
	message  Message
	fillable []string
	fallback string
}

var messages = []messageRow{
	{MessagePaid, []string{fillAmount, fillMethod, fillOn}, "Your refund of {amount} was paid to {method} on {on}."},
	{MessageFailed, []string{fillAmount, fillMethod}, "We couldn't pay your refund of {amount} to {method}. Our team is looking into it."},
	{MessageUnpaid, []string{fillAmount, fillMethod}, "We approved your refund of {amount}, but couldn't pay it to {method}."},
	{MessagePartial, []string{fillCame, fillOutputs, fillCredits}, "{came} of {outputs} results came. You weren't charged for the rest."},
	{MessagePartialNone, []string{fillOutputs, fillCredits}, "No result came. You weren't charged."},
	{MessagePartialFree, []string{fillCame, fillOutputs}, "{came} of {outputs} results came."},
	{MessageGood, nil, ""},
	{MessageRestricted, nil, ""},
	{MessageTerminated, nil, ""},
	{MessageCase, nil, "Case"},
	{MessagePurchase, nil, "Purchase"},
}

// standingMessages are about a customer's new standing.
var standingMessages = map[ledger.Standing]Message{
	ledger.StandingGood: MessageGood, ledger.StandingRestricted: MessageRestricted, ledger.StandingTerminated: MessageTerminated,
}

// StandingMessage returns the message about a new standing.
func StandingMessage(standing ledger.Standing) Message { return standingMessages[standing] }

func rowOf(m Message) messageRow {
	i := slices.IndexFunc(messages, func(s messageRow) bool { return s.message == m })
	if i < 0 {
		return messageRow{}
	}
	return messages[i]
}

// Fill is what a message is filled from: as much of it as the message names.
type Fill struct {
	// Remedy is the money, or the credits that were not charged.
	Remedy *Remedy
	// On is when the money was paid.
	On *time.Time
	// Came is how many outputs came, and Outputs of how many.
	Came, Outputs int
}

// Message returns the sentence in the first of the languages that the file has for it. Where the
// file has none, it is our own English one; "" for a message that has none. The zero Revision has
// no sentences of its own.
func (r Revision) Message(m Message, from Fill, languages ...string) string {
	return r.MessageIn(m, from, languages...).Text
}

// MessageIn is Message, with the language of the sentence.
func (r Revision) MessageIn(m Message, from Fill, languages ...string) Sentence {
	text, language := r.fillIn(r.message(m), fillings{
		remedy: from.Remedy, on: from.On, counts: []string{fillCame, strconv.Itoa(from.Came), fillOutputs, strconv.Itoa(from.Outputs)},
	}, languages)
	return Sentence{text, language}
}

func (r Revision) message(m Message) words {
	// The policy's own words come first, in whatever languages it has them.
	if own, ok := r.messages[m]; ok {
		return own
	}
	return words{English: rowOf(m).fallback}
}

// unpaid reports whether d declines what was approved before and could not be paid: no other
// decision follows a promise of money.
func unpaid(before *Decision, d Decision) bool {
	return before != nil && ArmOf(before.Remedy) == ArmMoney && d.Outcome == OutcomeDeclined
}

func (c *checker) checkMessages(f file) {
	// An unknown message would be words that nobody ever sends.
	var vocabulary []Message
	for _, s := range messages {
		vocabulary = append(vocabulary, s.message)
	}
	for _, m := range sortedKeys(f.Messages) {
		checkWord(c, place{"messages", m}, m, vocabulary)
		c.checkSentence(place{"messages", m}, f.Messages[m], f, rowOf(m).fillable)
	}
}

// UnwordedOffer returns the sentence about an offer whose revision is gone, in English: it is true
// of every policy.
func UnwordedOffer(offer Offer) string {
	// Made of parts that hold for any offer: an amount only where it is money, a day only where
	// there is one.
	sentence := "Our service was down. You may claim a refund"
	switch offer.Remedy.Arm() {
	case ArmMoney:
		sentence += " of " + fillAmount
	case ArmCredits: // how many depends on what is unspent at the claim
	}
	if offer.Until != nil {
		sentence += " until " + fillClaimUntil
	}
	return Revision{}.fill(words{English: sentence + "."}, fillings{remedy: &offer.Remedy, claimUntil: offer.Until}, nil)
}

package notice

import (
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// Words returns the policy's sentence of the message for a reader of these languages, best first:
// the same that is posted and mailed. Where the revision is no longer published it is the verdict's
// recorded reason, and for a payment a sentence that is true of every policy.
func Words(c refund.Case, m refund.Message, policies Policies, languages ...string) policy.Sentence {
	revision, ok := policies(c.Decision.Policy)
	at := c.MessageAt(m)
	// A message about money is worded by the policy, but from the case's own sum and date.
	switch m.Type {
	case refund.MessagePaid:
		return revision.MessageIn(policy.MessagePaid, policy.Fill{Remedy: c.MoneyBack(), On: &at}, languages...)
	case refund.MessageFailed:
		return revision.MessageIn(policy.MessageFailed, policy.Fill{Remedy: c.MoneyBack()}, languages...)
	case refund.MessageReceived, refund.MessageDecided:
	}
	if ok {
		n, language := revision.NoticeAfter(c.Approved(), c.Kind, *c.Decision, languages...)
		return policy.Sentence{Text: n.Words, Language: language}
	}
	return policy.Sentence{Text: c.Decision.Reason, Language: policy.English}
}

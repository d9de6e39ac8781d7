package view

import (
	"slices"
	"time"

	"makegood/shared/api"
	"makegood/shared/notice"
	"makegood/shared/refund"
)

// Notices returns what the customer was notified of the case, newest first, as the customer and the
// app may read it. appealUntil is until
// when the case may be appealed, nil where it may not.
func (t *Translator) Notices(c refund.Case, read time.Time, appealUntil *api.Moment) []api.InboxNotice {
	list := []api.InboxNotice{}
	for _, news := range c.News() {
		list = append(list, t.inboxNotice(news, read))
	}
	slices.Reverse(list)
	// A case that may be appealed is declined, and its latest message says so.
	if len(list) > 0 {
		list[0].AppealUntil = appealUntil
	}
	return list
}

func (t *Translator) inboxNotice(news refund.News, read time.Time) api.InboxNotice {
	past := news.Case
	public := past.Discreet().Decision
	response := api.InboxNotice{
		ID: news.Message.ID(past.ID), Type: string(news.Message.Type), At: api.MomentOf(news.At), Read: !news.At.After(read),
		Case: string(past.ID), Kind: string(past.Kind), Generation: past.Generation, Payment: past.Payment,
		Outcome: string(public.Outcome), Clause: public.Clause, Reason: t.reason(past.Approved(), past.Kind, past.Sentence()), Notice: public.Notice,
		Words: t.say(notice.Words(past, news.Message, t.Policies, t.Wanted...)),
	}
	// A promise of an answer, or of money, is the verdict's own: what became of the money has none.
	switch news.Message.Type {
	case refund.MessageReceived, refund.MessageDecided:
		response.Remedy, response.RespondBy, response.PayBy = remedy(public.Remedy), public.RespondBy, public.PayBy
	case refund.MessagePaid, refund.MessageFailed:
		response.Remedy = remedy(past.MoneyBack())
	}
	return response
}

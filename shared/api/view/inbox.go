package view

import (
	"slices"
	"time"

	"makegood/shared/api"
	"makegood/shared/notice"
	"makegood/shared/outage"
	"makegood/shared/refund"
	"makegood/shared/standing"
)

// Reader is how far a customer has read their inbox, and what their notices are put in words by.
type Reader struct {
	UpTo        time.Time                       // zero: they have marked nothing as read
	InForce     notice.InForce                  // the policy that was in force at an instant
	AppealUntil func(c refund.Case) *api.Moment // until when the case may be appealed, nil where it may not
}

// Notices returns what the customer was notified of the topic, newest first, as the customer and
// the app may read it.
func (t *Translator) Notices(topic notice.Topic, reader Reader) []api.InboxNotice {
	list := []api.InboxNotice{}
	switch {
	case topic.Case != nil:
		list = t.caseNotices(*topic.Case, reader.AppealUntil(*topic.Case))
	case topic.Offer != nil:
		list = append(list, t.offerNotice(*topic.Offer))
	case topic.Change != nil:
		if words := notice.StandingWords(*topic.Change, reader.InForce, t.Wanted...); words.Text != "" {
			list = append(list, standingNotice(*topic.Change, t.say(words)))
		}
	}
	for i := range list {
		list[i].Read = !list[i].At.After(reader.UpTo)
	}
	return list
}

func (t *Translator) caseNotices(c refund.Case, appealUntil *api.Moment) []api.InboxNotice {
	list := []api.InboxNotice{}
	for _, news := range c.News() {
		list = append(list, t.caseNotice(news))
	}
	slices.Reverse(list)
	// A case that may be appealed is declined, and its latest message says so.
	if len(list) > 0 {
		list[0].AppealUntil = appealUntil
	}
	return list
}

func (t *Translator) caseNotice(news refund.News) api.InboxNotice {
	past := news.Case
	public := past.Discreet().Decision
	response := api.InboxNotice{
		ID: news.Message.ID(past.ID), Type: string(news.Message.Type), At: api.MomentOf(news.At),
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

func (t *Translator) offerNotice(o outage.Offer) api.InboxNotice {
	response := api.InboxNotice{
		ID: notice.OfferMessage(o.ID), Type: notice.TypeOffered, At: api.MomentOf(o.MadeAt),
		Offer: string(o.ID), Outage: string(o.Outage), Payment: string(o.Payment), Remedy: remedy(&o.Remedy),
		StartedAt: api.OptionalMoment(o.Met.StartedAt), ClaimUntil: api.OptionalMoment(o.ClaimUntil),
		Words: t.say(notice.OfferWords(o, t.Policies, t.Wanted...)),
	}
	if o.Met.EndedAt != nil {
		response.EndedAt = api.OptionalMoment(*o.Met.EndedAt)
	}
	return response
}

// standingNotice leaves out staff's note, which is theirs.
func standingNotice(change standing.ChangeRecord, words string) api.InboxNotice {
	return api.InboxNotice{
		ID: notice.StandingMessage(change.ID), Type: notice.TypeStanding, At: api.MomentOf(change.At), Standing: string(change.Standing), Words: words,
	}
}

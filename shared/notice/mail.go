package notice

import (
	"context"
	"crypto/rand"
	"errors"
	"net/mail"
	"strings"
	"time"
	"unicode"

	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// MailClaim is how long a claim makes others wait: longer than its claimant can live (a function's 30 s), so that an older one is either
// a mail that went out or one that died with its claimant.
const MailClaim = time.Minute

// giveBackTime is what a claim may take to be given back, whatever is left of the telling's own time.
const giveBackTime = time.Second

// A mail that surely did not go is tried again at once, for its message would come back only after minutes, and repeat the post.
const (
	sendAttempts = 3
	sendPause    = 250 * time.Millisecond
)

// maxSubject bounds a subject, in characters: the line that RFC 5322 recommends.
const maxSubject = 78

// thanksForFeedback is the notice that thanks and gives no reason (photoroom R6): the reason is in the case, for who asks.
const thanksForFeedback = "thanks_for_feedback"

// Mail is one mail of plain text to one address. ID is the notice's, for logs; the address never stands in one.
type Mail struct {
	ID      string
	To      string
	Subject string // one line
	Text    string
}

// Mailer sends mail. Send makes one attempt; nil means that the mail was taken. KindBusy: it surely was not, and may be later.
// KindInvalid: it was refused, and always will be. Any other error: nobody knows, so it must not be sent again.
type Mailer interface {
	Send(ctx context.Context, mail Mail) error
}

// mail sends the case's mail, if there is one to send and it is this telling's to send.
func (t Teller) mail(ctx context.Context, c refund.Case, owed refund.Message, now time.Time) error {
	to := recipient(c, owed)
	if to == "" {
		return nil
	}
	return t.send(ctx, t.write(c, owed, to), claim{
		take:     func(ctx context.Context, by string) (bool, error) { return t.Store.ClaimMail(ctx, c.ID, owed, by, now) },
		giveBack: func(ctx context.Context, by string) error { return t.Store.ReturnMail(ctx, c.ID, owed, by) },
	})
}

// claim is how a mail is claimed in a store, and given back, by the claimant's own word.
type claim struct {
	take     func(ctx context.Context, by string) (bool, error)
	giveBack func(ctx context.Context, by string) error
}

// send sends the mail if its claim is this telling's. The claim is given back where the mail surely was not sent, even when the time for
// sending is over.
func (t Teller) send(ctx context.Context, written Mail, claimed claim) error {
	by, ours := rand.Text(), false
	err := fault.Retry(ctx, func(ctx context.Context) (err error) {
		ours, err = claimed.take(ctx, by)
		return err
	})
	if err != nil || !ours {
		return err
	}
	err = fault.Repeat(ctx, sendAttempts, sendPause, func(ctx context.Context) error { return t.Mailer.Send(ctx, written) })
	if err == nil || fault.KindOf(err) != fault.KindBusy && fault.KindOf(err) != fault.KindInvalid {
		return nil
	}
	giving, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackTime)
	defer cancel()
	given := fault.Retry(giving, func(ctx context.Context) error { return claimed.giveBack(ctx, by) })
	if fault.KindOf(err) == fault.KindInvalid {
		return given
	}
	return errors.Join(err, given)
}

// recipient returns the address that the claim names, else the customer's id where that is one, else "". The receipt of a claim that a
// customer opened by themselves goes to no address that it names: that may be a stranger's, and a claim about nothing is in review at once, so
// that one token could send strangers any number of mails. A final verdict rests on a purchase or a generation of ours, or on a person.
func recipient(c refund.Case, owed refund.Message) string {
	trusted := owed.Type != refund.MessageReceived || !c.OpenedBy(refund.ActorCustomer)
	if trusted && c.Asked != nil && c.Asked.Claim != nil && IsAddress(c.Asked.Claim.Email) {
		return c.Asked.Claim.Email
	}
	if id := string(c.Customer); IsAddress(id) {
		return id
	}
	return ""
}

// IsAddress reports whether s is one bare mail address that mail can be sent to: ASCII, unquoted, with a domain of at least two parts.
func IsAddress(s string) bool {
	parsed, err := mail.ParseAddress(s)
	if err != nil || parsed.Address != s || strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
		return false
	}
	return strings.Contains(s[strings.LastIndexByte(s, '@'):], ".")
}

// write returns the mail: the message's words, of a verdict its reason, and which case it is about, all in the customer's language.
func (t Teller) write(c refund.Case, owed refund.Message, to string) Mail {
	revision, reason := t.verdict(c)
	words, reason := oneLine(t.words(c, owed)), oneLine(reason)
	text := words
	if owed.Type == refund.MessageDecided && reason != words && c.Decision.Notice != thanksForFeedback {
		text += "\n\n" + reason
	}
	return Mail{ID: owed.ID(c.ID), To: to, Subject: subject(words), Text: text + "\n\n" + revision.Message(policy.MessageCase, policy.Fill{}, reads(c.Locale)...) + ": " + string(c.ID) + "\n"}
}

// subject returns the words without their full stop, cut where they are too long.
func subject(words string) string {
	words = strings.TrimSuffix(words, ".")
	if letters := []rune(words); len(letters) > maxSubject {
		return strings.TrimSpace(string(letters[:maxSubject-1])) + "…"
	}
	return words
}

// oneLine returns the text with every run of white space and of what cannot be printed as one space: nothing in it can begin a header.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
}

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
	"makegood/shared/ledger"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// MailClaim is how long a claim makes others wait. It is longer than its claimant can live (a
// function's 30 s). An older claim therefore means that the mail went out, or that its claimant
// died with it.
const MailClaim = time.Minute

// giveBackTime bounds the write that gives a claim back, whatever is left of the notice's own time.
const giveBackTime = time.Second

// A mail that surely did not go is tried again at once. Its message would come back only after
// minutes, and repeat the post.
const (
	sendAttempts = 3
	sendPause    = 250 * time.Millisecond
)

// maxSubject bounds a subject, in characters: the line length that RFC 5322 recommends.
const maxSubject = 78

// thanksForFeedback is the notice that thanks and gives no reason (photoroom R6). Who asks finds
// the reason in the case.
const thanksForFeedback = "thanks_for_feedback"

// Mail is one mail of plain text to one address.
type Mail struct {
	ID      string // the notice's id, for logs
	To      string // the address; it never stands in a log line
	Subject string // one line
	Text    string // what the person reads
}

// Mailer sends mail.
type Mailer interface {
	// Send makes one attempt; nil means that the mail was taken. KindBusy: it surely was not, and
	// may be later. KindInvalid: it was refused, and always will be. Any other error: nobody knows,
	// so it must not be sent again.
	Send(ctx context.Context, mail Mail) error
}

// mail sends the message's mail, if there is an address to send it to and nobody else has claimed
// it.
func (t Notifier) mail(ctx context.Context, c refund.Case, due refund.Message, now time.Time) error {
	to := recipient(c, due)
	if to == "" {
		return nil
	}
	return t.send(ctx, t.write(c, due, to), mailClaim{
		take:     func(ctx context.Context, by string) (bool, error) { return t.Store.ClaimMail(ctx, c.ID, due, by, now) },
		giveBack: func(ctx context.Context, by string) error { return t.Store.ReturnMail(ctx, c.ID, due, by) },
	})
}

// mailClaim is how a mail is claimed in a store, and given back, by the claimant's own word.
type mailClaim struct {
	take     func(ctx context.Context, by string) (bool, error)
	giveBack func(ctx context.Context, by string) error
}

// send sends the mail if it can claim it. It gives the claim back where the mail surely was not
// sent, even when the time for sending is over.
// Why: infra/decisions/0010.
func (t Notifier) send(ctx context.Context, letter Mail, claim mailClaim) error {
	// Claim first. Two deliveries of one message can run side by side, and only one may mail.
	by := rand.Text()
	mine, err := fault.RetryFor(ctx, func(ctx context.Context) (bool, error) { return claim.take(ctx, by) })
	if err != nil || !mine {
		return fault.At("notice: claim mail", letter.ID, err)
	}
	// A mail that was taken, or may have been, is done: sending it again could reach the person
	// twice.
	err = fault.Repeat(ctx, sendAttempts, sendPause, func(ctx context.Context) error { return t.Mailer.Send(ctx, letter) })
	if err == nil || fault.KindOf(err) != fault.KindBusy && fault.KindOf(err) != fault.KindInvalid {
		return nil
	}
	// Surely not sent. Give the claim back on a context of its own: the caller's may have just run
	// out, and a claim that stays would keep the mail from going for a minute.
	cleanup, cancel := context.WithTimeout(context.WithoutCancel(ctx), giveBackTime)
	defer cancel()
	returnErr := fault.Retry(cleanup, func(ctx context.Context) error { return claim.giveBack(ctx, by) })
	// A refusal is for good. Passing it on would bring the message back only to be refused again.
	if fault.KindOf(err) == fault.KindInvalid {
		return fault.At("notice: return mail", letter.ID, returnErr)
	}
	return fault.At("notice: send mail", letter.ID, errors.Join(err, returnErr))
}

// recipient returns the address that the claim names, else the customer's id where that is an
// address, else "".
//
// The receipt of a claim that a customer opened by themselves goes to no address that the claim
// names. That may be a stranger's, and a claim about nothing is in review at once, so that one
// token could send strangers any number of mails. A final verdict rests on a purchase or a
// generation of ours, or on a person.
func recipient(c refund.Case, due refund.Message) string {
	safe := due.Type != refund.MessageReceived || !c.OpenedBy(ledger.ActorCustomer)
	if safe && c.Statement != nil && c.Statement.Claim != nil && IsAddress(c.Statement.Claim.Email) {
		return c.Statement.Claim.Email
	}
	if id := string(c.Customer); IsAddress(id) {
		return id
	}
	return ""
}

// IsAddress reports whether s is one bare mail address that mail can be sent to: ASCII, unquoted,
// with a domain of at least two parts.
func IsAddress(s string) bool {
	address, err := mail.ParseAddress(s)
	if err != nil || address.Address != s || strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII }) {
		return false
	}
	return strings.Contains(s[strings.LastIndexByte(s, '@'):], ".")
}

// write returns the mail: the message's words, a verdict's reason, and which case it is about, all
// in the customer's language.
func (t Notifier) write(c refund.Case, due refund.Message, to string) Mail {
	revision, reason := t.verdict(c)
	words, reason := oneLine(t.words(c, due)), oneLine(reason)
	// The reason follows the words unless it repeats them, or the policy chose to give none.
	text := words
	if due.Type == refund.MessageDecided && reason != words && c.Decision.Notice != thanksForFeedback {
		text += "\n\n" + reason
	}
	return Mail{ID: due.ID(c.ID), To: to, Subject: subject(words), Text: text + "\n\n" + revision.Message(policy.MessageCase, policy.Fill{}, reads(c.Locale)...) + ": " + string(c.ID) + "\n"}
}

// subject returns the words without their full stop, cut where they are too long.
func subject(words string) string {
	words = strings.TrimSuffix(words, ".")
	if letters := []rune(words); len(letters) > maxSubject {
		return strings.TrimSpace(string(letters[:maxSubject-1])) + "…"
	}
	return words
}

// oneLine returns the text with every run of white space and unprintable characters as one space,
// so that nothing in it can begin a header.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }), " ")
}

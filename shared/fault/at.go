package fault

import "strings"

// located is an error with the place where it was met.
type located struct {
	op, subject string
	cause       error
}

// At returns err with where it was met: op names the step ("refund.Decide: load"), subject what it
// worked on (a case, payment or generation id; "" where there is none). A nil err stays nil.
//
// The text is for our own logs. Kind, code, field and every other thing a caller may see stay those
// of err: KindOf, CodeOf, errors.Is and errors.As look through it.
func At(op, subject string, err error) error {
	if err == nil {
		return nil
	}
	return &located{op: op, subject: subject, cause: err}
}

// Error returns "op subject: cause". An op or subject that the place around it has named already is
// not named again.
func (l *located) Error() string {
	var text strings.Builder
	outer := &located{}
	for {
		words := make([]string, 0, 2)
		if l.op != outer.op {
			words = append(words, l.op)
		}
		if l.subject != "" && l.subject != outer.subject {
			words = append(words, l.subject)
		}
		if len(words) > 0 {
			text.WriteString(strings.Join(words, " ") + ": ")
		}
		inner, nested := l.cause.(*located) //nolint:errorlint // only the place directly inside: a cause further in has a text of its own
		if !nested {
			return text.String() + l.cause.Error()
		}
		outer, l = l.within(outer), inner
	}
}

// within returns the place as its inner places read it: what it leaves out is what the outer one
// said.
func (l *located) within(outer *located) *located {
	subject := l.subject
	if subject == "" {
		subject = outer.subject
	}
	return &located{op: l.op, subject: subject}
}

// Unwrap returns what was met.
func (l *located) Unwrap() error { return l.cause }

package notice

import "makegood/shared/refund"

// Draft is what a customer will read of a case's verdict, in their language.
type Draft struct {
	// Words is the policy's sentence, as the app gets it.
	Words string
	// Subject and Text are the mail's, as it is sent where there is an address to send it to.
	Subject, Text string
}

// DraftOf returns the words of the message that is due first on the case, by the way on which they
// are sent. It sends nothing, and marks nothing. The zero Draft where none is due.
func DraftOf(c refund.Case, policies Policies) Draft {
	due := c.Owed()
	if len(due) == 0 {
		return Draft{}
	}
	t := Notifier{Policies: policies}
	letter := t.write(c, due[0], "")
	return Draft{Words: t.words(c, due[0]), Subject: letter.Subject, Text: letter.Text}
}

package message

// About says what a request for a decision is about.
type About string

// The subjects of a request for a decision. The zero value is how messages were written before
// About existed: RefundRequested.Subject tells those apart by the fields they fill.
const (
	AboutCase             About = "case"              // an open case
	AboutFailedGeneration About = "failed_generation" // a generation that failed, or whose result is overdue
	AboutOutagePayment    About = "outage_payment"    // a payment that a declared outage hit
	AboutPaymentCases     About = "payment_cases"     // the cases of a payment, which follow its money
)

// RefundRequested asks for a decision, on refund-requests. It is a hint, not a fact: the reader
// loads the subject and returns where no verdict is pending. One of the four constructors makes
// each.
type RefundRequested struct {
	// Header names TypeRefundRequested.
	Header
	// About is the subject. Absent in messages written before it existed; read it by Subject.
	About About `json:"about,omitempty"`
	// Kind is KindTechnicalFailure or KindOutage where the verdict makes the case, absent
	// otherwise.
	Kind string `json:"kind,omitempty"`
	// Case is the open case to decide, absent for the other subjects.
	Case string `json:"case,omitempty"`
	// Generation is the failed one; beside a case a hint of what else to read at once.
	Generation string `json:"generation,omitempty"`
	// Payment is the provider's id of the payment; beside a case a hint of what else to read at
	// once.
	Payment string `json:"payment,omitempty"`
	// Outage is the declared outage that hit the payment, absent for the other subjects.
	Outage string `json:"outage,omitempty"`
	// Reason is ReasonFailed or ReasonOverdue of a failed generation, absent for the other
	// subjects.
	Reason string `json:"reason,omitempty"`
}

// Subject returns what the message is about, "" where it says nothing that we know. A message
// without About is of the older shape, which tells its subject by its fields alone.
func (r RefundRequested) Subject() About {
	// A subject of a newer sender is refused, not guessed from the fields: a wrong guess could
	// decide the wrong thing.
	switch r.About {
	case AboutCase, AboutFailedGeneration, AboutOutagePayment, AboutPaymentCases:
		return r.About
	case "":
		return r.subjectByFields()
	}
	return ""
}

// subjectByFields tells the subject of a message of the older shape.
func (r RefundRequested) subjectByFields() About {
	// The case comes first. Beside one, generation and payment are hints of what else to read, and
	// must not change the subject.
	switch {
	case r.Case != "":
		return AboutCase
	case r.Kind == KindTechnicalFailure:
		return AboutFailedGeneration
	case r.Kind == KindOutage:
		return AboutOutagePayment
	case r.Kind == "" && r.Payment != "":
		return AboutPaymentCases
	}
	return ""
}

// NewCaseRequested returns the request to decide the open case, or to carry out the ruling that
// staff recorded on it. A known generation or payment saves the reader a read; "" does no harm.
func NewCaseRequested(caseID, generation, payment string) RefundRequested {
	// No Kind: the open case has its own.
	return RefundRequested{Header: newHeader(TypeRefundRequested), About: AboutCase, Case: caseID, Generation: generation, Payment: payment}
}

// NewTechnicalFailure returns the request to decide on a generation that failed (ReasonFailed) or
// is overdue (ReasonOverdue).
func NewTechnicalFailure(generation, reason string) RefundRequested {
	// No case: the verdict makes one, whose id derives from the generation. A repeated message
	// finds it and makes no second.
	return RefundRequested{
		Header: newHeader(TypeRefundRequested), About: AboutFailedGeneration, Kind: KindTechnicalFailure, Generation: generation, Reason: reason,
	}
}

// NewOutageRequested returns the request to decide what an outage gives back of a payment.
func NewOutageRequested(outage, payment string) RefundRequested {
	// No case here either: its id derives from outage and payment, so a page that is run twice
	// gives once.
	return RefundRequested{Header: newHeader(TypeRefundRequested), About: AboutOutagePayment, Kind: KindOutage, Outage: outage, Payment: payment}
}

// NewPaymentRequested returns the request to let the cases of a payment follow what became of its
// money.
func NewPaymentRequested(payment string) RefundRequested {
	// The payment alone: the reader finds the cases that lag behind it on the payment itself.
	return RefundRequested{Header: newHeader(TypeRefundRequested), About: AboutPaymentCases, Payment: payment}
}

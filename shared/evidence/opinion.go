package evidence

// Opinion is what a model was asked about a case, what it answered, and what that comes to. It may
// support an approval. It never speaks against one: what it does not see is for a person.
type Opinion struct {
	// Outcome is what it comes to.
	Outcome OpinionOutcome `json:"outcome"`
	// Sentence says the outcome in one English sentence, for staff.
	Sentence string `json:"sentence"`
	// Model is the id of the model that was asked, "" where none was.
	Model string `json:"model,omitempty"`
	// PromptHash is the SHA-256 of the words and the schemas that it was asked by, in hexadecimal
	// digits.
	PromptHash string `json:"prompt_hash,omitempty"`
	// Passes are its answers, one for each order of the pictures.
	Passes []Pass `json:"passes,omitempty"`
	// InputTokens is how many the service counted of what it was sent.
	InputTokens int64 `json:"input_tokens,omitempty"`
	// OutputTokens is how many it counted of what it answered.
	OutputTokens int64 `json:"output_tokens,omitempty"`
	// CostMicros is what that costs, in millionths of a US dollar.
	CostMicros int64 `json:"cost_micros,omitempty"`
	// Bounded says that a call brought no count, so that the cost holds the most that it can have
	// been.
	Bounded bool `json:"bounded,omitempty"`
	// Untempered says that the model takes no temperature, and was asked without one. Else it was
	// 0.
	Untempered bool `json:"untempered,omitempty"`
	// Prices is what a million tokens cost in US dollars, those sent and those answered: "3/15".
	Prices string `json:"prices,omitempty"`
}

// OpinionOutcome is what an opinion comes to.
type OpinionOutcome string

// The outcomes. All but the first leave the case to a person.
const (
	// OpinionSupports: both passes found the same ruinous defect in the same place, and that the
	// claim is right.
	OpinionSupports OpinionOutcome = "supports"
	// OpinionNothing: no pass found anything, which carries no information.
	OpinionNothing OpinionOutcome = "nothing_found"
	// OpinionUnsure: what was found is not ruinous, or a pass does not know.
	OpinionUnsure OpinionOutcome = "unsure"
	// OpinionDisagrees: the passes found different things, or in different places.
	OpinionDisagrees OpinionOutcome = "disagreement"
	// OpinionInstructed: a pass saw words that tell whoever looks what to answer.
	OpinionInstructed OpinionOutcome = "instructions"
	// OpinionMalformed: an answer does not hold what was asked for, or is too large.
	OpinionMalformed OpinionOutcome = "malformed"
	// OpinionStopped: the model or a guardrail of the service ended the answer early.
	OpinionStopped OpinionOutcome = "stopped"
	// OpinionLate: an answer did not come in time.
	OpinionLate OpinionOutcome = "time_out"
	// OpinionThrottled: the service had too much to do.
	OpinionThrottled OpinionOutcome = "throttled"
	// OpinionUnavailable: the service failed, or was not reached.
	OpinionUnavailable OpinionOutcome = "unavailable"
	// OpinionRefused: the service refused the question: its model, schema or permission is wrong.
	OpinionRefused OpinionOutcome = "refused"
	// OpinionBudget: the month's budget does not hold one more question. Nothing was asked.
	OpinionBudget OpinionOutcome = "budget_spent"
	// OpinionOverCap: the output cost more than the policy's cap. Nothing was asked.
	OpinionOverCap OpinionOutcome = "over_cap"
	// OpinionSuspended: too many of its supports were wrong, until staff lift that. Nothing was
	// asked.
	OpinionSuspended OpinionOutcome = "suspended"
	// OpinionNoQuestion: no question suits the claim, or no picture can be shown. Nothing was
	// asked.
	OpinionNoQuestion OpinionOutcome = "no_question"
)

// Pass is one round of questions, with the pictures in one order.
type Pass struct {
	// Order is which picture came first: "output" or "input".
	Order string `json:"order"`
	// Problem is why the pass came to no answer, "" where it did.
	Problem OpinionOutcome `json:"problem,omitempty"`
	// Output is the output in the model's words.
	Output string `json:"output,omitempty"`
	// Input is the input in the model's words, "" where it saw none.
	Input string `json:"input,omitempty"`
	// Instructions says that it saw words which tell whoever looks what to answer.
	Instructions bool `json:"instructions,omitempty"`
	// Findings has one entry for each question.
	Findings []Finding `json:"findings,omitempty"`
	// Supported says whether the claim is right; "" where nothing was found that it could rest on.
	Supported Word `json:"supported,omitempty"`
	// Reason is why, in the model's words.
	Reason string `json:"reason,omitempty"`
}

// Finding is the answer to the question about one kind of defect.
type Finding struct {
	// Defect is the kind that was asked about: "deformed", "garbled_text"…
	Defect string `json:"defect"`
	// Present says whether the whole picture has it.
	Present Word `json:"present"`
	// Box is where, zero where it is not present.
	Box Box `json:"box,omitzero"`
	// Confirmed says whether the enlarged part has it, too; "" where none was shown.
	Confirmed Word `json:"confirmed,omitempty"`
	// Severity says how bad the enlarged part is; "" where none was shown.
	Severity Severity `json:"severity,omitempty"`
}

// Word is the answer to a question.
type Word string

// The words; the zero value means that nothing was asked.
const (
	Yes    Word = "yes"
	No     Word = "no"
	Unsure Word = "unsure"
)

// Severity says how bad a defect is.
type Severity string

// The severities; the zero value means that nothing was asked.
const (
	SeverityMinor   Severity = "minor"   // seen by who looks for it
	SeverityVisible Severity = "visible" // seen at once, and the picture can be used
	SeverityRuinous Severity = "ruinous" // the picture cannot be used
)

// Box is a part of a picture, in thousandths of its width and its height.
type Box struct {
	// Left is where it begins.
	Left int `json:"left"`
	// Top is where it begins.
	Top int `json:"top"`
	// Right is where it ends.
	Right int `json:"right"`
	// Bottom is where it ends.
	Bottom int `json:"bottom"`
}

package generation

import "makegood/shared/message"

// ResultOf returns the result in a message, cut to what is kept and without links that staff cannot
// open. It does not judge the result: Validate does.
func ResultOf(m message.GenerationFinished) Result {
	result := Result{Status: Status(m.Status), FinishedAt: m.FinishedAt}
	if f := m.Failure; f != nil {
		result.Failure = &Failure{Cause: Cause(f.Cause), Code: f.Code, Message: f.Message}
	}
	// Nil and empty differ: no list means that all outputs came, an empty one that none did.
	if m.Outputs != nil {
		result.Outputs = make([]Output, len(m.Outputs))
		for i, output := range m.Outputs {
			result.Outputs[i] = Output(output)
		}
	}
	if m.Input != nil {
		result.InputURL = m.Input.URL
	}
	if m.FailedAttempts != nil {
		result.FailedAttempts = *m.FailedAttempts
	}
	if c := m.Cost; c != nil {
		cost := Cost{Provider: c.Provider, Currency: c.Currency, Micros: c.Micros}
		// A bad cost is left out. Refusing the result for it would lose the pictures that came.
		if cost.Validate() == nil {
			result.Cost = &cost
		}
	}
	return result.Cut().withoutBadLinks()
}

// Message returns the result as the message that a worker would send: ResultOf gives it back.
func (r Result) Message(id ID) message.GenerationFinished {
	m := message.GenerationFinished{Generation: string(id), Status: string(r.Status), FinishedAt: r.FinishedAt}
	if r.Failure != nil {
		m.Failure = &message.Failure{Cause: string(r.Failure.Cause), Code: r.Failure.Code, Message: r.Failure.Message}
	}
	if r.Outputs != nil {
		m.Outputs = make([]message.Output, len(r.Outputs))
		for i, output := range r.Outputs {
			m.Outputs[i] = message.Output(output)
		}
	}
	if r.InputURL != "" {
		m.Input = &message.Input{URL: r.InputURL}
	}
	if r.FailedAttempts != 0 {
		m.FailedAttempts = &r.FailedAttempts
	}
	if c := r.Cost; c != nil {
		m.Cost = &message.Cost{Provider: c.Provider, Currency: c.Currency, Micros: c.Micros}
	}
	return message.NewGenerationFinished(m)
}

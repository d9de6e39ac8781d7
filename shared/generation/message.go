package generation

import "makegood/shared/message"

// ResultOf returns the result that a message tells of, cut to what is kept and without links that staff cannot be shown; Validate judges it.
func ResultOf(finished message.GenerationFinished) Result {
	result := Result{Status: Status(finished.Status), FinishedAt: finished.FinishedAt}
	if f := finished.Failure; f != nil {
		result.Failure = &Failure{Cause: Cause(f.Cause), Code: f.Code, Message: f.Message}
	}
	if finished.Outputs != nil {
		result.Outputs = make([]Output, len(finished.Outputs))
		for i, output := range finished.Outputs {
			result.Outputs[i] = Output(output)
		}
	}
	if finished.Input != nil {
		result.InputURL = finished.Input.URL
	}
	if finished.FailedAttempts != nil {
		result.FailedAttempts = *finished.FailedAttempts
	}
	if c := finished.Cost; c != nil {
		cost := Cost{Provider: c.Provider, Currency: c.Currency, Micros: c.Micros}
		if cost.Validate() == nil { // a result that is refused for its cost would be one that never came
			result.Cost = &cost
		}
	}
	return result.Cut().withoutUnshown()
}

// Message returns the result as the message that a worker would send: ResultOf gives it back.
func (r Result) Message(id ID) message.GenerationFinished {
	finished := message.GenerationFinished{Generation: string(id), Status: string(r.Status), FinishedAt: r.FinishedAt}
	if r.Failure != nil {
		finished.Failure = &message.Failure{Cause: string(r.Failure.Cause), Code: r.Failure.Code, Message: r.Failure.Message}
	}
	if r.Outputs != nil {
		finished.Outputs = make([]message.Output, len(r.Outputs))
		for i, output := range r.Outputs {
			finished.Outputs[i] = message.Output(output)
		}
	}
	if r.InputURL != "" {
		finished.Input = &message.Input{URL: r.InputURL}
	}
	if r.FailedAttempts != 0 {
		finished.FailedAttempts = &r.FailedAttempts
	}
	if c := r.Cost; c != nil {
		finished.Cost = &message.Cost{Provider: c.Provider, Currency: c.Currency, Micros: c.Micros}
	}
	return message.NewGenerationFinished(finished)
}

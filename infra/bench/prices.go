package main

// The list prices of us-east-1, on demand, in US dollars. Where they were read, and when, stands
// in the README. No free tier is taken off.
const (
	priceWriteUnits = 0.625e-6
	priceReadUnits  = 0.125e-6
	priceHTTP       = 1.00e-6
	priceInvocation = 0.20e-6
	priceGBSecond   = 13.3334e-6 // on arm64, the template's default
	priceSQS        = 0.40e-6    // each request
	priceSchedule   = 1.00e-6
	priceLogGB      = 0.50
	priceTrace      = 5.00e-6
	priceAlarm      = 0.10 // a month
	priceMetric     = 0.30 // a month, of our own
)

// What is not counted here but on AWS alone. Each is on the high side.
const (
	memoryGB = 0.5 // the template's functions, but for two of a quarter

	ownMilliseconds  = 5 // of an invocation, at that memory's third of a processor
	callMilliseconds = 5 // of a call to DynamoDB or SQS

	platformLogBytes = 700 // Lambda's own lines of an invocation, in JSON
	accessLogBytes   = 400 // API Gateway's line of a request
	sampledTraces    = 0.05

	// A message that is alone in its batch is sent, received and deleted.
	requestsPerMessage = 3
)

// bill is what an operation costs, in US dollars, by what AWS charges for.
type bill struct{ writes, reads, http, lambda, sqs, watching float64 }

func (b bill) total() float64 { return b.writes + b.reads + b.http + b.lambda + b.sqs + b.watching }

func (b bill) plus(c bill) bill {
	return bill{b.writes + c.writes, b.reads + c.reads, b.http + c.http, b.lambda + c.lambda, b.sqs + c.sqs, b.watching + c.watching}
}

// price returns the bill of one operation that took this.
func (c cost) price() bill {
	calls := c.reads + c.writes + c.messages
	seconds := float64(c.invocations*ownMilliseconds+calls*callMilliseconds) / 1000
	logBytes := c.logBytes + c.invocations*platformLogBytes + c.requests*accessLogBytes
	return bill{
		writes:   float64(c.units()) * priceWriteUnits,
		reads:    c.readUnits * priceReadUnits,
		http:     float64(c.requests) * priceHTTP,
		lambda:   float64(c.invocations)*priceInvocation + seconds*memoryGB*priceGBSecond,
		sqs:      float64(c.messages*requestsPerMessage) * priceSQS,
		watching: float64(logBytes)/1e9*priceLogGB + float64(c.invocations)*sampledTraces*priceTrace,
	}
}

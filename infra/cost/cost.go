// Package cost owns what Makegood costs on AWS: the list prices, what an operation takes, what a
// month of generations comes to, and a month in which nobody calls.
//
// It refuses to count: infra/bench does, on the built functions, and a test there holds that
// figures.json says what it counts. Alarms, queues, schedules and dashboards are those of a
// template that is read.
//
// Invariants: prices are list prices without a free tier. What cannot be counted on this machine is
// assumed on the high side, and named here.
//
// Words: usage (what an operation takes of what AWS charges for), bill (the same in US dollars),
// mix (how often each operation happens for a hundred generations).
package cost

// The list prices of us-east-1, on demand, in US dollars. Where they were read, and when, stands in
// infra/bench/README.md.
const (
	priceWriteUnits     = 0.625e-6
	priceReadUnits      = 0.125e-6
	priceHTTP           = 1.00e-6
	priceInvocation     = 0.20e-6
	priceGBSecond       = 13.3334e-6 // on arm64, the template's default
	priceSQS            = 0.40e-6    // each request
	priceSchedule       = 1.00e-6
	priceLogGB          = 0.50
	priceTrace          = 5.00e-6
	priceAlarm          = 0.10 // a month, of each metric that it looks at
	priceCompositeAlarm = 0.50 // a month
	priceMetric         = 0.30 // a month, of our own
	priceDashboard      = 3.00 // a month
)

// What AWS alone could count. Each is on the high side.
const (
	MemoryGB = 0.5 // the template's functions, but for two of a quarter

	OwnMilliseconds  = 5 // of an invocation, at that memory's third of a processor
	CallMilliseconds = 5 // of a call to DynamoDB or SQS

	PlatformLogBytes = 700 // Lambda's own lines of an invocation, in JSON
	AccessLogBytes   = 400 // API Gateway's line of a request
	SampledTraces    = 0.05

	// requestsPerMessage: a message that is alone in its batch is sent, received and deleted.
	requestsPerMessage = 3
)

// Usage is what one operation takes.
type Usage struct {
	Reads       int     `json:"reads"`       // calls that change nothing
	Writes      int     `json:"writes"`      // calls that do; a transaction is one
	ReadUnits   float64 `json:"read_units"`  // of DynamoDB
	WriteUnits  int     `json:"write_units"` // of DynamoDB, its indexes' among them
	Messages    int     `json:"messages"`    // sent, notices too
	Invocations int     `json:"invocations"` // of functions
	Requests    int     `json:"requests"`    // over HTTP
	LogBytes    int     `json:"log_bytes"`   // what the functions print
}

// Bill is what something costs, in US dollars, by what AWS charges for.
type Bill struct {
	Writes   float64 `json:"writes"`   // write units of DynamoDB
	Reads    float64 `json:"reads"`    // its read units
	HTTP     float64 `json:"http"`     // requests of the HTTP API
	Lambda   float64 `json:"lambda"`   // invocations and their time
	SQS      float64 `json:"sqs"`      // requests to queues
	Watching float64 `json:"watching"` // logs and traces
	Pictures float64 `json:"pictures"` // kept in S3
}

// Total returns the sum.
func (b Bill) Total() float64 {
	return b.Writes + b.Reads + b.HTTP + b.Lambda + b.SQS + b.Watching + b.Pictures
}

// Plus returns both together.
func (b Bill) Plus(c Bill) Bill {
	return Bill{b.Writes + c.Writes, b.Reads + c.Reads, b.HTTP + c.HTTP, b.Lambda + c.Lambda, b.SQS + c.SQS, b.Watching + c.Watching, b.Pictures + c.Pictures}
}

// Times returns the bill of that many.
func (b Bill) Times(n float64) Bill {
	return Bill{b.Writes * n, b.Reads * n, b.HTTP * n, b.Lambda * n, b.SQS * n, b.Watching * n, b.Pictures * n}
}

// Bill returns what the usage costs.
func (u Usage) Bill() Bill {
	calls := u.Reads + u.Writes + u.Messages
	seconds := float64(u.Invocations*OwnMilliseconds+calls*CallMilliseconds) / 1000
	logBytes := u.LogBytes + u.Invocations*PlatformLogBytes + u.Requests*AccessLogBytes
	return Bill{
		Writes:   float64(u.WriteUnits) * priceWriteUnits,
		Reads:    u.ReadUnits * priceReadUnits,
		HTTP:     float64(u.Requests) * priceHTTP,
		Lambda:   float64(u.Invocations)*priceInvocation + seconds*MemoryGB*priceGBSecond,
		SQS:      float64(u.Messages*requestsPerMessage) * priceSQS,
		Watching: float64(logBytes)/1e9*priceLogGB + float64(u.Invocations)*SampledTraces*priceTrace,
	}
}

package cost

// What is assumed of a report whose pictures are looked at; infra/bench counts neither objects nor
// the processor.
const (
	LookBytes   = 4.5e6 // two pictures of 2 MB, a preview of each, the map of what differs
	LookObjects = 5     // put, each once
	LookReads   = 4     // by staff, of one report in two; on the high side
	LookSeconds = 2.0   // fetching and looking, beside what every invocation takes
	LookGB      = 2.0   // of memory
	LookMonths  = 3.0   // for which they are kept: EvidenceDays by default
)

// The list prices of S3 Standard, in US dollars.
const (
	priceStorageGB = 0.023   // a month
	pricePut       = 5.0e-6  // each
	priceGet       = 0.40e-6 // each
)

// Pictures is a month's row of what keeping and looking at pictures takes.
const Pictures = "pictures of reports, looked at and kept for 90 days"

// LookBill returns what the pictures of one report cost until they are gone.
func LookBill() Bill {
	return Bill{
		Lambda:   LookSeconds * LookGB * priceGBSecond,
		Pictures: LookBytes/1e9*priceStorageGB*LookMonths + LookObjects*pricePut + LookReads*priceGet,
	}
}

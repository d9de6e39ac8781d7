package cost

// Mix says how many of a hundred generations end otherwise than by success, and how many purchases
// there are for a hundred of them.
type Mix struct {
	Failed    float64 `json:"failed"`    // fail, and are given back
	Partial   float64 `json:"partial"`   // come in part, the rest given back
	Reported  float64 `json:"reported"`  // are reported, and approved by staff
	Purchases float64 `json:"purchases"` // purchases, which are no generations
}

// Row is one operation of a month.
type Row struct {
	Name  string  `json:"operation"` // as infra/bench calls it
	Times float64 `json:"times"`     // in the month
	Bill  Bill    `json:"bill"`      // of all of them
	USD   float64 `json:"usd"`       // its sum
}

// Month returns what that many generations cost, operation by operation.
func (f Figures) Month(generations float64, mix Mix) ([]Row, error) {
	share := func(percent float64) float64 { return generations * percent / 100 }
	failures, parts, reports := share(mix.Failed), share(mix.Partial), share(mix.Reported)
	var rows []Row
	for _, one := range []struct {
		name  string
		times float64
	}{
		{Purchase, share(mix.Purchases)},
		{Hold, generations},
		{Result, generations},
		{Success, generations - failures - parts},
		{Part, parts},
		{PartNotice, parts},
		{Failure, failures},
		{FailureNotice, failures},
		{Report, reports},
		{Receipt, reports},
		{Ruling, reports},
		{RulingNotice, reports},
	} {
		price, err := f.PriceOf(one.name)
		if err != nil {
			return nil, err
		}
		// What never happens in this mix is not worth a line.
		if one.times > 0 {
			bill := price.Times(one.times)
			rows = append(rows, Row{one.name, one.times, bill, bill.Total()})
		}
	}
	if reports > 0 {
		bill := LookBill().Times(reports)
		rows = append(rows, Row{Pictures, reports, bill, bill.Total()})
	}
	// Some metrics are only given where something happens, and each is paid for once.
	if count := f.AllCounts - f.IdleCounts; count > 0 && generations > 0 {
		bill := Bill{Watching: float64(count) * priceMetric}
		rows = append(rows, Row{"metrics that only traffic gives", float64(count), bill, bill.Total()})
	}
	return rows, nil
}

package policy

import "time"

// ClaimWindow returns how long after its purchase, or its generation's end, a request of the kind is in time: 0 where no rule asks that.
func (r Revision) ClaimWindow(kind Kind) time.Duration {
	for _, rule := range r.rules[kind] {
		if rule.when.AskedLate == nil {
			continue
		}
		if kind.aboutGeneration() {
			return r.ReportWindow
		}
		return r.PurchaseWindow
	}
	return 0
}

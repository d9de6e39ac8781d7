package policy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"makegood/shared/ledger"
	"makegood/shared/money"
)

// The bounds of a policy's numbers: past them a slip of the pen is likelier than a wish.
const (
	maxScale        = 9
	maxResultWithin = 24 * time.Hour
	maxDays         = 3660 // ten years
	maxBusinessDays = 260  // a year
)

var (
	nameShape   = pattern(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	noticeShape = pattern(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	clauseShape = pattern(`^[A-Z][0-9]+(\.[0-9]+)*$`)
	outcomes    = []Outcome{OutcomeApproved, OutcomeDeclined, OutcomeInReview}
	lotRules    = []ledger.ExpiredRule{ledger.ExpiredRuleExpire, ledger.ExpiredRuleExtend}
	bounds      = []Bound{BindsUpload, BindsRequest, BindsClock, BindsRemedy, BindsNotice, BindsTerms, BindsService, BindsSteps, BindsContact}
	tables      = []Table{TablePackages, TableFeatures}
)

// pattern returns a pattern that is compiled at its first use: a function uses none of them.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// checker collects every fault of a file that could be read, each with its place.
type checker struct {
	file string
	root Node
	errs []error
}

// bad notes a fault at a path.
func (c *checker) bad(at place, format string, args ...any) {
	node := c.root.at(at)
	c.badAt(node.Line, node.Column, at, format, args...)
}

// badAt notes a fault at a line and column, where the path alone would not lead to them.
func (c *checker) badAt(line, column int, at place, format string, args ...any) {
	c.errs = append(c.errs, &FileError{File: c.file, Line: line, Column: column, Field: at.String(), Message: fmt.Sprintf(format, args...)})
}

// need notes a fault unless ok.
func (c *checker) need(ok bool, at place, format string, args ...any) {
	if !ok {
		c.bad(at, format, args...)
	}
}

func (c *checker) err() error { return errors.Join(c.errs...) }

func (c *checker) check(f file) {
	// Every section is checked, whatever is wrong in those before it: the writer mends the file
	// once.
	c.need(nameShape().MatchString(f.Name), place{"name"}, "must be lower-case words joined by hyphens")
	_, err := time.Parse(time.DateOnly, f.Revision)
	c.need(err == nil, place{"revision"}, "must be the day it takes effect, as 2026-01-31")
	c.checkUnit(f.Unit)
	c.checkPackages(f.Packages)
	c.checkFeatures(f.Features)
	checkWords(c, place{"modes"}, f.Modes, modes)
	if table := f.Surfaces; c.present(table != nil, "surfaces") {
		c.checkTable(place{"surfaces"}, map[string]*bool{"editor": table.Editor, "batch": table.Batch, "catalog": table.Catalog})
	}
	c.checkTerms(f)
	c.checkRules(f)
	c.checkClauses(f)
	c.checkNotices(f)
	c.checkMethods(f)
	c.checkMessages(f)
	c.checkIssues(f)
	c.checkClaims(f)
	c.checkSecondPerson(f.Second)
	c.checkContact(f)
	c.checkEvidence(f.Evidence)
}

// present notes a missing section and reports whether it is there.
func (c *checker) present(ok bool, section string) bool {
	c.need(ok, place{section}, "is missing")
	return ok
}

func (c *checker) checkUnit(u *Unit) {
	if !c.present(u != nil, "unit") {
		return
	}
	c.need(u.Name != "", place{"unit", "name"}, "is missing")
	c.need(u.Scale >= 0 && u.Scale <= maxScale, place{"unit", "scale"}, "must lie between 0 and %d", maxScale)
}

func (c *checker) checkPackages(packages []packageLine) {
	c.present(len(packages) > 0, "packages")
	names := map[string]bool{}
	for i, p := range packages {
		at := place{"packages", i}
		c.checkName(at, p.Name, names, "package")
		// A package of nothing, or for nothing, has no share that could go back.
		c.need(p.Credits > 0, at.in("credits"), "must be positive")
		c.need(money.Amount(p.Price).Validate("") == nil, at.in("price"), "needs a currency of three upper-case letters and an amount that is not negative")
		c.need(p.Price.Minor != 0, at.in("price", "minor"), "must be positive")
		c.checkDays(at.in("expires_after_days"), p.ExpiresAfterDays, maxDays)
	}
}

func (c *checker) checkFeatures(features []featureLine) {
	c.present(len(features) > 0, "features")
	names := map[string]bool{}
	for i, f := range features {
		at := place{"features", i}
		c.checkName(at, f.Name, names, "feature")
		c.checkPrice(at.in("price"), f.Price)
		c.checkPrices(at.in("prices"), f.Prices)
		c.checkExamples(at.in("examples"), f.Examples)
		// The limit is when a hold is overdue: without one, credits would be held for ever.
		c.need(f.ResultWithin > 0 && f.ResultWithin <= maxResultWithin, at.in("result_within"), "must be a positive duration of at most %s, as 5m", maxResultWithin)
		if f.Reportable == nil {
			c.bad(at.in("reportable"), "is missing")
			continue
		}
		c.checkTable(at.in("reportable"), map[string]*bool{"ios": f.Reportable.IOS, "android": f.Reportable.Android, "web": f.Reportable.Web})
	}
}

// checkName checks a name that must be unique in its list.
func (c *checker) checkName(at place, name string, names map[string]bool, what string) {
	c.need(nameShape().MatchString(name), at.in("name"), "must be lower-case words joined by hyphens")
	c.need(!names[name], at.in("name"), "duplicate %s %q", what, name)
	names[name] = true
}

// checkTable wants every cell of a table of yes and no written out.
func (c *checker) checkTable(at place, cells map[string]*bool) {
	for _, name := range slices.Sorted(maps.Keys(cells)) {
		c.need(cells[name] != nil, at.in(name), "is missing: write true or false")
	}
}

func (c *checker) checkTerms(f file) {
	c.need(positiveOrNil(f.Windows.Report), place{"windows", "report"}, "must be a positive duration")
	c.need(positiveOrNil(f.Windows.Purchase), place{"windows", "purchase"}, "must be a positive duration")
	c.need(positiveOrNil(f.Windows.Appeal), place{"windows", "appeal"}, "must be a positive duration")
	c.present(f.Unpaid != nil, "grants_unpaid")
	if lot := f.ExpiredLot; c.present(lot != nil, "expired_lot") {
		checkWord(c, place{"expired_lot", "rule"}, lot.Rule, lotRules)
		c.checkDays(place{"expired_lot", "extend_days"}, &lot.ExtendDays, maxDays)
	}
	// Look is the wider span: a purchase beyond it is never taken for a duplicate.
	if d := f.Duplicates; c.present(d != nil, "duplicates") {
		c.need(d.Same > 0, place{"duplicates", "same"}, "must be a positive duration, as 10m")
		c.need(d.Look >= max(d.Same, 1), place{"duplicates", "look"}, "must be a duration no shorter than same, as 24h")
		c.need(d.Auto != nil, place{"duplicates", "auto"}, "is missing: write true or false")
	}
	// Each limit bounds a count of rows, so a file cannot make a decision read without end.
	if a := f.Abuse; c.present(a != nil, "abuse") {
		c.checkCount(place{"abuse", "requests_over"}, a.RequestsOver, MaxRequestsOver)
		c.checkCount(place{"abuse", "refunds_over_percent"}, a.RefundsOverPercent, 100)
		c.checkCount(place{"abuse", "from_generations"}, a.FromGenerations, 1000)
	}
	if r := f.Response; c.present(r != nil, "response") {
		checkWord(c, place{"response", "calendar"}, r.Calendar, sortedKeys(calendars))
		c.checkSpan(place{"response", "respond_days"}, r.RespondDays)
		c.checkSpan(place{"response", "pay_days"}, r.PayDays)
	}
}

// checkWord checks a word of a fixed list.
func checkWord[T ~string](c *checker, at place, word T, vocabulary []T) {
	if !slices.Contains(vocabulary, word) {
		c.bad(at, "unknown word %q: must be %s", word, list(vocabulary))
	}
}

// checkDays checks a number of days that may be absent.
func (c *checker) checkDays(at place, days *int, limit int) {
	c.need(days == nil || *days > 0 && *days <= limit, at, "must lie between 1 and %d", limit)
}

// checkSpan checks business days that may be absent, and may have a lower end.
func (c *checker) checkSpan(at place, line *daysLine) {
	if line == nil {
		return
	}
	c.need(line.To != nil, at.in("to"), "is missing: the most days that it takes")
	c.checkDays(at.in("to"), line.To, maxBusinessDays)
	c.need(line.From == nil || *line.From > 0 && *line.From < orZero(line.To), at.in("from"), "must lie between 1 and less than to")
}

// checkCount checks a limit that must be there: it bounds how many rows are read to compare with
// it.
func (c *checker) checkCount(at place, count *int, limit int) {
	c.need(count != nil && *count >= 0 && *count <= limit, at, "must lie between 0 and %d", limit)
}

func positiveOrNil(d *time.Duration) bool { return d == nil || *d > 0 }

func (c *checker) checkNotices(f file) {
	vocabulary := append(outcomes[:len(outcomes):len(outcomes)], noticeOffer, noticeAppeal)
	for _, outcome := range sortedKeys(f.Notices) {
		checkWord(c, place{"notices", outcome}, outcome, vocabulary)
	}
	c.checkOffered(f, f.Notices[noticeOffer])
	c.checkAppealed(f, f.Notices[noticeAppeal])
	// A verdict's notice must not go by the name of the review's: a case in review is notified
	// twice, and the app tells the two apart by their names.
	for _, outcome := range outcomes {
		at := place{"notices", outcome}
		line := f.Notices[outcome]
		if line == nil {
			c.bad(at, "is missing")
			continue
		}
		c.checkNotice(f, outcome, line)
		if inReview := f.Notices[OutcomeInReview]; outcome != OutcomeInReview && inReview != nil {
			for _, kind := range kinds {
				if name, own := line.Names[kind]; own {
					c.need(name != cmp.Or(inReview.Names[kind], inReview.Name), at.in("names", kind), "must not be that of in_review: a case in review is told of twice")
					continue
				}
				same := line.Name == cmp.Or(inReview.Names[kind], inReview.Name)
				c.need(!same, at.in("name"), "must not be that of in_review: a case in review is told of twice")
				if same {
					break
				}
			}
		}
	}
}

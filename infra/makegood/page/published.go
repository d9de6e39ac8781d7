package page

import (
	"cmp"
	"fmt"
	"strings"

	"makegood/shared/policy"
)

// page writes the published page in its order: headings, sentences, tables, and beneath each clause
// what is done by it.
func (w *writer) page(p Page) {
	for _, c := range p.Clauses {
		if !c.Ours {
			w.clause(p, c)
		}
	}
}

func (w *writer) clause(p Page, c Clause) {
	if c.Heading != "" {
		w.line("## %s\n", c.Heading)
	}
	// The page's own order: its heading, its sentence, its table, and only then what is done by it.
	rows := p.table(c)
	w.sentence(c, rows)
	if rows != nil {
		w.table(rows)
	}
	// A clause may decide several kinds of request; each of its rules stands under it.
	for _, request := range p.Requests {
		for i, rule := range request.Rules {
			if rule.Clause == c.ID {
				w.rule(p, request.Kind, i+1, rule)
			}
		}
	}
}

// binds says what a clause is about that never decides.
var binds = map[policy.Bound]string{
	policy.BindsUpload:  "uploads",
	policy.BindsRequest: "what a request must name",
	policy.BindsClock:   "time",
	policy.BindsRemedy:  "where refunds go",
	policy.BindsNotice:  "what the customer is told",
	policy.BindsTerms:   "the policy",
	policy.BindsService: "the service",
	policy.BindsSteps:   "what the customer does",
	policy.BindsContact: "whom to write to",
}

// sentence writes a clause's words, a line of it as an item of a list, between quotes where they
// are the published text. Those that are the heads of its table are left to it.
func (w *writer) sentence(c Clause, rows [][]string) {
	about := ""
	switch {
	case c.Ours:
		about = " (*ours*)"
	case c.Binds != "":
		about = " (*about " + binds[c.Binds] + "*)"
	}
	// Some pages have nothing but the heads of a table as the clause's text: twice would be a
	// stutter.
	if rows != nil && strings.Join(strings.Fields(c.Text), " ") == strings.Join(rows[0], " ") {
		w.para("", "**"+c.ID+"**"+about)
		return
	}
	// Quotes mark what is published word for word; what is ours has none.
	text := c.Text
	if !c.Ours {
		text = "“" + text + "”"
	}
	first, others, several := strings.Cut(text, "\n")
	if !several {
		w.para("", "**"+c.ID+"** "+first+about)
		return
	}
	w.para("", "**"+c.ID+"** "+first)
	// Further lines are a list on the page, with or without its bullets.
	lines := strings.Split(others, "\n")
	lines[len(lines)-1] += about
	for _, line := range lines {
		w.wrap("- ", "  ", strings.TrimPrefix(strings.TrimSpace(line), "• "))
	}
	w.line("")
}

// table returns what the page shows below a clause, its heads first: those that the clause names,
// where it names one for each column. Nil for none.
func (p Page) table(c Clause) [][]string {
	var rows [][]string
	switch c.Table {
	// The table is the file's, not the page's copy: the reader sees what is in force.
	case policy.TablePackages:
		rows = append(rows, heads(c, "Package", "Credits", "Price"))
		for _, s := range p.Packages {
			rows = append(rows, []string{cmp.Or(s.Title, s.Name), Credits(p.Unit, s.Credits), s.Price.String()})
		}
	case policy.TableFeatures:
		rows = append(rows, heads(c, "Feature", "iOS", "Android", "Web"))
		for _, f := range p.Features {
			rows = append(rows, []string{cmp.Or(f.Title, f.Name), yes(f.Reportable.IOS), yes(f.Reportable.Android), yes(f.Reportable.Web)})
		}
		rows = append(rows, p.closed()...)
	}
	return rows
}

func heads(c Clause, defaults ...string) []string {
	// A clause that names its columns does so in lines, or in single words.
	for _, own := range [][]string{strings.Split(c.Text, "\n"), strings.Fields(c.Text)} {
		if len(own) == len(defaults) {
			return own
		}
	}
	return defaults
}

// closed returns the rows of what may not be reported on any platform because of where it was made.
func (p Page) closed() (rows [][]string) {
	for _, surface := range []struct {
		title string
		open  bool
	}{{"AI tools in the editor", p.Surfaces.Editor}, {"AI tools in Batch", p.Surfaces.Batch}, {"AI tools in Product Catalog", p.Surfaces.Catalog}} {
		if !surface.open {
			rows = append(rows, []string{surface.title, yes(false), yes(false), yes(false)})
		}
	}
	return rows
}

// beside stands before what is not the page's own words.
const beside = "> "

// quoted writes a paragraph beside the page's own words.
func (w *writer) quoted(text string) {
	w.wrap(beside, beside, text)
	w.line("")
}

// rule writes what is done by a clause, beside the page's own words.
func (w *writer) rule(p Page, kind policy.Kind, number int, rule Rule) {
	// A rule that nothing reaches is a fault of the file, most likely; the page does not hide it.
	example := "No facts were found that reach this rule: does one above always stand before it?"
	if e := rule.Example; e != nil {
		example = "Example: " + e.Words + " → " + verdict(p.Unit, e.Decision) + ": “" + e.Decision.Reason + "”"
	}
	w.wrap(beside, beside, fmt.Sprintf("%s, rule %d: **%s.**", titles[kind], number, capital(rule.Words)))
	w.quoted(example)
}

// beside writes the clauses that are not published, X3 with what it answers.
func (w *writer) beside(p Page) {
	w.line("## What the page leaves open\n")
	for _, c := range p.Clauses {
		if !c.Ours {
			continue
		}
		w.clause(p, c)
		switch c.ID {
		// These two answer before any rule approves, so no rule cites them.
		case policy.ClauseAlreadyRefunded, policy.ClauseNothingCharged:
			w.quoted("It stands before every approval, whatever the rules say.")
		case policy.ClauseNoRule:
			w.others(p)
		}
	}
}

// others names the kinds without rules, which X3 answers.
func (w *writer) others(p Page) {
	var names []string
	for _, r := range p.Requests {
		if len(r.Rules) == 0 {
			names = append(names, string(r.Kind))
		}
	}
	// X3 stands in every file: the loader refuses one without.
	clause, _ := p.revision.Clause(policy.ClauseNoRule)
	text := "A person decides what no rule decides, and what is not on record"
	if names != nil {
		text = "A person decides what no rule decides, what is not on record, and any request of these kinds: " + list(names, "and")
	}
	w.quoted(text + ": “" + clause.Reason(policy.OutcomeInReview) + "”")
}

// order says in what order the rules of each request are tried.
func (w *writer) order(p Page) {
	w.line("## In what order\n")
	w.para("", "The rules of a request are tried in order; the first whose conditions all hold decides. A failure is decided when it is reported: nobody needs to ask.")
	for _, r := range p.Requests {
		if len(r.Rules) == 0 {
			continue
		}
		parts := make([]string, len(r.Rules))
		for i, rule := range r.Rules {
			parts[i] = fmt.Sprintf("%d %s", i+1, rule.Clause)
		}
		w.wrap("- ", "  ", fmt.Sprintf("%s (%s): %s.", titles[r.Kind], r.Kind, strings.Join(parts, ", ")))
	}
	w.line("")
}

// contact says whom a customer writes to.
func (w *writer) contact(p Page) {
	// A page may hide its address from robots; then the deployment says it.
	email := p.Contact.Email
	if email == "" && p.revision.Contact.HidesEmail {
		email = "hidden by the page; the stack's ContactEmail says it"
	}
	parts := [][2]string{{"", p.Contact.Name}, {"E-mail: ", email}, {"Phone: ", p.Contact.Phone}, {"", p.Contact.Address}}
	var lines []string
	for _, part := range parts {
		if part[1] != "" {
			lines = append(lines, part[0]+part[1])
		}
	}
	if lines == nil {
		return
	}
	w.line("## Whom to write to\n")
	for _, line := range lines {
		w.wrap("- ", "  ", line)
	}
	w.line("")
}

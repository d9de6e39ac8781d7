package policy

// IssueLabel is a reason for a bad result as the customer chooses it.
type IssueLabel struct {
	// Issue is its word in a report.
	Issue Issue
	// Label is what the customer reads.
	Label string
}

// defaultLabels name the issues where a file names none.
var defaultLabels = map[Issue]words{
	IssueDeviates:     {English: "It isn't what I asked for"},
	IssueOffTemplate:  {English: "It doesn't match the template or example"},
	IssueWrongSubject: {English: "It shows the wrong product or person"},
	IssueDistortion:   {English: "Something is distorted, missing or added"},
	IssueTaste:        {English: "I don't like the style"},
	IssueOther:        {English: "Something else"},
}

// Issues returns what a customer may name as the reason of a report, in the order in which they
// read it: those that the file labels, else all, in English.
func (r Revision) Issues() []IssueLabel {
	labels := r.issues
	if len(labels) == 0 {
		labels = defaultLabels
	}
	var offered []IssueLabel
	for _, issue := range issues {
		if label, has := labels[issue]; has {
			offered = append(offered, IssueLabel{issue, label.english()})
		}
	}
	return offered
}

func (c *checker) checkIssues(f file) {
	for _, issue := range sortedKeys(f.Issues) {
		checkWord(c, place{"issues", issue}, issue, issues)
		c.checkSentence(place{"issues", issue}, f.Issues[issue], f, nil)
	}
}

package acceptance_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// seenAs makes a picture of 256 pixels a side from an upload, and reports it by an issue.
func seenAs(t *testing.T, upload, output, issue string, more ...object) string {
	t.Helper()
	result := with(success(), object{"outputs": []object{{"url": output}}, "input": object{"url": upload}})
	return reported(t, customer(t, shops[policy].price), with(object{}, more...), result, object{"issue": issue})
}

func TestEachClauseOfPopcustomsAboutAResultAnswersWhatIsSeen(t *testing.T) {
	under(t, "popcustoms")
	a := openAlbum(t)
	upload, whole := a.shows(painted(t, photo(20))), painted(t, photo(21))
	// Each upload that comes back is one of its own: equal ones would be told by another's case.
	cases := map[string]string{}
	for n, issue := range []string{"deviates", "off_template", "wrong_subject", "distortion"} {
		back := a.shows(painted(t, photo(22+float64(n))))
		cases["P3."+string(rune('1'+n))] = seenAs(t, back, back, issue)
	}
	cases["P3.7"] = seenAs(t, upload, a.shows(whole[:len(whole)/2]), "taste")
	for clause, caseID := range cases {
		decided(t, caseID, "approved", clause)
	}
	ordered := object{"asked": object{"width": 1024, "height": 1024}}
	decided(t, seenAs(t, upload, a.shows(painted(t, photo(26))), "other", ordered), "approved", "P3.4")
	// What a look leaves open is a person's, who cites what no signal says.
	for clause, words := range map[string]string{"P4.1": "came from the uploaded image", "P4.3": "range of the template's examples"} {
		caseID := seenAs(t, upload, a.shows(painted(t, photo(27))), "distortion")
		decided(t, caseID, "in_review", "P5.3")
		rule(t, caseID, object{"outcome": "declined", "clause": clause})
		require.Contains(t, decided(t, caseID, "declined", clause)["decision"].(object)["reason"], words)
	}
	for attempts, clause := range map[int]string{1: "P3.6", 3: "P3.5"} {
		id := start(t, customer(t, shops[policy].price))
		decided(t, failed(t, id, with(failure("platform"), object{"failed_attempts": attempts})), "approved", clause)
	}
}

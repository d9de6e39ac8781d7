package policy

import "encoding/json"

// Gist is what is read of the facts of many verdicts, to list them and to add them up.
type Gist struct {
	// Feature and Platform are those of the generation, "" where the facts have none.
	Feature  string
	Platform Platform
	// Uncredited: the facts have a purchase, which gave no credits.
	Uncredited bool
}

// Gist returns what is read of the facts that the decision rests on, zero where none are kept. They
// may be of a former build: so they are not read strictly.
func (d Decision) Gist() Gist {
	var facts struct {
		Generation struct {
			Feature  string   `json:"feature"`
			Platform Platform `json:"platform"`
		} `json:"generation"`
		Purchase *struct {
			Credited bool `json:"credited"`
		} `json:"purchase"`
	}
	if d.Basis == nil || json.Unmarshal(d.Basis.Facts, &facts) != nil {
		return Gist{}
	}
	return Gist{
		Feature: facts.Generation.Feature, Platform: facts.Generation.Platform,
		Uncredited: facts.Purchase != nil && !facts.Purchase.Credited,
	}
}

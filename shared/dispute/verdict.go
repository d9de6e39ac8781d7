package dispute

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"makegood/shared/api"
	"makegood/shared/policy"
)

// trace says which rules were tried in their order, and which matched.
func trace(d api.Decision) string {
	steps := make([]string, len(d.Trace))
	for i, step := range d.Trace {
		steps[i] = step.Clause
		if step.Rule > 0 {
			steps[i] = fmt.Sprintf("rule %d (%s)", step.Rule, step.Clause)
		}
		if step.Matched {
			steps[i] += ", which matched"
		}
	}
	return strings.Join(steps, ", ")
}

// facts says what a verdict rests on, "" where that is not on record.
func facts(v api.KeptVerdict) string {
	basis, ok := basisOf(v)
	if !ok {
		return ""
	}
	decoder := json.NewDecoder(strings.NewReader(string(basis.Facts)))
	decoder.UseNumber()
	var fields map[string]any
	if decoder.Decode(&fields) != nil {
		return ""
	}
	lines := flat("", fields)
	if basis.Undecided {
		lines = append(lines, "nothing else is on record, or can be judged")
	}
	return strings.Join(lines, ", ")
}

// flat writes each fact as its path and value, in the order of the names.
func flat(at string, value any) []string {
	object, isObject := value.(map[string]any)
	if !isObject {
		if value == "" {
			return nil
		}
		return []string{plain(strings.ReplaceAll(at, ".", " ")) + " " + fmt.Sprint(value)}
	}
	var all []string
	for _, name := range slices.Sorted(maps.Keys(object)) {
		all = append(all, flat(strings.TrimPrefix(at+"."+name, "."), object[name])...)
	}
	return all
}

// ruling says that a person gave the verdict, "" where the policy did.
func ruling(v api.KeptVerdict) string {
	basis, ok := basisOf(v)
	if !ok || basis.Ruling == nil {
		return ""
	}
	return "by our team on " + moment(basis.RuledAt)
}

func basisOf(v api.KeptVerdict) (basis policy.Basis, ok bool) {
	if v.Basis == nil || json.Unmarshal(*v.Basis, &basis) != nil {
		return basis, false
	}
	return basis, true
}

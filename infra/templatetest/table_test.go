package templatetest

import (
	"slices"
	"strings"

	"makegood/infra/permission"
	"makegood/infra/template"
)

// carries lists what an index has beside its keys: of what a customer's generations hold, the sum
// is read from it.
var carries = map[string][]string{"GenerationsTable/held": {"state", "price"}}

func tablesOutliveTheStack(t *template.Template) (problems, error) {
	var p problems
	for _, r := range t.ResourcesOfType(template.TypeTable) {
		// Prints of pictures have a time of their own. Whatever counts money or says why is kept.
		if _, forgets := r.Lookup("TimeToLiveSpecification"); forgets && r.LogicalID != "EvidenceTable" {
			p.addf("%s forgets rows by itself", r.LogicalID)
		}
		if r.DeletionPolicy != "Retain" || r.UpdateReplacePolicy != "Retain" {
			p.addf("%s: DeletionPolicy and UpdateReplacePolicy are not both Retain", r.LogicalID)
		}
		for _, must := range []struct {
			path []string
			want any
		}{
			{[]string{"PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled"}, true},
			{[]string{"DeletionProtectionEnabled"}, true},
			{[]string{"SSESpecification", "SSEEnabled"}, true},
			{[]string{"BillingMode"}, "PAY_PER_REQUEST"},
		} {
			if got, _ := r.Lookup(must.path...); got != must.want {
				p.addf("%s: %v is %v, not %v", r.LogicalID, must.path, got, must.want)
			}
		}
		if _, named := r.Lookup("TableName"); named {
			p.addf("%s has a name of its own: a second stack, or this one made anew beside the retained table, could not be", r.LogicalID)
		}
	}
	tables, err := t.Tables(furnished)
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		for _, index := range table.Indexes {
			at := table.LogicalID + "/" + index.Name
			// A desk of staff and a shard of customers are partitions too.
			// Why: infra/decisions/0018 and 0043.
			byDesk, byShard := at == "PaymentsTable/attention", index.Partition.Name == "shard"
			if index.Partition != table.Partition && !byDesk && !byShard {
				p.addf("%s: an index is by the table's own partition, a desk or a shard", at)
			}
			if carried, ok := carries[at]; index.Projection != "KEYS_ONLY" && (!ok || !slices.Equal(index.Include, carried)) {
				p.addf("%s: an index is keys only", at)
			}
		}
	}
	return p, nil
}

// indexesAreThereToBeRead: a role that may read an index reads one that its table has, and an index
// that nobody may read costs for nothing.
func indexesAreThereToBeRead(t *template.Template) (problems, error) {
	var p problems
	tables, err := t.Tables(furnished)
	if err != nil {
		return nil, err
	}
	read := map[string]bool{} // by "table/index": whether somebody may
	for _, table := range tables {
		for _, index := range table.Indexes {
			read[table.LogicalID+"/"+index.Name] = false
		}
	}
	err = everyGrant(t, func(f template.Function, g permission.Grant) {
		_, index, indexed := strings.Cut(g.Resource, "/index/")
		if !indexed {
			return
		}
		at := g.LogicalID() + "/" + index
		if _, there := read[at]; !there {
			p.addf("%s may %s on %s, which is not there", f.LogicalID, g.Action, at)
		}
		read[at] = true
	})
	for at, used := range read {
		if !used {
			p.addf("%s is read by nobody", at)
		}
	}
	return p, err
}

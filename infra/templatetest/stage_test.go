package templatetest

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/infra/permission"
	"makegood/infra/template"
)

const lastStage = 8

// at is a stack of that stage of the upgrade.
func at(stage int) template.Scope {
	return template.Scope{Parameters: map[string]string{"IndexStage": strconv.Itoa(stage)}}
}

// indexesAt returns the names of the indexes of a stage, as "table/index".
func indexesAt(t *testing.T, parsed *template.Template, s template.Scope) []string {
	t.Helper()
	tables, err := parsed.Tables(s)
	require.NoError(t, err)
	var names []string
	for _, table := range tables {
		for _, index := range table.Indexes {
			names = append(names, table.LogicalID+"/"+index.Name)
		}
	}
	return names
}

// differing returns what one list has and the other has not.
func differing(a, b []string) []string {
	missing := func(from, of []string) []string {
		return slices.DeleteFunc(slices.Clone(from), func(name string) bool { return slices.Contains(of, name) })
	}
	return append(missing(a, b), missing(b, a)...)
}

// readsAt returns what functions are told to read at a stage, the same in each.
func readsAt(t *testing.T, parsed *template.Template, stage int) string {
	t.Helper()
	functions, err := parsed.Functions(at(stage))
	require.NoError(t, err)
	for _, f := range functions {
		require.Equal(t, functions[0].Env["FORMER_INDEXES"], f.Env["FORMER_INDEXES"], f.LogicalID)
	}
	return functions[0].Env["FORMER_INDEXES"]
}

var (
	formerIndexes = []string{"WalletsTable/open", "GenerationsTable/open", "CasesTable/open", "CasesTable/review", "CasesTable/near"}
	newIndexes    = []string{"WalletsTable/due", "GenerationsTable/held", "CasesTable/due", "CasesTable/waiting", "CasesTable/frequent"}
)

func TestADeploymentOfTheNextStageChangesOneIndexOfATableAtTheMostOrWhatIsRead(t *testing.T) {
	_, parsed := read(t)
	for stage := 1; stage <= lastStage; stage++ {
		changes := differing(indexesAt(t, parsed, at(stage-1)), indexesAt(t, parsed, at(stage)))
		tables := map[string]int{}
		for _, index := range changes {
			table, _, _ := strings.Cut(index, "/")
			tables[table]++
			require.Equal(t, 1, tables[table], "stage %d changes %v", stage, changes)
		}
		switches := readsAt(t, parsed, stage-1) != readsAt(t, parsed, stage)
		require.NotEqual(t, len(changes) > 0, switches, "stage %d changes %v, and what is read: %v", stage, changes, switches)
	}
	parameter, _ := parsed.Parameter("IndexStage")
	require.Len(t, parameter.AllowedValues, lastStage+1)
}

func TestEachStageHasTheIndexesThatItsFunctionsRead(t *testing.T) {
	_, parsed := read(t)
	for stage := 0; stage <= lastStage; stage++ {
		there, want := indexesAt(t, parsed, at(stage)), newIndexes
		if readsAt(t, parsed, stage) == "read" {
			want = formerIndexes
		}
		for _, index := range want {
			require.Contains(t, there, index, "stage %d", stage)
		}
	}
}

func TestAFreshStackHasTheNewIndexesAndNoFormerOne(t *testing.T) {
	_, parsed := read(t)
	fresh, former := indexesAt(t, parsed, template.Scope{}), indexesAt(t, parsed, at(0))
	for _, index := range newIndexes {
		require.Contains(t, fresh, index)
		require.NotContains(t, former, index)
	}
	for _, index := range formerIndexes {
		require.NotContains(t, fresh, index)
		require.Contains(t, former, index)
	}
}

func TestEachStageDefinesTheAttributesOfItsKeysAndNoOther(t *testing.T) {
	_, parsed := read(t)
	for stage := 0; stage <= lastStage; stage++ {
		tables, err := parsed.Tables(at(stage))
		require.NoError(t, err, "a key that is not defined is an error")
		for _, table := range tables {
			keys := map[string]bool{table.Partition.Name: true, table.Sort.Name: true}
			for _, index := range table.Indexes {
				keys[index.Partition.Name], keys[index.Sort.Name] = true, true
			}
			delete(keys, "")
			properties, err := parsed.ResolveProperties(at(stage), parsed.Resource(table.LogicalID), "AttributeDefinitions")
			require.NoError(t, err)
			definitions := map[string]bool{}
			for _, definition := range properties["AttributeDefinitions"].([]any) {
				definitions[definition.(map[string]any)["AttributeName"].(string)] = true
			}
			require.Equal(t, keys, definitions, "%s at stage %d", table.LogicalID, stage)
		}
	}
}

// TestEachIndexOfAStageMayBeReadBySomebody: the grants follow the indexes, and outlast what is read
// by a stage, since roles change before functions do.
func TestEachIndexOfAStageMayBeReadBySomebody(t *testing.T) {
	_, parsed := read(t)
	for stage := 0; stage <= lastStage; stage++ {
		functions, err := parsed.Functions(at(stage))
		require.NoError(t, err)
		granted := map[string]bool{}
		for _, f := range functions {
			grants, err := permission.Grants(parsed, at(stage), f.LogicalID)
			require.NoError(t, err)
			for _, g := range grants {
				if _, index, indexed := strings.Cut(g.Resource, "/index/"); indexed {
					granted[g.LogicalID()+"/"+index] = true
				}
			}
		}
		for _, index := range indexesAt(t, parsed, at(stage)) {
			require.True(t, granted[index], "%s at stage %d", index, stage)
		}
	}
}

package dynamo_test

import (
	"cmp"
	"path/filepath"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
	"makegood/shared/aws/dynamo"
	"makegood/shared/golden"
)

// TestWhatIsWrittenIsAsItsGoldenRowsHaveIt writes each stored document with every field set, and
// holds the tables against their golden files.
func TestWhatIsWrittenIsAsItsGoldenRowsHaveIt(t *testing.T) {
	store, tables := openOn(t)
	writeRows(t, store)
	for name, table := range byName(tables) {
		golden.Equal(t, rowsFile(name), scan(t, table))
	}
	readRows(t, store, "")
}

// TestGoldenRowsAreReadAsTheyWereWritten reads the tables as the golden files have them: rows
// outlive the code that wrote them.
func TestGoldenRowsAreReadAsTheyWereWritten(t *testing.T) {
	store, tables := openOn(t)
	putRows(t, tables, rowsFile, nil)
	readRows(t, store, "")
}

func TestTheGoldenRowsSetEveryFieldThatIsStored(t *testing.T) {
	golden.Complete(t,
		golden.Grant(golden.Alice, "x"), golden.Generation(), golden.OpenGeneration(), golden.Payment(), golden.RecentPurchases(),
		golden.Case(), golden.WaitingCase("x"), golden.MoneyRemedy(), golden.Facts(),
		golden.Outage(), golden.Offer(), golden.StandingChange(), golden.PollState(), recentRequests(),
		alicesExpiry(t).Stored(), judgedWallet(t), alicesGrant(t).Entries, golden.EvidenceRecord(), golden.Imprint(),
		golden.Attachment(), answeredLooks(), countsOf(), golden.StoppedSignal(),
	)
}

func rowsFile(table string) string {
	return filepath.Join("testdata", "rows", table+".golden.json")
}

func byName(tables dynamo.Tables) map[string]string {
	return map[string]string{
		"wallets": tables.Wallets, "entries": tables.Entries, "payments": tables.Payments, "generations": tables.Generations,
		"cases": tables.Cases, "outages": tables.Outages, "evidence": tables.Evidence,
	}
}

// plainRow is an item as DynamoDB's own JSON has it: {"pk": {"S": "…"}}.
type plainRow map[string]plainValue

type plainValue struct {
	S *string                `json:"S,omitempty"`
	N *string                `json:"N,omitempty"`
	L *[]plainValue          `json:"L,omitempty"`
	M *map[string]plainValue `json:"M,omitempty"`
	B []byte                 `json:"B,omitempty"`
}

func scan(t *testing.T, table string) []plainRow {
	t.Helper()
	output, err := local.DynamoDB(endpoint).Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	require.NoError(t, err)
	require.Empty(t, output.LastEvaluatedKey)
	rows := make([]plainRow, len(output.Items))
	for i, item := range output.Items {
		rows[i] = plainRow{}
		for name, value := range item {
			rows[i][name] = plain(t, value)
		}
	}
	slices.SortFunc(rows, func(a, b plainRow) int {
		return cmp.Or(cmp.Compare(a.text("pk"), b.text("pk")), cmp.Compare(a.text("sk"), b.text("sk")))
	})
	return rows
}

func (r plainRow) text(name string) string {
	if s := r[name].S; s != nil {
		return *s
	}
	return ""
}

func (r plainRow) attributes(t *testing.T) map[string]types.AttributeValue {
	t.Helper()
	attributes := map[string]types.AttributeValue{}
	for name, value := range r {
		attributes[name] = value.attribute(t)
	}
	return attributes
}

func plain(t *testing.T, value types.AttributeValue) plainValue {
	t.Helper()
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return plainValue{S: &v.Value}
	case *types.AttributeValueMemberN:
		return plainValue{N: &v.Value}
	case *types.AttributeValueMemberB:
		return plainValue{B: v.Value}
	case *types.AttributeValueMemberL:
		list := make([]plainValue, len(v.Value))
		for i, member := range v.Value {
			list[i] = plain(t, member)
		}
		return plainValue{L: &list}
	case *types.AttributeValueMemberM:
		members := map[string]plainValue{}
		for name, member := range v.Value {
			members[name] = plain(t, member)
		}
		return plainValue{M: &members}
	}
	t.Fatalf("an attribute of type %T", value)
	return plainValue{}
}

func (v plainValue) attribute(t *testing.T) types.AttributeValue {
	t.Helper()
	switch {
	case v.S != nil:
		return &types.AttributeValueMemberS{Value: *v.S}
	case v.N != nil:
		return &types.AttributeValueMemberN{Value: *v.N}
	case v.B != nil:
		return &types.AttributeValueMemberB{Value: v.B}
	case v.L != nil:
		list := make([]types.AttributeValue, len(*v.L))
		for i, member := range *v.L {
			list[i] = member.attribute(t)
		}
		return &types.AttributeValueMemberL{Value: list}
	}
	require.NotNil(t, v.M)
	members := map[string]types.AttributeValue{}
	for name, member := range *v.M {
		members[name] = member.attribute(t)
	}
	return &types.AttributeValueMemberM{Value: members}
}

package dynamo

import (
	"context"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/erasure"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/refund"
)

// forgetting is how a part's row is erased.
type forgetting struct {
	table, prefix string
	// partition comes before the customer's key in that of the rows, "" for nothing.
	partition string
	// erase writes what is personal out of a row, and says what it had.
	erase func(ctx context.Context, at ref, row item, dry bool) (erasure.Tally, error)
}

// The attributes of a case and of a generation that may hold something personal.
var (
	personalOfCase       = []string{attrStatement, attrAddress, attrRuling, attrOverruled, attrProposed, attrAppeal, attrHistory, attrSkips}
	personalOfGeneration = []string{attrWords, attrReference, attrResult}
)

func (s *Store) forgettings() map[erasure.Part]forgetting {
	return map[erasure.Part]forgetting{
		erasure.PartCases:       {s.tables.Cases, "cas_", "", s.forgetCase},
		erasure.PartAttachments: {s.tables.Cases, attachmentPrefix, attachmentsPrefix, s.forgetAttachment},
		erasure.PartGenerations: {s.tables.Generations, "gen_", "", s.forgetGeneration},
		erasure.PartStandings:   {s.tables.Wallets, standingPrefix, "", s.forgetStanding},
		erasure.PartInbox:       {s.tables.Evidence, sortInbox, "", s.forgetInbox},
		erasure.PartEvidence:    {s.tables.Evidence, "cas_", "", s.forgetEvidence},
	}
}

// ErasePage implements erasure.Store.
func (s *Store) ErasePage(
	ctx context.Context, customer ledger.CustomerID, part erasure.Part, after string, limit int, dry bool,
) (erasure.Page, error) {
	how, key := s.forgettings()[part], customer.Key()
	partition := how.partition + key
	// A cursor that somebody wrote: DynamoDB refuses a key outside of the part as a fault of ours.
	if after != "" && !strings.HasPrefix(after, how.prefix) {
		return erasure.Page{}, fault.Invalid("cursor", "is none of ours")
	}
	request := &dynamodb.QueryInput{
		TableName: aws.String(how.table), ConsistentRead: aws.Bool(true),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": text(partition), ":prefix": text(how.prefix)},
	}
	if after != "" {
		request.ExclusiveStartKey = item{attrPK: text(partition), attrSK: text(after)}
	}
	rows, _, more, err := s.query(ctx, request, limit)
	if err != nil {
		return erasure.Page{}, fault.At("dynamo.ErasePage", key, err)
	}
	page := erasure.Page{Rows: len(rows)}
	for _, row := range rows {
		tally, err := s.forgetRow(ctx, how, row, dry)
		if err != nil {
			return page, fault.At("dynamo.ErasePage", key, err)
		}
		page.Tally = page.Tally.Plus(tally)
	}
	if more && len(rows) > 0 {
		page.After = rows[len(rows)-1].text(attrSK)
	}
	return page, nil
}

// forgetRow erases a row; one that has changed since it was read is read again. It returns what the
// row had at first: where the answer to a write is lost, the next read finds nothing any more.
func (s *Store) forgetRow(ctx context.Context, how forgetting, row item, dry bool) (erasure.Tally, error) {
	at := ref{table: how.table, pk: row.text(attrPK), sk: row.text(attrSK)}
	had, err := how.erase(ctx, at, row, dry)
	if kind := fault.KindOf(err); kind != fault.KindStale && kind != fault.KindBusy {
		return had, err
	}
	return had, fault.Retry(ctx, func(ctx context.Context) error {
		rows, err := s.get(ctx, at)
		if err != nil || len(rows[0]) == 0 {
			return err
		}
		_, err = how.erase(ctx, at, rows[0], dry)
		return err
	})
}

// replacePersonal writes those of the attributes that differ in after, on condition that they are
// as they were read, and with them what goes also. It reports whether any differs.
func (s *Store) replacePersonal(
	ctx context.Context, at ref, row, before, after item, attributes []string, dry bool, also ...types.TransactWriteItem,
) (bool, error) {
	u, differs := newUpdate(), false
	for _, name := range attributes {
		// Compared as this build writes them: a document of a former one may have other spaces.
		if reflect.DeepEqual(before[name], after[name]) {
			continue
		}
		differs = true
		u.requireSame(name, row[name])
		u.replace(after, name)
	}
	if !differs || dry {
		return differs, nil
	}
	if len(also) > 0 {
		return true, s.transact(ctx, append(also, u.inTransaction(at)))
	}
	return true, s.updateRow(ctx, at, u)
}

// updateRow writes an update of one row: KindStale where its conditions do not hold any more.
func (s *Store) updateRow(ctx context.Context, at ref, u *update) error {
	_, err := s.api.UpdateItem(ctx, u.alone(at))
	return classify(err)
}

func (s *Store) forgetCase(ctx context.Context, at ref, row item, dry bool) (erasure.Tally, error) {
	c, err := decodeCase(row)
	if err != nil {
		return erasure.Tally{}, err
	}
	tally := erasure.Tally{OpenCases: count(c.Open())}
	// The row that an address finds the case by goes in the same commit: nothing else names it.
	var also []types.TransactWriteItem
	if c.AddressMark != "" {
		also = append(also, remove(s.addressRef(*c)))
	}
	differs, err := s.replacePersonal(ctx, at, row, encodeCase(*c), encodeCase(c.Forget()), personalOfCase, dry, also...)
	tally.Cases = count(differs)
	return tally, err
}

// forgetAttachment deletes the row. Its object goes with the others of the customer.
func (s *Store) forgetAttachment(ctx context.Context, at ref, _ item, dry bool) (erasure.Tally, error) {
	if dry {
		return erasure.Tally{Attachments: 1}, nil
	}
	return erasure.Tally{Attachments: 1}, s.transact(ctx, []types.TransactWriteItem{remove(at)})
}

func (s *Store) forgetGeneration(ctx context.Context, at ref, row item, dry bool) (erasure.Tally, error) {
	g, err := decodeGeneration(row)
	if err != nil {
		return erasure.Tally{}, err
	}
	tally := erasure.Tally{OpenGenerations: count(g.State == generation.StateHeld)}
	differs, err := s.replacePersonal(ctx, at, row, encodeGeneration(*g), encodeGeneration(g.Forget()), personalOfGeneration, dry)
	tally.Generations = count(differs)
	return tally, err
}

func (s *Store) forgetStanding(ctx context.Context, at ref, row item, dry bool) (erasure.Tally, error) {
	differs, err := s.replacePersonal(ctx, at, row, row, item{}, []string{attrNote}, dry)
	return erasure.Tally{Standings: count(differs)}, err
}

// forgetEvidence deletes what was seen of a case, and what later pictures would be compared with.
func (s *Store) forgetEvidence(ctx context.Context, at ref, row item, dry bool) (erasure.Tally, error) {
	record, err := decodeEvidence(row)
	if err != nil || dry {
		return erasure.Tally{Evidence: 1}, err
	}
	writes := []types.TransactWriteItem{remove(at)}
	if sum := record.Output.SHA256; sum != "" {
		// The record does not tell whether its print had tiles, so that every band is asked.
		print := evidence.Print{Hash: record.Output.Print.Hash, Tiles: []byte{0}}
		for _, imprint := range s.imprintRefs(refund.CaseID(at.sk), sum, print) {
			writes = append(writes, remove(imprint))
		}
	}
	return erasure.Tally{Evidence: 1}, s.transact(ctx, writes)
}

// remove deletes an item, there or not.
func remove(at ref) types.TransactWriteItem {
	return types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(at.table), Key: at.key()}}
}

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

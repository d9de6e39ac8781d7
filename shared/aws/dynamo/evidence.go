package dynamo

import (
	"context"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"golang.org/x/sync/errgroup"

	"makegood/shared/assessment"
	"makegood/shared/evidence"
	"makegood/shared/fault"
	"makegood/shared/refund"
	"makegood/shared/todo"
)

// What was seen of a case is one row, by customer and case. Beside it stand the rows that later
// pictures find it by: "sha#…" for equal bytes, and "band#…" for each part of its print's hash. A
// row of a band has the tiles that confirm it, so that a look-up needs no second read. DynamoDB
// drops both sorts after their time.
// Why: infra/decisions/0058.
const (
	sameBytesPrefix = "sha#"
	bandPrefix      = "band#"
)

func (s *Store) evidenceRef(partition, sort string) ref {
	return ref{table: s.tables.Evidence, pk: partition, sk: sort}
}

func (s *Store) seenRef(id refund.CaseID) ref { return s.evidenceRef(id.CustomerKey(), string(id)) }

// imprintRefs returns where the imprint of a case lies: by its bytes first, then by each band, none
// for a print that nothing is near to.
func (s *Store) imprintRefs(id refund.CaseID, sha256 string, print evidence.Print) []ref {
	refs := []ref{s.evidenceRef(sameBytesPrefix+sha256, string(id))}
	if len(print.Tiles) == 0 && print.Hash == 0 {
		return refs
	}
	for _, band := range assessment.Bands(print.Hash) {
		refs = append(refs, s.evidenceRef(bandPrefix+band, string(id)))
	}
	return refs
}

// RecordEvidence implements assessment.Store.
func (s *Store) RecordEvidence(
	ctx context.Context, id refund.CaseID, record evidence.Record, imprint *assessment.Imprint, next todo.List,
) error {
	row := s.seenRef(id).key()
	row[attrRecord], row[attrAt] = document(record), instant(record.At)
	// The case first: its conditions are what refuses most of what is refused.
	writes := []types.TransactWriteItem{updateAssessed(next).inTransaction(s.caseRef(id)), create(s.tables.Evidence, row)}
	if imprint != nil {
		writes = append(writes, s.putImprint(*imprint)...)
	}
	return fault.At("dynamo.RecordEvidence", string(id), s.transact(ctx, writes))
}

// updateAssessed gives a case that waits for its look the steps that follow. Where the customer's
// words were erased nothing of the case is kept any more.
func updateAssessed(next todo.List) *update {
	u := newUpdate()
	u.requireEqual(attrState, text(string(refund.StateReceived)))
	u.require("attribute_exists(" + u.path(attrStatement) + ")")
	u.require("attribute_exists(" + u.path(attrTodo, string(todo.StepAssess)) + ")")
	row := item{}
	row.putTodo(next, 0)
	u.replace(row, attrTodo, attrDueAt, attrAttempts, attrStuckAt)
	return u
}

// putImprint returns the writes of an imprint. Its case has no record yet, so that no other look
// put one before.
func (s *Store) putImprint(imprint assessment.Imprint) []types.TransactWriteItem {
	var writes []types.TransactWriteItem
	for n, at := range s.imprintRefs(imprint.Case, imprint.SHA256, imprint.Print) {
		row := at.key()
		row[attrFeature] = text(imprint.Feature)
		row[attrExpiresAt] = number(imprint.Until.Unix()) // seconds: DynamoDB reads it
		if n == 0 {
			row.putFlag(attrUnusable, imprint.Unusable)
		} else {
			row[attrTiles] = &types.AttributeValueMemberB{Value: imprint.Print.Tiles}
			row[attrPrint] = &types.AttributeValueMemberN{Value: strconv.FormatUint(imprint.Print.Hash, 10)}
			bytes, _ := hex.DecodeString(imprint.SHA256) // ours: what is no hash is none later
			row[attrHash] = &types.AttributeValueMemberB{Value: bytes}
		}
		writes = append(writes, types.TransactWriteItem{Put: &types.Put{TableName: aws.String(at.table), Item: row}})
	}
	return writes
}

// FindImprints implements assessment.Store.
func (s *Store) FindImprints(ctx context.Context, sha256 string, print evidence.Print) ([]assessment.Imprint, error) {
	refs := s.imprintRefs("", sha256, print)
	pages := make([][]item, len(refs))
	// Six small queries at once take as long as one.
	group, groupCtx := errgroup.WithContext(ctx)
	for n, at := range refs {
		group.Go(func() (err error) {
			pages[n], _, _, err = s.query(groupCtx, &dynamodb.QueryInput{
				TableName: aws.String(at.table), KeyConditionExpression: aws.String("pk = :pk"),
				ExpressionAttributeValues: item{":pk": text(at.pk)},
			}, assessment.MaxImprints)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fault.At("dynamo.FindImprints", "", err)
	}
	var imprints []assessment.Imprint
	for _, page := range pages {
		for _, row := range page {
			imprints = append(imprints, decodeImprint(row))
		}
	}
	return imprints, nil
}

func decodeImprint(row item) assessment.Imprint {
	imprint := assessment.Imprint{
		Case: refund.CaseID(row.text(attrSK)), Feature: row.text(attrFeature), Unusable: row.number(attrUnusable) != 0,
		Until: time.Unix(row.number(attrExpiresAt), 0).UTC(),
	}
	pk := row.text(attrPK)
	if sha256, same := strings.CutPrefix(pk, sameBytesPrefix); same {
		imprint.SHA256 = sha256
		return imprint
	}
	imprint.SHA256 = hex.EncodeToString(row.bytes(attrHash))
	imprint.Print = evidence.Print{Hash: row.unsigned(attrPrint), Tiles: row.bytes(attrTiles)}
	return imprint
}

// decodeEvidence returns the record of a row, nil for none.
func decodeEvidence(row item) (*evidence.Record, error) {
	if len(row) == 0 {
		return nil, nil
	}
	var record *evidence.Record
	err := row.document(attrRecord, &record)
	if err == nil && record == nil {
		err = missingAttribute("Evidence", attrRecord)
	}
	return record, err
}

// FindRecords returns what was seen of the cases, in their order, by consistent reads.
func (s *Store) FindRecords(ctx context.Context, ids ...refund.CaseID) ([]evidence.Record, error) {
	records, err := readAll(ctx, s, refsOf(ids, s.seenRef), decodeEvidence)
	return records, fault.At("dynamo.FindRecords", "", err)
}

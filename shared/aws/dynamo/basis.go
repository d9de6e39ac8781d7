package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/refund"
)

// What the verdicts of a case rest on is one attribute of it, with the verdicts that stood before
// the last: JSON, in which a control character stands for a phrase that facts are made of, or for
// what the row says elsewhere. JSON itself has no control characters. So 450 bytes become 50, and a
// usual case keeps within its kilobyte.

// phrases are the fixed ones, by their character from 1 on: what was written with them is read with
// them, so the list may only grow, at its end.
var phrases = []string{
	`{"basis":`,
	`","customer":{"standing":"good"},`,
	`"generation":{"id":"`,
	`","feature":"`,
	`","platform":"`,
	`","surface":"editor","mode":"paid","status":"succeeded","finished_at":"`,
	`","surface":"editor","mode":"paid","status":"failed","finished_at":"`,
	`","price":`,
	`},"report":{"description":"","issue":"`,
	`,"failure":{"cause":"platform","code":""}}`,
	`"purchase":{"id":"`,
	`","package":"`,
	`","paid_at":"`,
	`","amount":{"currency":"`,
	`"credits":`,
	`"credited":true`,
	`"ruling":{"outcome":"approved","remedy":{"`,
	`,"ruled_at":"`,
	`"earlier":[{"outcome":"in_review","clause":"`,
	`","reason":"`,
	`","respond_by":"`,
	`","policy":["`,
	`"],"trace":"`,
	`","notice":"in_review","basis":`,
}

// firstOwn is the character of the first phrase that is the row's own: the last before the space.
const firstOwn = 26

// putBasis writes what the verdict rests on, and the verdicts that it took the place of.
// Why: infra/decisions/0030.
func (i item) putBasis(c refund.Case) {
	// A case that is not decided has no basis, and a row without one costs nothing for it.
	if c.Decision == nil || c.Decision.Basis == nil && len(c.Earlier) == 0 {
		return
	}
	doc := verdictsRow{Basis: pointerTo(c.Decision.Basis, newBasisRow), Earlier: eachOf(c.Earlier, newEarlierRow)}
	// The shorthand takes phrases from the row: their attributes are written before this one.
	i[attrBasis] = text(strings.NewReplacer(i.shorthand(*c.Decision, false)...).Replace(asText(document(doc))))
}

// readBasis adds to the case what its verdicts rest on, and those before the last.
func (i item) readBasis(c *refund.Case) error {
	if c.Decision == nil || i[attrBasis] == nil {
		return nil
	}
	var doc verdictsRow
	// Control characters become the phrases that they stood for, and the text is JSON again.
	full := strings.NewReplacer(i.shorthand(*c.Decision, true)...).Replace(i.text(attrBasis))
	if err := json.Unmarshal([]byte(full), &doc); err != nil {
		return fmt.Errorf("dynamo: what the verdicts of a case rest on: %w", err)
	}
	c.Decision.Basis = pointerTo(doc.Basis, basisRow.basis)
	for _, row := range doc.Earlier {
		decision, err := row.decision()
		if err != nil {
			return err
		}
		c.Earlier = append(c.Earlier, decision)
	}
	return nil
}

// shorthand returns the pairs of phrase and character, or of character and phrase. What the row
// says elsewhere is in attributes that are never written without this one.
func (i item) shorthand(decision policy.Decision, expand bool) []string {
	var pairs []string
	pair := func(character rune, phrase string) {
		switch {
		// An attribute that is not there has no phrase to stand for.
		case phrase == "":
		case expand:
			pairs = append(pairs, string(character), phrase)
		default:
			pairs = append(pairs, phrase, string(character))
		}
	}
	// The replacer tries the pairs in their order: the row's own phrases go first.
	for n, phrase := range i.ownPhrases(decision.Policy) {
		pair(rune(firstOwn+n), phrase)
	}
	for n, phrase := range phrases {
		pair(rune(1+n), phrase)
	}
	return pairs
}

// ownPhrases returns what the row says elsewhere, in the order in which it is looked for.
func (i item) ownPhrases(by policy.Ref) []string {
	openedAt := i.instant(attrOpenedAt)
	return []string{
		fmt.Sprintf(`{"digest":%q,"facts":{"policy":%q,"kind":%q,"requested_at":"`, by.Digest, by.Name, i.text(attrKind)),
		i.text(attrGeneration), i.text(attrPayment), i.text(attrTrace),
		openedAt.Format(time.RFC3339Nano), openedAt.Format(time.DateOnly) + "T",
	}
}

// ListDecided returns a page of all decided cases, in no order that means anything but one that
// stays, at most limit of them from cursor on ("" is the first), and the next cursor, "" after the
// last page: a consistent scan. A cursor is a key, as refund.ListedAfter writes it, but of whatever
// lies in the table. A page may be empty before the last.
func (s *Store) ListDecided(ctx context.Context, cursor string, limit int) ([]refund.Case, string, error) {
	request := &dynamodb.ScanInput{
		TableName: aws.String(s.tables.Cases), ConsistentRead: aws.Bool(true),
		FilterExpression: aws.String("attribute_exists(" + attrDecision + ")"),
	}
	// A cursor is the key of the last row that was seen, decided or not.
	if pk, sk, ok := strings.Cut(cursor, cursorGap); ok {
		request.ExclusiveStartKey = item{attrPK: text(pk), attrSK: text(sk)}
	}
	var cases []refund.Case
	// The filter counts after the limit, so a page may come back empty: the loop goes on, within
	// bounds.
	for range maxPages {
		request.Limit = aws.Int32(int32(limit - len(cases)))
		output, err := s.api.Scan(ctx, request)
		if err != nil {
			return nil, "", fault.At("dynamo.ListDecided", "", classify(err))
		}
		for _, row := range output.Items {
			c, err := decodeCase(row)
			if err != nil {
				return nil, "", fault.At("dynamo.ListDecided", "", err)
			}
			cases = append(cases, *c)
		}
		if request.ExclusiveStartKey = output.LastEvaluatedKey; len(output.LastEvaluatedKey) == 0 || len(cases) == limit {
			break
		}
	}
	// No key to go on from means that the table was read to its end.
	if len(request.ExclusiveStartKey) == 0 {
		return cases, "", nil
	}
	last := item(request.ExclusiveStartKey)
	return cases, last.text(attrPK) + cursorGap + last.text(attrSK), nil
}

// cursorGap stands in a cursor between the parts of a key.
const cursorGap = " "

package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"makegood/shared/fault"
	"makegood/shared/refund"
)

// viewsPartition holds a row for each person of staff who saved a view, by their name.
const viewsPartition = "views"

// savedViewRow is one view of a person.
type savedViewRow struct {
	Name   string `json:"name"`
	Filter string `json:"filter"`
}

func newSavedViewRow(v refund.SavedView) savedViewRow { return savedViewRow(v) }

func (r savedViewRow) savedView() refund.SavedView { return refund.SavedView(r) }

func (s *Store) viewsRef(by string) ref {
	return ref{table: s.tables.Cases, pk: viewsPartition, sk: by}
}

// FindViews implements refund.SavedViews: one read.
func (s *Store) FindViews(ctx context.Context, by string) ([]refund.SavedView, error) {
	rows, err := s.get(ctx, s.viewsRef(by))
	if err != nil {
		return nil, fault.At("dynamo.FindViews", "", err)
	}
	var views []savedViewRow
	err = rows[0].document(attrViews, &views)
	return eachOf(views, savedViewRow.savedView), fault.At("dynamo.FindViews", "", err)
}

// RecordViews implements refund.SavedViews: one UpdateItem.
func (s *Store) RecordViews(ctx context.Context, by string, before, after []refund.SavedView) error {
	written := func(views []refund.SavedView) types.AttributeValue {
		if len(views) == 0 {
			return nil
		}
		return document(eachOf(views, newSavedViewRow))
	}
	u := newUpdate()
	u.requireSame(attrViews, written(before))
	if views := written(after); views != nil {
		u.setTo(attrViews, views)
	} else {
		u.drop(attrViews)
	}
	_, err := s.api.UpdateItem(ctx, u.alone(s.viewsRef(by)))
	return fault.At("dynamo.RecordViews", "", classify(err))
}

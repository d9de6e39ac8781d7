package view

import (
	"context"

	"makegood/shared/api"
	"makegood/shared/refund"
)

// Attach links what the case took, for staff: each by a link that is good for LinkLife.
func Attach(ctx context.Context, response *api.Case, c refund.Case, links Linker) error {
	for i, taken := range c.Taken() {
		url, err := links.Link(ctx, taken.ID.Object(), string(taken.MediaType))
		if err != nil {
			return err
		}
		response.Asked.Attachments[i].URL = url
	}
	return nil
}

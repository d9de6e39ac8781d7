package console

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"golang.org/x/sync/errgroup"

	"makegood/shared/api"
	"makegood/shared/attachment"
	"makegood/shared/fault"
	"makegood/shared/refund"
)

// attachmentsOf returns what the case took, in the order in which it was named. Of each it asks
// whether the bytes are still there.
func (c Console) attachmentsOf(ctx context.Context, response api.Case, found refund.Case) []picture {
	all := make([]picture, len(found.Taken()))
	var group errgroup.Group
	for i, taken := range found.Taken() {
		_, kind, _ := strings.Cut(string(taken.MediaType), "/")
		all[i] = picture{
			Title: fmt.Sprintf("Attachment %d", i+1), Facts: strings.ToUpper(kind) + " · " + bytesOf(taken.Bytes), Download: !taken.MediaType.IsPicture(),
		}
		group.Go(func() error {
			if c.gone(ctx, taken.ID) {
				all[i].Problem = "Its bytes are gone: they are kept as long as pictures are."
			} else {
				all[i].URL = response.Asked.Attachments[i].URL
			}
			return nil
		})
	}
	_ = group.Wait() // no member returns an error
	return all
}

// gone reports whether the bytes are not there any more. What cannot be told now counts as there:
// its link says the rest, and the case can be ruled on.
func (c Console) gone(ctx context.Context, id attachment.ID) bool {
	_, err := c.Uploads.Begin(ctx, id.Object(), 1)
	if err == nil || fault.KindOf(err) == fault.KindNotFound {
		return err != nil
	}
	slog.WarnContext(ctx, "nobody can tell whether an attachment is there: it is shown as if it were", "attachment", string(id), "error", err.Error())
	return false
}

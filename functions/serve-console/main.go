// Command serve-console serves the pages on which staff see, decide and learn.
package main

import (
	"context"
	"os"
	"time"

	"makegood/shared/access"
	"makegood/shared/api/view"
	"makegood/shared/aws/bucket/link"
	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/secret"
	"makegood/shared/aws/settings"
	"makegood/shared/console"
	"makegood/shared/refund"
)

func main() {
	store, published := dynamo.Open(), settings.Policy()
	pictures := link.New(os.Getenv("EVIDENCE_BUCKET"))
	http.Start(console.Console{
		Sessions:  access.StaffSessions{Secrets: secret.FromEnv("SESSION_SECRETS", access.FitSecret)},
		Store:     store,
		Reviewer:  refund.Reviewer{Store: store, Policy: published, Livemode: settings.Livemode(), Requests: sender.OpenRequests()},
		Published: published,
		Links:     links{pictures}, Pictures: pictures.Origin(),
		Now: time.Now,
	}.Handler())
}

// links makes links to the pictures of cases.
type links struct{ link.Signer }

func (l links) Link(ctx context.Context, key, mediaType string) (string, error) {
	return l.Get(ctx, link.Object{Key: key, MediaType: mediaType}, view.LinkLife, time.Now())
}

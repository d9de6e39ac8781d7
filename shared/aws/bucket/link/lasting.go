package link

import (
	"context"
	"time"
)

// Lasting makes links that are all good for one life, from now on.
type Lasting struct {
	// Signer makes them.
	Signer Signer
	// Life is how long each is good for.
	Life time.Duration
}

// Link returns a link to the object of that key; errors are Get's.
func (l Lasting) Link(ctx context.Context, key, mediaType string) (string, error) {
	return l.Signer.Get(ctx, Object{Key: key, MediaType: mediaType}, l.Life, time.Now())
}

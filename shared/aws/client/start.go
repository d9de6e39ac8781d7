package client

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// StartTime bounds what a start waits for: Lambda ends an INIT after ten seconds.
const StartTime = 2 * time.Second

// steps are those of a start that go on beside the rest of it, each a channel that is closed at its
// end. No WaitGroup: it must not grow while a wait that gave up still stands.
var steps struct {
	mu   sync.Mutex
	ends []<-chan struct{}
}

// Meanwhile does a step of the start beside the others; AwaitStart waits for it. A process that
// serves no events need not wait.
func Meanwhile(step func()) {
	end := make(chan struct{})
	steps.mu.Lock()
	steps.ends = append(steps.ends, end)
	steps.mu.Unlock()
	go func() {
		defer close(end)
		step()
	}()
}

// AwaitStart waits until the steps of Meanwhile are through, but no longer than limit: a store that
// does not answer must not keep a function from taking events. Before its first event a function
// has a whole processor, and after it only its share. Why: infra/decisions/0044.
func AwaitStart(limit time.Duration) {
	steps.mu.Lock()
	ends := slices.Clone(steps.ends)
	steps.mu.Unlock()
	timeout := time.After(limit)
	for _, end := range ends {
		select {
		case <-end:
		case <-timeout:
			return
		}
	}
}

// Connect opens the connection of the first call to a service while the function starts, so that no
// customer waits for trust roots and handshake. Over plain HTTP (the local stack) it would spare
// nothing, and nothing is done. service is the host's word, env the name in AWS_ENDPOINT_URL_<env>.
func Connect(service, env string) {
	base := Base()
	url := Operation{Service: service, Env: env}.url(base.Region)
	if !strings.HasPrefix(url, "https://") {
		return
	}
	Meanwhile(func() {
		ctx, cancel := context.WithTimeout(context.Background(), StartTime)
		defer cancel()
		// Whatever is answered to a request that asks for nothing: the connection is kept.
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return
		}
		answer, err := base.HTTPClient.Do(request)
		if err != nil {
			return // the first call meets the same fault, and says so
		}
		_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, maxAnswer))
		_ = answer.Body.Close()
	})
}

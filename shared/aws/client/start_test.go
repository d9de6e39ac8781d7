package client_test

import (
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/aws/client"
)

// secured serves over TLS, and counts connections and requests that ask for nothing.
func secured(t *testing.T) (server *httptest.Server, connections, empty *atomic.Int64) {
	t.Helper()
	connections, empty = new(atomic.Int64), new(atomic.Int64)
	server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			empty.Add(1)
		}
		_, _ = io.WriteString(w, "{}")
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	// The system's trust roots are read once, at the first handshake of this process.
	roots := filepath.Join(t.TempDir(), "roots.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	require.NoError(t, os.WriteFile(roots, text, 0o600))
	t.Setenv("SSL_CERT_FILE", roots)
	t.Setenv("AWS_ENDPOINT_URL_TESTED", server.URL)
	t.Setenv("AWS_ACCESS_KEY_ID", "AKID")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "hidden")
	return server, connections, empty
}

func TestTheFirstCallFindsItsConnectionOpen(t *testing.T) {
	_, connections, empty := secured(t)
	client.Connect("tested", "TESTED")
	client.AwaitStart(client.StartTime)
	assert.EqualValues(t, 1, connections.Load())
	require.NoError(t, client.Call(context.Background(), operation, nil, &struct{}{}))
	assert.EqualValues(t, 1, connections.Load(), "no second handshake")
	assert.EqualValues(t, 1, empty.Load())
}

func TestOverPlainHTTPNothingIsSentBeforeTheFirstCall(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("asked") }))
	defer server.Close()
	t.Setenv("AWS_ENDPOINT_URL_TESTED", server.URL)
	client.Connect("tested", "TESTED")
	client.AwaitStart(client.StartTime)
}

func TestAServiceThatCannotBeReachedFailsNoStart(t *testing.T) {
	t.Setenv("AWS_ENDPOINT_URL_TESTED", "https://127.0.0.1:1")
	client.Connect("tested", "TESTED")
	client.AwaitStart(client.StartTime)
}

func TestAStartWaitsForItsStepsButNotLong(t *testing.T) {
	through, end := new(atomic.Bool), make(chan struct{})
	client.Meanwhile(func() {
		time.Sleep(20 * time.Millisecond)
		through.Store(true)
	})
	client.AwaitStart(time.Minute)
	assert.True(t, through.Load())
	client.Meanwhile(func() { <-end })
	client.AwaitStart(time.Millisecond) // returns all the same
	close(end)
	client.AwaitStart(time.Minute)
}

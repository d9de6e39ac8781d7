package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"makegood/infra/sandbox"
)

// sign returns the event with the headers of its provider, signed with its secret at the instant
// at, or raw itself where its route is no webhook.
func sign(raw []byte, at time.Time, secretOf func(sandbox.Provider) string) ([]byte, error) {
	// Only what a signature needs is read; withHeaders keeps the rest of the event as it is.
	var event struct {
		RawPath         string            `json:"rawPath"`
		Headers         map[string]string `json:"headers"`
		Body            string            `json:"body"`
		IsBase64Encoded bool              `json:"isBase64Encoded"`
	}
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, err
	}
	body := []byte(event.Body)
	// The provider signed the bytes before API Gateway encoded them.
	if event.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(event.Body); err != nil {
			return nil, err
		}
	}
	provider, ok := sandbox.Of(event.RawPath)
	if !ok {
		return raw, nil
	}
	header := http.Header{}
	for name, value := range event.Headers {
		header.Set(name, value)
	}
	// Each provider's own code signs, so that what passes here passes in production.
	if err := provider.Sign(header, secretOf(provider), at, body); err != nil {
		return nil, err
	}
	return withHeaders(raw, lowered(header))
}

// lowered returns the headers with their names in lower case, as the real HTTP API sends them.
func lowered(header http.Header) map[string]string {
	out := make(map[string]string, len(header))
	for name := range header {
		out[strings.ToLower(name)] = header.Get(name)
	}
	return out
}

// withHeaders replaces the headers of the event; everything else keeps its value.
func withHeaders(raw []byte, headers map[string]string) ([]byte, error) {
	var whole map[string]any
	decoder := json.NewDecoder(bytes.NewReader(raw))
	// A number through float64 could lose digits.
	decoder.UseNumber()
	if err := decoder.Decode(&whole); err != nil {
		return nil, err
	}
	whole["headers"] = headers
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	// The body is JSON within JSON: escaped signs would differ from the recorded event without
	// need.
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(whole)
	return out.Bytes(), err
}

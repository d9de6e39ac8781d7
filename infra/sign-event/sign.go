package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"makegood/shared/provider/standard"
	"makegood/shared/provider/stripe"
)

// secrets are the providers' signing secrets, whose webhooks are known here.
type secrets struct {
	stripe, standard string
}

// sign returns the event with the headers of its provider signed at the instant at, or raw itself
// where its route is no webhook.
func sign(raw []byte, at time.Time, secrets secrets) ([]byte, error) {
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
	headers := lowered(event.Headers)
	// Each provider's own code signs, so that what passes here passes in production.
	switch event.RawPath {
	case "/webhooks/stripe":
		headers[strings.ToLower(stripe.Header)] = stripe.Sign(secrets.stripe, at, body)
	case "/webhooks/standard":
		// The message's id is signed, too: a recorded one is kept, so that a replay stays a replay.
		id := cmp.Or(headers[standard.HeaderID], "msg_local")
		signature, err := standard.Sign(secrets.standard, id, at, body)
		if err != nil {
			return nil, err
		}
		headers[standard.HeaderID] = id
		headers[standard.HeaderTimestamp] = strconv.FormatInt(at.Unix(), 10)
		headers[standard.HeaderSignature] = signature
	default:
		return raw, nil
	}
	return withHeaders(raw, headers)
}

// lowered returns the headers with their names in lower case, as the real HTTP API sends them.
func lowered(headers map[string]string) map[string]string {
	out := make(map[string]string, len(headers))
	for name, value := range headers {
		out[strings.ToLower(name)] = value
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

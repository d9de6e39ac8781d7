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

type secrets struct {
	stripe, standard string
}

// sign returns the event with the headers of its provider signed at the instant at, or raw itself
// where its route is no webhook.
func sign(raw []byte, at time.Time, secrets secrets) ([]byte, error) {
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
	if event.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(event.Body); err != nil {
			return nil, err
		}
	}
	headers := lowered(event.Headers)
	switch event.RawPath {
	case "/webhooks/stripe":
		headers[strings.ToLower(stripe.Header)] = stripe.Sign(secrets.stripe, at, body)
	case "/webhooks/standard":
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

// lowered names the headers in lower case, as the real HTTP API does.
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
	decoder.UseNumber()
	if err := decoder.Decode(&whole); err != nil {
		return nil, err
	}
	whole["headers"] = headers
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(whole)
	return out.Bytes(), err
}

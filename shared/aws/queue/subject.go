package queue

import (
	"encoding/json"

	"makegood/shared/message"
)

// maxLoggedID bounds an id in a log line, in bytes. Ours are shorter; a worker writes its messages
// by itself, and may put anything in an id's place.
const maxLoggedID = 160

// subject is what a message says it is about: its type, and the ids that messages of ours carry.
// None of them is personal.
type subject struct {
	Type       string `json:"type"`
	Case       string `json:"case"`
	Payment    string `json:"payment"`
	Generation string `json:"generation"`
	Outage     string `json:"outage"`
	Offer      string `json:"offer"`
	Change     string `json:"change"`
}

// subjectOf reads the subject of a message as far as it can be read; the zero subject of what is
// not one.
func subjectOf(body []byte) subject {
	var about subject
	// Whatever is wrong with the message is the handler's error, which stands on the same line.
	_ = json.Unmarshal(body, &about)
	return about
}

// step returns what was to be done with the message.
func (s subject) step() string {
	if route, ok := message.RouteOf(s.Type); ok {
		return route.Step
	}
	return "read message"
}

// fields returns the ids as fields of a log line, absent ones and what cannot be an id left out.
func (s subject) fields() []any {
	var fields []any
	for _, id := range []struct{ key, value string }{
		{"case", s.Case}, {"payment", s.Payment}, {"generation", s.Generation}, {"outage", s.Outage}, {"offer", s.Offer}, {"change", s.Change},
	} {
		if id.value != "" && len(id.value) <= maxLoggedID {
			fields = append(fields, id.key, id.value)
		}
	}
	return fields
}

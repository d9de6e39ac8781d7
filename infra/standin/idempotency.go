package standin

import "net/http"

// maxKey is Stripe's longest idempotency key.
const maxKey = 255

// keys holds what was answered under each idempotency key, and which are in use.
type keys struct {
	answers  map[string]saved
	using    map[string]string // key → the request under way
	underway map[string]int    // calls of a key that are not answered yet
	overlaps map[string]int    // how often a call came while another of its key was under way
}

// saved is a first answer; print tells its request from others.
type saved struct {
	print string
	answer
}

// answer is what a call gets. keep saves it under the key: what ran, whatever came of it, not what
// was refused before it ran.
type answer struct {
	status int
	body   []byte
	keep   bool
}

// denial is a refusal, which each door writes in its own words.
type denial struct {
	status  int
	kind    string // Stripe's type
	code    string
	param   string
	message string
	keep    bool
}

const (
	kindInvalid     = "invalid_request_error"
	kindIdempotency = "idempotency_error"
	kindAPI         = "api_error"
)

var (
	tooMany = denial{
		status: http.StatusTooManyRequests, kind: kindInvalid, code: "lock_timeout",
		message: "This object cannot be accessed right now because another API request or Stripe process is currently accessing it.",
	}
	inUse = denial{
		status: http.StatusConflict, kind: kindIdempotency, code: "idempotency_key_in_use",
		message: "There is currently another in-progress request using this idempotency key. Please try again later.",
	}
	otherRequest = denial{
		status: http.StatusBadRequest, kind: kindIdempotency,
		message: "Keys for idempotent requests can only be used with the same parameters they were first used with. " +
			"Try using another key if you meant to execute a different request.",
	}
	broken = denial{status: http.StatusInternalServerError, kind: kindAPI, message: "An unknown error occurred.", keep: true}
)

func newKeys() *keys {
	return &keys{answers: map[string]saved{}, using: map[string]string{}, underway: map[string]int{}, overlaps: map[string]int{}}
}

// enter counts a call of the key, and whether it overlaps with another. An empty key is no key.
func (k *keys) enter(key string) (overlaps bool) {
	if key == "" {
		return false
	}
	// Two calls at once under one key are what a caller must never make: they are counted for
	// tests.
	overlaps = k.underway[key] > 0
	if overlaps {
		k.overlaps[key]++
	}
	k.underway[key]++
	return overlaps
}

func (k *keys) leave(key string) {
	if k.underway[key]--; k.underway[key] <= 0 {
		delete(k.underway, key)
	}
}

// begin takes the key for a request: it returns the first answer, or why the key cannot be had, or
// neither: then the request runs, and finish gives the key back.
func (k *keys) begin(key, print string) (*answer, *denial) {
	if key == "" {
		return nil, nil
	}
	// Stripe's rules: the same request gets the first answer, another one under the key is refused.
	if first, ok := k.answers[key]; ok {
		if first.print != print {
			return nil, &otherRequest
		}
		return &first.answer, nil
	}
	// Under way: nobody knows the answer yet.
	if other, ok := k.using[key]; ok {
		if other != print {
			return nil, &otherRequest
		}
		return nil, &inUse
	}
	k.using[key] = print
	return nil, nil
}

func (k *keys) finish(key, print string, a answer) {
	if key == "" {
		return
	}
	delete(k.using, key)
	// What was refused before it ran leaves its key free.
	if a.keep {
		k.answers[key] = saved{print: print, answer: a}
	}
}

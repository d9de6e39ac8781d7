package api

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cached answers 200 with text that the caller may keep for that long, or 304 where they have it
// already. The tag is of the bytes: whatever changes in them, a language too, changes it.
func cached(w http.ResponseWriter, r *http.Request, text []byte, keep time.Duration) {
	sum := sha256.Sum256(text)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	w.Header().Set("ETag", tag)
	// Who may read it depends on the credential, so no cache between us keeps it for others.
	w.Header().Set("Cache-Control", "private, max-age="+strconv.Itoa(int(keep.Seconds())))
	if has(r.Header.Get("If-None-Match"), tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(text) // a caller who has gone reads nothing
}

// has reports whether the If-None-Match header names the tag. A gateway that compresses makes a tag
// weak (W/), which is the same here.
func has(ifNoneMatch, tag string) bool {
	return slices.ContainsFunc(strings.Split(ifNoneMatch, ","), func(one string) bool {
		one = strings.TrimSpace(one)
		return one == "*" || strings.TrimPrefix(one, "W/") == tag
	})
}

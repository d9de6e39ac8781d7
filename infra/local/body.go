package local

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
)

// maxChecked bounds a body whose checksum is looked at: it is read whole first.
const maxChecked = 64 << 20

// checkBytes refuses a body that is not the one whose SHA-256 was said, as S3 does; gofakes3 looks
// at none.
func checkBytes(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		declared := r.Header.Get("X-Amz-Checksum-Sha256")
		if declared == "" || r.Method != http.MethodPut {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxChecked))
		if err != nil {
			refuseObject(w, http.StatusBadRequest, "IncompleteBody", "The body is not as long as was said")
			return
		}
		if sum := sha256.Sum256(body); base64.StdEncoding.EncodeToString(sum[:]) != declared {
			refuseObject(w, http.StatusBadRequest, "BadDigest", "The SHA256 you specified did not match the calculated checksum.")
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

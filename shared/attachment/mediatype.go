package attachment

import "bytes"

// MediaType says what an attachment is.
type MediaType string

// The types that are taken; the zero value is invalid.
const (
	PNG  MediaType = "image/png"
	JPEG MediaType = "image/jpeg"
	WebP MediaType = "image/webp"
	PDF  MediaType = "application/pdf"
)

// MediaTypes is every type that is taken.
var MediaTypes = []MediaType{PNG, JPEG, WebP, PDF}

// FirstBytes is how many of a file's first bytes tell its type.
const FirstBytes = 12

// Begins reports whether a file that begins with these bytes may be of the type.
func (t MediaType) Begins(first []byte) bool {
	switch t {
	case PNG:
		return bytes.HasPrefix(first, []byte("\x89PNG\r\n\x1a\n"))
	case JPEG:
		return bytes.HasPrefix(first, []byte("\xff\xd8\xff"))
	case WebP:
		return len(first) >= FirstBytes && string(first[:4]) == "RIFF" && string(first[8:12]) == "WEBP"
	case PDF:
		return bytes.HasPrefix(first, []byte("%PDF-"))
	}
	return false
}

// IsPicture reports whether a browser shows it as a picture.
func (t MediaType) IsPicture() bool { return t != PDF }

package pixel

import "bytes"

// The formats that are looked at.
const (
	formatPNG  = "png"
	formatJPEG = "jpeg"
	formatWebP = "webp"
	formatGIF  = "gif"
	formatMP4  = "mp4"
	formatWebM = "webm"
)

// mediaTypes gives each format its name on the web.
var mediaTypes = map[string]string{
	formatPNG: "image/png", formatJPEG: "image/jpeg", formatWebP: "image/webp", formatGIF: "image/gif", formatMP4: "video/mp4", formatWebM: "video/webm",
}

// Format tells by the first bytes what a body is, "" for anything that is not looked at: an SVG, a
// page of HTML, a HEIC. What follows a picture in its body is another's business: it is never read.
func Format(body []byte) string {
	switch {
	case bytes.HasPrefix(body, []byte("\x89PNG\r\n\x1a\n")):
		return formatPNG
	case bytes.HasPrefix(body, []byte("\xff\xd8\xff")):
		return formatJPEG
	case bytes.HasPrefix(body, []byte("GIF87a")), bytes.HasPrefix(body, []byte("GIF89a")):
		return formatGIF
	case len(body) >= 12 && string(body[:4]) == "RIFF" && string(body[8:12]) == "WEBP":
		return formatWebP
	case len(body) >= 12 && string(body[4:8]) == "ftyp" && isFilm(string(body[8:12])):
		return formatMP4
	case bytes.HasPrefix(body, []byte("\x1a\x45\xdf\xa3")) && bytes.Contains(body[:min(len(body), 64)], []byte("webm")):
		return formatWebM
	}
	return ""
}

// isFilm reports whether the brand of an ISO file is that of an MP4: HEIC and AVIF pictures, 3GP
// and QuickTime films begin alike.
func isFilm(brand string) bool {
	switch brand {
	case "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9",
		"mp41", "mp42", "avc1", "dash", "msdh", "MSNV", "M4V ", "M4VH", "M4VP", "cmfc", "cmf2":
		return true
	}
	return false
}

// MediaType names a body for the web by its first bytes, as bytes of no kind where it is none that
// is looked at: a browser then draws and runs nothing of it.
func MediaType(body []byte) string {
	if name, ok := mediaTypes[Format(body)]; ok {
		return name
	}
	return "application/octet-stream"
}

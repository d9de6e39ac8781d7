package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"net/http"
	"path"
	"sync"
)

//go:embed assets
var assetFiles embed.FS

// assetsPath is where styles and scripts lie, each under a name that its content gives it.
const assetsPath = "/console/assets/"

// asset is one file as it is served.
type asset struct {
	hash      string // of its content
	mediaType string
	text      []byte
}

var mediaTypes = map[string]string{
	".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml",
}

// assets are all files, by name.
var assets = sync.OnceValue(func() map[string]asset {
	files, err := assetFiles.ReadDir("assets")
	if err != nil {
		panic("console: no assets: " + err.Error()) // they are part of the binary
	}
	all := map[string]asset{}
	for _, file := range files {
		text, err := assetFiles.ReadFile("assets/" + file.Name())
		if err != nil {
			panic("console: " + err.Error())
		}
		sum := sha256.Sum256(text)
		all[file.Name()] = asset{hash: hex.EncodeToString(sum[:6]), mediaType: mediaTypes[path.Ext(file.Name())], text: text}
	}
	return all
})

// Asset returns the path of a file of assets/, "" where there is none. A changed file has another
// path, so a browser keeps each for ever.
func Asset(name string) string {
	file, ok := assets()[name]
	if !ok {
		return ""
	}
	return assetsPath + file.hash + "-" + name
}

// serveAsset answers a file under the path of its present content. Under an older one there is
// nothing: what a browser keeps for ever must be what the page meant.
func serveAsset(w http.ResponseWriter, r *http.Request) {
	for name, file := range assets() {
		if r.PathValue("name") == file.hash+"-"+name {
			w.Header().Set("Content-Type", file.mediaType)
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			_, _ = w.Write(file.text)
			return
		}
	}
	http.NotFound(w, r)
}

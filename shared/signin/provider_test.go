package signin_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

const clientID = "console"

// played is an identity provider: it signs in whomever claims name, keeps PKCE and gives a code's
// token once.
type played struct {
	*httptest.Server
	now    time.Time
	key    *ecdsa.PrivateKey
	claims func(nonce string) jwt.MapClaims // of the next token; nil: those of ann
	signer *ecdsa.PrivateKey                // of the next token; nil: the provider's own
	down   map[string]bool                  // paths that answer 503
	codes  map[string]url.Values            // what began each code that is not used yet
	posted url.Values                       // the last request for a token
	basic  string                           // and the secret beside it
}

func newProvider(t *testing.T, now time.Time) *played {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	p := &played{now: now, key: key, down: map[string]bool{}, codes: map[string]url.Values{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"id_token_signing_alg_values_supported": []string{"ES256"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, p.keys()) })
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.down[r.URL.Path] {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(p.Close)
	return p
}

func (p *played) keys() any {
	point, err := p.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		panic(err)
	}
	return map[string]any{"keys": []any{map[string]any{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1",
		"x": base64.RawURLEncoding.EncodeToString(point[1:33]), "y": base64.RawURLEncoding.EncodeToString(point[33:]),
	}}}
}

// signIn returns where the browser is sent back to, once the person has signed in at the address.
func (p *played) signIn(t *testing.T, address string) *url.URL {
	t.Helper()
	asked, err := url.Parse(address)
	require.NoError(t, err)
	query := asked.Query()
	require.Equal(t, "code", query.Get("response_type"))
	require.Equal(t, clientID, query.Get("client_id"))
	require.Equal(t, "S256", query.Get("code_challenge_method"))
	require.NotContains(t, address, "code_verifier")
	code := rand.Text()
	p.codes[code] = query
	back, err := url.Parse(query.Get("redirect_uri"))
	require.NoError(t, err)
	back.RawQuery = url.Values{"code": {code}, "state": {query.Get("state")}}.Encode()
	return back
}

func (p *played) token(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	_, p.basic, _ = r.BasicAuth()
	p.posted = r.PostForm
	began, known := p.codes[r.PostForm.Get("code")]
	delete(p.codes, r.PostForm.Get("code"))
	sum := sha256.Sum256([]byte(r.PostForm.Get("code_verifier")))
	if !known || base64.RawURLEncoding.EncodeToString(sum[:]) != began.Get("code_challenge") || r.PostForm.Get("redirect_uri") != began.Get("redirect_uri") {
		reply(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "<script>"})
		return
	}
	claims := p.good(began.Get("nonce"))
	if p.claims != nil {
		claims = p.claims(began.Get("nonce"))
	}
	signer := p.key
	if p.signer != nil {
		signer = p.signer
	}
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["kid"] = "1"
	signed, err := token.SignedString(signer)
	if err != nil {
		panic(err)
	}
	reply(w, http.StatusOK, map[string]any{"access_token": "unused", "token_type": "Bearer", "id_token": signed})
}

// good are the claims of ann, a reviewer.
func (p *played) good(nonce string) jwt.MapClaims {
	return jwt.MapClaims{
		"iss": p.URL, "aud": clientID, "sub": "00u1", "email": "Ann@example.com", "email_verified": true,
		"roles": []string{"everybody", "support"}, "nonce": nonce, "iat": p.now.Unix(), "exp": p.now.Add(time.Minute).Unix(),
	}
}

// but has the next token say something else; nil leaves the claim out.
func (p *played) but(name string, value any) {
	p.claims = func(nonce string) jwt.MapClaims {
		claims := maps.Clone(p.good(nonce))
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
		return claims
	}
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

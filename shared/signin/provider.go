package signin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"makegood/shared/access"
	"makegood/shared/fault"
)

// What asking a provider is bounded by.
const (
	patience   = 5 * time.Second // for one page, all calls of it together
	maxAnswer  = 1 << 20         // bytes of one answer
	knownFor   = time.Hour       // how long what a provider says of itself is used
	maxIDToken = 64 << 10        // bytes: one with hundreds of groups
)

// Provider is an identity provider that speaks OpenID Connect.
type Provider struct {
	// Issuer is its address, as its tokens name it.
	Issuer string
	// ClientID is what it calls this console.
	ClientID string
	// ClientSecrets holds the secret that it gave this console, the first being the newest; none
	// where it gave none.
	ClientSecrets access.Secrets
	// Scopes are asked for, "openid" among them.
	Scopes []string
	// Names says how to read a person's name and roles.
	Names Names
	// Now is the clock.
	Now func() time.Time

	mu     sync.Mutex
	known  *known
	readAt time.Time
}

// known is what a provider says of itself.
type known struct {
	endpoint oauth2.Endpoint
	keys     *oidc.RemoteKeySet
	verifier *oidc.IDTokenVerifier
}

// host returns the provider's host, which people know it by.
func (p *Provider) host() string {
	if address, err := url.Parse(p.Issuer); err == nil {
		return address.Hostname()
	}
	return ""
}

// address returns where the browser is sent, to come back at callback.
//
// Errors: KindBusy (the provider does not answer).
func (p *Provider) address(ctx context.Context, callback string, attempt access.Attempt) (string, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	provider, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	config := oauth2.Config{ClientID: p.ClientID, Endpoint: provider.endpoint, RedirectURL: callback, Scopes: p.Scopes}
	return config.AuthCodeURL(attempt.State, oauth2.S256ChallengeOption(attempt.Verifier), oidc.Nonce(attempt.Nonce)), nil
}

// session returns whom the provider vouches for in its answer to the attempt.
//
// Errors: KindUnauthenticated (it vouches for nobody, or not to us, not now, not for this attempt),
// KindForbidden (for somebody who has no name or no role here), KindBusy (it does not answer).
func (p *Provider) session(ctx context.Context, callback string, answer url.Values, attempt access.Attempt) (access.StaffSession, error) {
	ctx, cancel := within(ctx)
	defer cancel()
	if answer.Has("error") || answer.Get("code") == "" {
		return access.StaffSession{}, refused("the identity provider did not let you in", errors.New("error "+cut(answer.Get("error"))))
	}
	provider, err := p.discover(ctx)
	if err != nil {
		return access.StaffSession{}, err
	}
	raw, err := p.exchange(ctx, provider, callback, answer.Get("code"), attempt.Verifier)
	if err != nil {
		return access.StaffSession{}, err
	}
	token, err := provider.verify(ctx, raw)
	if err != nil {
		return access.StaffSession{}, err
	}
	// The token is the provider's and for us; it is this attempt's only if it says so.
	if !same(token.Nonce, attempt.Nonce) {
		return access.StaffSession{}, refused("the identity provider's answer is of another sign-in; sign in again", errors.New("nonce"))
	}
	var claims map[string]any
	if err := token.Claims(&claims); err != nil {
		return access.StaffSession{}, refused("the identity provider's answer cannot be read", err)
	}
	// Meant for several, it is ours only if it was issued to us.
	if party, named := claims["azp"]; named && party != p.ClientID {
		return access.StaffSession{}, refused("the identity provider's answer is for another application", errors.New("azp"))
	}
	return p.Names.session(claims)
}

// exchange gives the code back for an identity token.
func (p *Provider) exchange(ctx context.Context, provider *known, callback, code, verifier string) (string, error) {
	var secrets []string
	if p.ClientSecrets != nil {
		var err error
		if secrets, err = p.ClientSecrets(ctx); err != nil {
			return "", fault.Busy(err)
		}
	}
	config := oauth2.Config{ClientID: p.ClientID, Endpoint: provider.endpoint, RedirectURL: callback}
	if len(secrets) > 0 {
		config.ClientSecret = secrets[0]
	} else {
		config.Endpoint.AuthStyle = oauth2.AuthStyleInParams // a client without a secret names itself
	}
	token, err := config.Exchange(oidc.ClientContext(ctx, client), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return "", unlessDown(err, "the identity provider takes this sign-in for used or over; sign in again")
	}
	raw, _ := token.Extra("id_token").(string)
	if raw == "" || len(raw) > maxIDToken {
		return "", refused("the identity provider did not say who you are", errors.New("no id_token"))
	}
	return raw, nil
}

// verify returns the token if the provider signed it for us and it has not expired.
func (k *known) verify(ctx context.Context, raw string) (*oidc.IDToken, error) {
	// Asked first, the keys tell a provider that is down from a signature that is wrong.
	if _, err := k.keys.VerifySignature(ctx, raw); err != nil {
		return nil, unlessDown(err, "the identity provider's answer is not signed by it")
	}
	token, err := k.verifier.Verify(ctx, raw)
	if expired := (*oidc.TokenExpiredError)(nil); errors.As(err, &expired) {
		return nil, refused("the identity provider's answer has expired; sign in again", err)
	}
	if err != nil {
		return nil, refused("the identity provider's answer is for another application", err)
	}
	return token, nil
}

// discover returns what the provider says of itself, asked anew when that is knownFor old. One that
// does not answer then is taken as it was.
func (p *Provider) discover(ctx context.Context) (*known, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil && p.Now().Sub(p.readAt) < knownFor {
		return p.known, nil
	}
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), p.Issuer)
	if err != nil && p.known != nil {
		slog.WarnContext(ctx, "identity provider not asked anew, using what it said", "error", err.Error())
		return p.known, nil
	}
	if err != nil {
		return nil, down(err)
	}
	var document struct {
		Keys    string   `json:"jwks_uri"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
		Signed  []string `json:"id_token_signing_alg_values_supported"`
	}
	if err := provider.Claims(&document); err != nil {
		return nil, fmt.Errorf("signin: what the identity provider says of itself: %w", err)
	}
	endpoint := provider.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // the standard's own; to guess costs a code
	if len(document.Methods) > 0 && !slices.Contains(document.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	p.known, p.readAt = &known{
		endpoint: endpoint,
		keys:     oidc.NewRemoteKeySet(oidc.ClientContext(context.WithoutCancel(ctx), client), document.Keys),
		verifier: provider.Verifier(&oidc.Config{ClientID: p.ClientID, Now: p.Now}),
	}, p.Now()
	return p.known, nil
}

// refused says why somebody is not let in, and keeps for the log what was wrong.
func refused(sentence string, cause error) error {
	return fmt.Errorf("%w: %w", fault.Errorf(fault.KindUnauthenticated, fault.CodeUnauthenticated, "%s", sentence), cause)
}

// unlessDown is refused, unless the provider did not answer.
func unlessDown(err error, sentence string) error {
	if failed := (*url.Error)(nil); errors.As(err, &failed) {
		return down(err)
	}
	// The body of a refusal may hold anything: its code is enough.
	if refusal := (*oauth2.RetrieveError)(nil); errors.As(err, &refusal) {
		err = errors.New("error " + cut(refusal.ErrorCode))
	}
	return refused(sentence, err)
}

// down is a provider that does not answer, or not as one does.
func down(cause error) error {
	return fmt.Errorf("%w: %w", fault.Errorf(fault.KindBusy, fault.CodeBusy, "the identity provider does not answer; try again in a minute"), cause)
}

// cut bounds what a log line repeats of somebody else's text.
func cut(text string) string { return text[:min(len(text), 64)] }

// client asks providers. An answer of 500 and above is none.
var client = &http.Client{Timeout: patience, Transport: bounded{http.DefaultTransport}}

type bounded struct{ http.RoundTripper }

// RoundTrip returns the answer, cut at maxAnswer.
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := b.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode >= http.StatusInternalServerError {
		return nil, errors.Join(fmt.Errorf("status %d", answer.StatusCode), answer.Body.Close())
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, maxAnswer), answer.Body}
	return answer, nil
}

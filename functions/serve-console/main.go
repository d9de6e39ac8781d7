// Command serve-console serves the pages on which staff see, decide and learn.
package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"makegood/shared/access"
	"makegood/shared/api/view"
	"makegood/shared/aws/bucket"
	"makegood/shared/aws/bucket/link"
	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/function"
	"makegood/shared/aws/http"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/secret"
	"makegood/shared/aws/settings"
	"makegood/shared/console"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/refund"
	"makegood/shared/signin"
	"makegood/shared/standing"
)

func main() {
	// One queue of requests serves rulings and resolutions: both end in a decision on a case.
	store, published, requests, runs := dynamo.Open(), settings.Policy(), sender.OpenRequests(), sender.OpenRuns()
	pictures := link.New(os.Getenv("EVIDENCE_BUCKET"))
	sessions := secret.FromEnv("SESSION_SECRETS", access.FitSecret)
	http.Start(console.Console{
		Store:     store,
		Reviewer:  refund.Reviewer{Store: store, Policy: published, Livemode: settings.Livemode(), Requests: requests},
		Payments:  payment.Receiver{Store: store, Rules: settings.Rules()},
		Outbox:    payment.Outbox{Requests: requests, Settlements: sender.OpenSettlements()},
		Standings: standing.Setter{Store: store, Notices: sender.OpenNotices()},
		Outages:   outage.Declarer{Store: store, Estimator: refund.Estimator{Policy: published}, Looks: runs},
		Runs:      outage.Starter{Store: store, Runs: runs},
		Addresses: refund.Addresses{Secrets: secret.FromEnv("ADDRESS_SECRETS", access.FitSecret)},
		Published: published,
		Sessions:  access.StaffSessions{Secrets: sessions},
		SignIn:    signin.SignIn{Provider: function.Must(provider()), Local: secret.Local(), Secrets: sessions, Now: time.Now},
		Links:     link.Lasting{Signer: pictures, Life: view.LinkLife}, Pictures: pictures.Origin(), Uploads: pictures,
		Drafts: bucket.New(os.Getenv(bucket.Variable)),
		Now:    time.Now,
	}.Handler())
}

// provider returns the identity provider that the environment names, nil for none.
func provider() (*signin.Provider, error) {
	issuer := os.Getenv("OIDC_ISSUER")
	if issuer == "" {
		return nil, nil
	}
	roles, err := signin.ParseRoles(os.Getenv("OIDC_ROLES"))
	if err != nil {
		return nil, fmt.Errorf("OIDC_ROLES: %w", err)
	}
	return &signin.Provider{
		Issuer: issuer, ClientID: os.Getenv("OIDC_CLIENT_ID"), Scopes: strings.Fields(os.Getenv("OIDC_SCOPES")), Now: time.Now,
		ClientSecrets: secret.FromEnv("OIDC_CLIENT_SECRET", func(string) error { return nil }),
		Names:         signin.Names{NameClaim: os.Getenv("OIDC_NAME_CLAIM"), RolesClaim: os.Getenv("OIDC_ROLES_CLAIM"), Roles: roles},
	}, nil
}

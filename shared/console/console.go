// Package console owns the pages on which staff see, decide and learn: what they look like, who may
// open which, and how a form that was refused keeps what was typed.
//
// It refuses to know tables and rules: it asks the same rooms as the API, through the same ports,
// and shows what api/view shows. It keeps nothing of its own but simulations, which decide nothing.
//
// Invariants: every page and form names the permission that it needs. A form changes something only
// where a page of ours sent it. A form that succeeded is answered by a redirect, so that a reload
// sends nothing again. Whatever is refused, the words that were typed stand on the page that says
// so. Nothing that anybody wrote is ever markup. No page needs a script, except to zoom pictures
// and to flicker between them.
//
// Words: page (what a GET answers), form (what a person posts), section (a part of the console that
// the navigation names), key (what a person presses instead of a button; printed on it).
//
// Why: infra/decisions/0065.
package console

import (
	"context"
	"slices"
	"time"

	"makegood/shared/access"
	"makegood/shared/api/view"
	"makegood/shared/attachment"
	"makegood/shared/insight"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/refund"
	"makegood/shared/signin"
	"makegood/shared/standing"
)

// SessionCookie is the name of the cookie that holds a session of staff. Its prefix lets no other
// host set it, and no page without TLS.
const SessionCookie = signin.SessionCookie

// The paths at which staff come in, and leave.
const (
	PathHome    = "/console"
	PathSignIn  = signin.PathSignIn
	PathSignOut = signin.PathSignOut
)

// timeout is how long a page may take: less than its function has, so that the answer is a page.
const timeout = 9 * time.Second

// Sessions tells who is signed in; see access.StaffSessions.
type Sessions interface {
	// Caller returns whom the token names: KindUnauthenticated where it is none of ours or has
	// expired at now, KindBusy where that cannot be told.
	Caller(ctx context.Context, token string, now time.Time) (access.Caller, error)
}

// Console is the console with all that its pages read and do.
type Console struct {
	// Sessions tells who is signed in.
	Sessions Sessions
	// SignIn lets staff in, and out.
	SignIn signin.SignIn
	// Store is what the pages read.
	Store Store
	// Reviewer takes rulings on cases.
	Reviewer refund.Reviewer
	// Payments resolves payments, Outbox sends what they owe then.
	Payments payment.Receiver
	Outbox   payment.Outbox
	// Standings reads and sets what a customer may do.
	Standings standing.Setter
	// Addresses makes the marks by which a claim is found by its e-mail address.
	Addresses refund.Addresses
	// Outages declares outages, Runs begins to make them good.
	Outages outage.Declarer
	Runs    outage.Starter
	// Published is the stack's policy.
	Published *policy.Policy
	// Links makes links to kept pictures.
	Links view.Linker
	// Uploads has the beginnings of what customers attached.
	Uploads attachment.Uploads
	// Pictures is where those links lead, as a browser names an origin: https://host. "" for none.
	Pictures string
	// Drafts keeps simulations that are under way.
	Drafts Drafts
	// Now is the clock.
	Now func() time.Time
}

// Store is all that the pages read. Each page's file says what it reads itself.
type Store interface {
	view.Store
	queueStore
	jobStore
	balanceStore
	findStore
	appealStore
	paymentStore
	stuckStore
	customerStore
	insight.Store
	simulationStore
}

// routes are all pages and forms; each file has its own.
func (c Console) routes() []route {
	return slices.Concat(
		c.homeRoutes(), c.queueRoutes(), c.savedViewRoutes(), c.jobRoutes(), c.findRoutes(), c.appealRoutes(), c.paymentRoutes(), c.stuckRoutes(),
		c.customerRoutes(), c.outageRoutes(), c.insightRoutes(), c.simulationRoutes(),
	)
}

// homeRoutes are the front door, and the box in which a person looks for anything.
func (c Console) homeRoutes() []route {
	return []route{
		get("GET "+PathHome, access.PermissionRead, c.home),
	}
}

// home goes to where the day begins.
func (c Console) home(request) (page, error) {
	return page{Location: "/console/cases"}, nil
}

package console

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"strings"
	"time"

	"makegood/shared/access"
	"makegood/shared/fault"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/refund"
	"makegood/shared/replay"
	"makegood/shared/simulation"
)

// The bounds of a simulation.
const (
	// simulationPage is how many cases are read at a time, simulationPages how often for one press
	// of the button, where its time does not end first.
	simulationPage  = 200
	simulationPages = 200
	simulationTime  = timeout / 2
	// maxSimulation bounds what is kept of one, in bytes: some 200 for each customer.
	maxSimulation = 32 << 20
	// failingRows is how many verdicts are named that are not made again.
	failingRows = 20
)

// Drafts keeps simulations that are under way, each as a whole, for a bounded time.
type Drafts interface {
	// Put writes an object, in place of what the key held.
	Put(ctx context.Context, key, mediaType string, body []byte) error
	// Get reads an object of at most that many bytes: KindNotFound or KindForbidden where there is
	// none.
	Get(ctx context.Context, key string, most int64) ([]byte, error)
}

// simulationStore is what a simulation reads.
type simulationStore interface {
	// ListDecided returns a page of all decided cases, in a stable but arbitrary order: at most
	// limit of them behind a cursor ("" is the first), and the next cursor, "" at the end.
	ListDecided(ctx context.Context, cursor string, limit int) ([]refund.Case, string, error)
}

// simulationRoutes are the desk on which a draft of the policy is tried.
func (c Console) simulationRoutes() []route {
	return []route{
		get("GET /console/simulations", access.PermissionSimulate, c.simulations),
		post("POST /console/simulations", access.PermissionSimulate, c.simulate, c.simulations),
		get("GET /console/simulations/{id}", access.PermissionSimulate, c.simulation),
		post("POST /console/simulations/{id}", access.PermissionSimulate, c.goOn, c.simulation),
	}
}

// simulating is a simulation as it is kept: whoever goes on with it begins where it ended. It
// depends on nothing but its text, so that of two who go on at once either may be the last. Why:
// infra/decisions/0073.
type simulating struct {
	Source    string         `json:"source"` // of the draft
	By        string         `json:"by"`     // who began it
	StartedAt time.Time      `json:"started_at"`
	Next      string         `json:"next"` // the cursor of the next page
	Done      bool           `json:"done"` // there is none
	Run       simulation.Run `json:"run"`
}

var simulationID = regexp.MustCompile(`^[A-Z2-7]{26}$`)

func simulationPath(id string) string { return "/console/simulations/" + url.PathEscape(id) }

func simulationKey(id string) string { return "simulations/" + id + ".json" }

// simulations is the page on which a draft is handed in.
func (c Console) simulations(request) (page, error) {
	return page{Template: "simulations", Title: "Simulation"}, nil
}

// simulate begins a simulation with the draft of the form, and does its first part.
func (c Console) simulate(r request) (string, error) {
	at := simulating{Source: r.PostForm.Get("draft"), By: r.Caller.Name, StartedAt: r.Now}
	draft, err := policyfile.Parse("draft", []byte(at.Source))
	if err != nil {
		return "", err
	}
	since, until, err := simulationSpan(r.PostForm)
	if err != nil {
		return "", err
	}
	at.Run = simulation.Simulator{Draft: draft, Since: since, Until: until}.Begin()
	id := rand.Text()
	return simulationPath(id), c.part(r, id, at)
}

// simulationSpan reads the first and the last day, each absent or a day.
func simulationSpan(form url.Values) (since, until time.Time, err error) {
	read := func(field string) (day time.Time) {
		if word := form.Get(field); word != "" && err == nil {
			if day, err = time.Parse(time.DateOnly, word); err != nil {
				err = fault.Invalid(field, "must be a day, as 2026-01-31, or nothing")
			}
		}
		return day
	}
	if since, until = read("from"), read("to"); err != nil {
		return since, until, err
	}
	if !until.IsZero() {
		until = until.AddDate(0, 0, 1) // the last day counts
		if !since.Before(until) {
			err = fault.Invalid("to", "must not be before from")
		}
	}
	return since, until, err
}

// goOn does another part of a simulation.
func (c Console) goOn(r request) (string, error) {
	id := r.PathValue("id")
	at, err := c.simulationOf(r.Context(), id)
	if err != nil || at.Done {
		return simulationPath(id), err
	}
	return simulationPath(id), c.part(r, id, at)
}

// simulationOf returns a simulation as it is kept.
func (c Console) simulationOf(ctx context.Context, id string) (simulating, error) {
	var at simulating
	if !simulationID.MatchString(id) {
		return at, fault.NotFound("simulation")
	}
	text, err := c.Drafts.Get(ctx, simulationKey(id), maxSimulation)
	switch fault.KindOf(err) {
	case fault.KindNotFound, fault.KindForbidden: // a bucket that may not be listed hides what it lacks
		return at, fault.NotFound("simulation")
	default:
		if err != nil {
			return at, fault.At("console: read simulation", id, err)
		}
	}
	return at, fault.At("console: read simulation", id, json.Unmarshal(text, &at))
}

// part decides as many cases by the draft as there is time for, and keeps what that comes to. What
// was done before the store failed is kept, too.
func (c Console) part(r request, id string, at simulating) error {
	draft, err := policyfile.Parse("draft", []byte(at.Source))
	if err != nil {
		return err
	}
	simulator := simulation.Simulator{Draft: draft, Open: policy.Open, Since: at.Run.Since, Until: at.Run.Until}
	for range simulationPages {
		var cases []refund.Case
		var next string
		cases, next, err = c.Store.ListDecided(r.Context(), at.Next, simulationPage)
		if err != nil {
			err = fault.At("console: list decided cases", "", err)
			break
		}
		for _, one := range cases {
			simulator.Add(decidedCase(one), &at.Run)
		}
		at.Next, at.Done = next, next == ""
		if at.Done || c.Now().Sub(r.Now) >= simulationTime {
			break
		}
	}
	text, saveErr := json.Marshal(at)
	if len(text) > maxSimulation {
		return fault.Errorf(fault.KindTooLarge, fault.CodeTooLarge, "the draft changes the answers of more customers than a page keeps: makegood policy simulate keeps them all")
	}
	if saveErr == nil {
		saveErr = c.Drafts.Put(r.Context(), simulationKey(id), "application/json", text)
	}
	return errors.Join(err, fault.At("console: keep simulation", id, saveErr))
}

// decidedCase returns the case as a simulation takes it.
func decidedCase(c refund.Case) simulation.Case {
	one := simulation.Case{ID: string(c.ID), Kind: c.Kind, Customer: c.ID.CustomerKey()}
	for _, verdict := range c.Verdicts() {
		one.Verdicts = append(one.Verdicts, replay.Kept{Decision: verdict, Basis: verdict.Basis})
	}
	return one
}

// simulationPart is what a draft comes to in some of the cases.
type simulationPart struct {
	// Who answers otherwise than before.
	Title, Who string
	simulation.Summary
	Examples []simulationExamples
}

// simulationExamples are cases that flip one way.
type simulationExamples struct {
	Title string
	Cases []simulation.Example
}

// simulationData is what the template reads.
type simulationData struct {
	simulation.Result
	ID, By    string
	StartedAt time.Time
	Done      bool
	// Read is how many cases were looked at.
	Read    int
	Sound   bool
	Failing []simulation.Failing
	// Last is the last day that counts, zero for no end.
	Last  time.Time
	Parts []simulationPart
}

// simulation shows how far a simulation is, and what it comes to so far.
func (c Console) simulation(r request) (page, error) {
	id := r.PathValue("id")
	at, err := c.simulationOf(r.Context(), id)
	if err != nil {
		return page{}, err
	}
	result := at.Run.Result()
	data := simulationData{
		Result: result, ID: id, By: at.By, StartedAt: at.StartedAt, Done: at.Done, Read: at.Run.Read,
		Sound: result.Check.Sound(), Failing: result.Check.Failing[:min(len(result.Check.Failing), failingRows)],
		Parts: []simulationPart{
			partOf("What the rules decided", "The draft", result.Rules),
			partOf("Where a person's verdict stands", "The rules", result.People),
		},
	}
	if !result.Until.IsZero() {
		data.Last = result.Until.AddDate(0, 0, -1)
	}
	return page{Template: "simulation", Title: "Simulation", Data: data}, c.nameCustomers(r.Context(), data.Parts)
}

func partOf(title, who string, s simulation.Summary) simulationPart {
	return simulationPart{title, who, s, []simulationExamples{
		{"Now declined", s.Examples.Refused}, {"Now approved", s.Examples.Refunded}, {"Now for a person", s.Examples.Review},
	}}
}

// nameCustomers puts the customers' own ids in place of their keys, which their cases hold.
func (c Console) nameCustomers(ctx context.Context, parts []simulationPart) error {
	var ids []refund.CaseID
	for _, part := range parts {
		for _, ranking := range part.Customers {
			for _, one := range ranking.Customers {
				ids = append(ids, refund.CaseID(one.Case))
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	cases, err := c.Store.FindCases(ctx, ids...)
	if err != nil {
		return fault.At("console: customers of a simulation", "", err)
	}
	names := map[string]string{}
	for _, one := range cases {
		names[string(one.ID)] = string(one.Customer)
	}
	for _, part := range parts {
		for _, ranking := range part.Customers {
			for i, one := range ranking.Customers {
				ranking.Customers[i].Customer = cmp.Or(names[one.Case], one.Customer)
			}
		}
	}
	return nil
}

// Answered is how many of the part's cases the draft answers otherwise.
func (p simulationPart) Answered() (sum int) {
	for _, change := range p.Changes {
		sum += change.Cases
	}
	return sum
}

// amounts writes credits first, then each currency; nothing is no credits.
func (c Console) amounts(a simulation.Amounts) string {
	var parts []string
	if a.Credits != 0 || len(a.Money) == 0 {
		parts = append(parts, c.credits(a.Credits))
	}
	for _, amount := range amountsOf(a.Money) {
		parts = append(parts, amount.String())
	}
	return strings.Join(parts, ", ")
}

// gives writes what an answer gives, "" for nothing.
func (c Console) gives(remedy *policy.Remedy) string {
	switch policy.ArmOf(remedy) {
	case policy.ArmCredits:
		return c.credits(remedy.Credits())
	case policy.ArmMoney:
		return remedy.Money().String()
	}
	return ""
}

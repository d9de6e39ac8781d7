package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/api"
	"makegood/shared/aws/http/httptest"
	"makegood/shared/due"
	"makegood/shared/generation"
	"makegood/shared/grant"
	"makegood/shared/ledger"
	"makegood/shared/memory"
	"makegood/shared/outage"
	"makegood/shared/payment"
	"makegood/shared/policy"
	"makegood/shared/policy/policyfile"
	"makegood/shared/refund"
	"makegood/shared/storetest"
	"makegood/shared/text"
)

// counter is the API over a world in which alice bought 20 credits and made two pictures: one
// failed and was given back, one came.
type counter struct {
	*storetest.World
	httptest.Client
	t *testing.T
}

func open(t *testing.T) counter {
	t.Helper()
	w := storetest.NewWorld(t, memory.New())
	w.Grants("alice", 20)
	w.Pass(time.Second)
	failed := w.StartsUnder("alice", 2, "picture-1")
	w.Settles(failed, w.Failure(generation.CausePlatform))
	w.Deliver()
	w.Pass(time.Second)
	w.Settles(w.StartsUnder("alice", 1, "picture-2"), w.Success(-1))
	return counter{World: w, t: t}.over(w.Store)
}

// over returns the API over the same world, read from a store.
func (c counter) over(from store) counter {
	h := handler{store: from, now: func() time.Time { return c.Now }, policy: c.Policy}
	return counter{World: c.World, Client: httptest.New(c.t, "read-account", h.now, h.routes), t: c.t}
}

// gets sends a fixture, changed by edits, demands a 200 and returns its body.
func (c counter) gets(fixture string, edits ...func(event map[string]any)) map[string]any {
	c.t.Helper()
	return c.Want(200, fixture, edits...).Fields
}

func TestACustomerIsTheirBalanceAndTheirLots(t *testing.T) {
	c := open(t)
	alice := c.gets("customer")
	require.Equal(t, map[string]any{"available": 16.0, "held": 0.0, "owed": 0.0}, alice["balance"])
	require.Equal(t, map[string]any{"name": "credits", "scale": 0.0}, alice["unit"])
	require.Len(t, alice["lots"], 1)
	lot := alice["lots"].([]any)[0].(map[string]any)
	require.Equal(t, []any{"promotion", 20.0, 16.0}, []any{lot["source"], lot["granted"], lot["remaining"]})
}

func TestACustomerNobodyWroteHasAnEmptyWallet(t *testing.T) {
	nobody := open(t).gets("customer-unknown")
	require.Equal(t, []any{}, nobody["lots"])
	require.Equal(t, "good", nobody["standing"])
}

func TestAStatementExplainsEveryCredit(t *testing.T) {
	c := open(t)
	page := c.gets("statement")
	var got [][4]any
	for _, entry := range page["entries"].([]any) {
		row := entry.(map[string]any)
		got = append(got, [4]any{row["from"], row["to"], row["amount"], row["reason"]})
	}
	require.Equal(t, [][4]any{
		{"held", "spent", 4.0, "generation_succeeded"},
		{"available", "held", 4.0, "generation_started"},
		{"held", "available", 8.0, "generation_failed"},
		{"available", "held", 8.0, "generation_started"},
		{"issued", "available", 20.0, "promotion"},
	}, got)
	require.NotContains(t, page, "next")
}

func TestACursorThatIsNotOursIsRefused(t *testing.T) {
	c := open(t)
	for _, fixture := range []string{"statement-bad-cursor", "statement-forged-cursor", "cases-forged-cursor", "notices-forged-cursor", "generations-forged-cursor"} {
		require.Equal(t, httptest.Refusal{400, "invalid_request", "cursor"}, c.Ask(fixture).Refusal(), fixture)
	}
}

func TestACustomersGenerationsAreListedNewestFirstWithoutTheirCasesAndDraws(t *testing.T) {
	c := open(t)
	page := c.gets("generations", c.As("alice"))
	var got [][]any
	for _, row := range page["generations"].([]any) {
		listed := row.(map[string]any)
		require.NotContains(t, listed, "cases")
		require.NotContains(t, listed, "draws")
		got = append(got, []any{listed["state"], listed["outputs"], listed["came"], listed["price"], listed["charged"], listed["released"]})
	}
	require.Equal(t, [][]any{
		{"captured", 1.0, 1.0, 4.0, 4.0, 0.0},
		{"released", 2.0, 0.0, 8.0, 0.0, 8.0},
	}, got)
	require.NotContains(t, page, "next")
}

func TestANoteOnCreditsIsNotTheCustomersToRead(t *testing.T) {
	c := open(t)
	_, err := grant.Granter{Store: c.Store}.Give(t.Context(), grant.Order{
		Customer: "alice", Credits: 5, Source: ledger.SourceGoodwill, Note: "a regular, be kind", Principal: "staff:ann", Staff: true, Key: c.Key(),
	}, c.Now)
	require.NoError(t, err)
	newest := func(edits ...func(map[string]any)) map[string]any {
		return c.gets("statement", edits...)["entries"].([]any)[0].(map[string]any)
	}
	require.Equal(t, "a regular, be kind", newest()["note"])
	require.Equal(t, "goodwill", newest(c.As("alice"))["reason"])
	require.NotContains(t, newest(c.As("alice")), "note")
}

func TestAGenerationNamesItsCaseAndTheCaseItsClause(t *testing.T) {
	c := open(t)
	picture := c.gets("generation")
	require.Equal(t, []any{"released", 8.0, 0.0}, []any{picture["state"], picture["price"], picture["refunded"]})
	require.Equal(t, map[string]any{"cause": "platform", "code": "model_error"}, picture["failure"])
	require.Equal(t, []any{picture["case"]}, picture["cases"])
	decided := c.gets("case")
	require.Equal(t, picture["case"], decided["id"])
	require.Equal(t, []any{"approved", "technical_failure", "refunded"}, []any{decided["state"], decided["kind"], decided["notice"]})
	decision := decided["decision"].(map[string]any)
	require.Equal(t, "R1", decision["clause"])
	require.Equal(t, map[string]any{"credits": 8.0, "to": "balance"}, decision["remedy"])
	require.Equal(t, "photoroom", decision["policy"].(map[string]any)["name"])
	cases := c.gets("cases")
	require.Equal(t, []any{decided}, cases["cases"])
}

// reports has the output of a picture reported by its customer, and staff approve what it cost.
func (c counter) reports(id generation.ID, output int) {
	c.t.Helper()
	said := refund.Statement{Description: "six fingers", Issue: policy.IssueDistortion}
	opened, err := refund.Reporter{Store: c.Store, Assessments: c.World}.File(context.Background(), refund.Report{
		Generation: id, Output: output, Statement: said, Principal: "customer:alice", Key: c.Key(), Actor: ledger.ActorCustomer,
	}, c.Now)
	require.NoError(c.t, err)
	c.Deliver()
	c.Pass(time.Second)
	reviewer := refund.Reviewer{
		Store: c.Store, Policy: c.Policy, Requests: c.World,
	}
	_, err = reviewer.Rule(context.Background(), opened.Case, refund.RulingOrder{
		Ruling: policy.Ruling{Outcome: policy.OutcomeApproved}, Note: "a regular, be kind", Principal: "staff", Key: c.Key(),
	}, c.Now)
	require.NoError(c.t, err)
	c.Deliver()
}

func TestAGenerationNamesTheCasesOfItsOutputsAndWhatWentBackOfEach(t *testing.T) {
	c := open(t)
	picture := c.StartsUnder("alice", 2, "picture-3")
	c.Settles(picture, c.Success(-1))
	shown := func() []any {
		g := c.gets("generation-of-two")
		return []any{g["state"], g["refunded"], g["case"], g["cases"]}
	}
	require.Equal(t, []any{"captured", 0.0, nil, []any{}}, shown(), "nobody asked about it")
	first, second := string(refund.ReportCaseID(picture, 0)), string(refund.ReportCaseID(picture, 1))
	c.reports(picture, 1)
	require.Equal(t, []any{"captured", 4.0, second, []any{second}}, shown())
	c.reports(picture, 0)
	require.Equal(t, []any{"refunded", 8.0, first, []any{first, second}}, shown(), "in the order of the outputs")
}

func TestAGenerationSaysOfEachOutputWhetherItMayBeReported(t *testing.T) {
	c := open(t)
	picture := c.StartsUnder("alice", 2, "picture-3")
	reports := func() any { return c.gets("generation-of-two", c.As("alice"))["reports"] }
	pending := func(output float64) any {
		return map[string]any{"output": output, "allowed": false, "code": "result_pending"}
	}
	require.Equal(t, []any{pending(0), pending(1)}, reports())
	c.Settles(picture, c.Success(-1))
	until := text.Moment(c.Generation(picture).Result.FinishedAt.Add(24 * time.Hour))
	require.Equal(t, []any{
		map[string]any{"output": 0.0, "allowed": true, "until": until}, map[string]any{"output": 1.0, "allowed": true, "until": until},
	}, reports())
	c.reports(picture, 1)
	c.Pass(24*time.Hour + time.Second)
	require.Equal(t, []any{
		map[string]any{
			"output": 0.0, "allowed": false, "clause": "R7", "reason": "You reported this more than 24 hours after it was generated, which is past our time limit.",
		},
		map[string]any{
			"output": 1.0, "allowed": false, "code": "already_reported", "case": string(refund.ReportCaseID(picture, 1)),
			"clause": "R9", "reason": "You've already requested a refund for this image or video.",
		},
	}, reports())
	require.Equal(t, "en", c.Ask("generation-of-two").Headers["content-language"])
}

func TestACustomerReadsTheirWordsAndTheClauseAndNotWhatStaffNotes(t *testing.T) {
	c := open(t)
	picture := c.StartsUnder("alice", 2, "picture-3")
	c.Settles(picture, c.Success(-1))
	c.reports(picture, 1)
	own := c.gets("case-reported", c.As("alice"))
	require.Equal(t, []any{"approved", 1.0, "refunded"}, []any{own["state"], own["output"], own["notice"]})
	require.Equal(t, map[string]any{"description": "six fingers", "issue": "distortion"}, own["asked"])
	require.Equal(t, map[string]any{"restored": 4.0, "extended": 0.0, "expired": 0.0}, own["returned"])
	decision := own["decision"].(map[string]any)
	require.Equal(t, []any{"R2", map[string]any{"credits": 4.0, "to": "balance"}}, []any{decision["clause"], decision["remedy"]})
	list := c.gets("cases", c.As("alice"))
	require.Equal(t, own, list["cases"].([]any)[0])
	require.NotContains(t, own, "ruling")
	require.NotContains(t, fmt.Sprint(own), "be kind")

	for _, fixture := range []string{"case-reported", "case-reported-by-staff"} {
		whole := c.gets(fixture)
		require.Equal(t, map[string]any{
			"outcome": "approved", "remedy": map[string]any{"credits": 4.0, "to": "balance"}, "note": "a regular, be kind", "at": "2026-03-01T12:00:03.000Z",
		}, whole["ruling"], fixture)
		history := whole["history"].([]any)
		last := history[len(history)-1].(map[string]any)
		require.Equal(t, []any{"approved", "staff", "a regular, be kind"}, []any{last["state"], last["actor"], last["note"]})
	}
}

func TestACaseSaysWhatItsCustomerWasToldAndWhatHappensNext(t *testing.T) {
	c := open(t)
	listed := func() map[string]any {
		return c.gets("cases", c.As("alice"))["cases"].([]any)[0].(map[string]any)
	}
	shown := func() []any { own := listed(); return []any{own["words"], own["next"]} }
	require.Equal(t, []any{"Your 8 AI credits have been refunded.", nil}, shown(), "a refund is the end")

	c.Pass(time.Second)
	picture := c.StartsUnder("alice", 2, "picture-3")
	c.Settles(picture, c.Success(-1))
	id := c.Reports(picture, 1)
	require.Equal(t, []any{nil, map[string]any{"step": "decision"}}, shown())
	c.Deliver()
	require.Equal(t, []any{"We've received your request and will let you know.", map[string]any{"step": "decision"}}, shown(), "photoroom names no day")
	c.Rules(id, policy.OutcomeDeclined)
	c.Deliver()
	require.Equal(t, []any{
		"Thank you for your feedback. Your AI credits are not refunded.",
		map[string]any{"step": "appeal", "by": listed()["appeal_until"]},
	}, shown())
	c.Pass(15 * 24 * time.Hour)
	require.Nil(t, shown()[1], "no appeal is taken any more")
}

func TestMoneyIsPromisedForADay(t *testing.T) {
	by := time.Date(2026, 3, 20, 12, 0, 0, 0, time.UTC)
	until := api.OptionalMoment(by)
	for _, test := range []struct {
		c    refund.Case
		want *api.NextStep
	}{
		{refund.Case{State: refund.StatePaying, Decision: &policy.Decision{PayBy: &by}}, &api.NextStep{Step: "payment", By: until}},
		{refund.Case{State: refund.StatePaying, Decision: &policy.Decision{}}, &api.NextStep{Step: "payment"}},
		{refund.Case{State: refund.StateInReview, Decision: &policy.Decision{RespondBy: &by}}, &api.NextStep{Step: "decision", By: until}},
		{refund.Case{State: refund.StateInReview, Decision: &policy.Decision{Outcome: policy.OutcomeApproved, RespondBy: &by}}, &api.NextStep{Step: "decision"}},
		{refund.Case{State: refund.StateClosed, Decision: &policy.Decision{}}, nil},
	} {
		require.Equal(t, test.want, nextStep(test.c, nil))
	}
}

func TestACaseOfNobodyIsNotFound(t *testing.T) {
	require.Equal(t, httptest.Refusal{404, "not_found", nil}, open(t).Ask("case-of-nobody").Refusal())
}

func TestWhatIsNotTheirsIsNotFoundForACustomer(t *testing.T) {
	c := open(t)
	for _, fixture := range []string{"customer", "statement", "cases", "generations", "generation", "case"} {
		c.gets(fixture, c.As("alice"))
		require.Equal(t, httptest.Refusal{404, "not_found", nil}, c.Ask(fixture, c.As("mallory")).Refusal(), fixture)
	}
	theirs, nobodys := c.Ask("generation", c.As("mallory")), c.Ask("generation-of-nobody", c.As("mallory"))
	require.Equal(t, nobodys.Fields, theirs.Fields, "as if it did not exist")
}

func TestThePolicysNoticesAreInTheLanguageThatIsAskedFor(t *testing.T) {
	published, err := os.ReadFile("../../shared/policy/published/photoroom/2026-01-01.yaml")
	require.NoError(t, err)
	const english = "We've received your request and will let you know."
	german := strings.Replace(string(published), "words: "+english, `words: {en: "`+english+`", de: Wir melden uns.}`, 1)
	require.NotEqual(t, string(published), german)
	revision, err := policyfile.Parse("german.yaml", []byte(german))
	require.NoError(t, err)
	translated, err := policy.New(revision)
	require.NoError(t, err)
	h := handler{now: time.Now, policy: translated}
	desk := httptest.New(t, "read-account", h.now, h.routes)
	for asked, want := range map[string][2]string{"de-AT, en;q=0.5": {"de", "Wir melden uns."}, "fr": {"en", english}, "": {"en", english}} {
		answer := desk.Want(200, "policy", desk.As("alice"), func(event map[string]any) {
			event["headers"].(map[string]any)["accept-language"] = asked
		})
		require.Equal(t, []string{want[0], "Origin, Accept-Language"}, []string{answer.Headers["content-language"], answer.Headers["vary"]}, asked)
		require.Contains(t, answer.Body, `"words":"`+want[1]+`"`, asked)
	}
}

func TestThePolicyIsKeptAndAskedForAgainByItsTag(t *testing.T) {
	c := open(t)
	first := c.Ask("policy", c.As("alice"))
	require.Equal(t, "private, max-age=300", first.Headers["cache-control"])
	tag := first.Headers["etag"]
	require.NotEmpty(t, tag)
	require.Equal(t, tag, c.Ask("policy").Headers["etag"], "the app reads the same")
	for _, known := range []string{tag, "W/" + tag, `"other", ` + tag, "*"} {
		again := c.Raw("policy", func(event map[string]any) { event["headers"].(map[string]any)["if-none-match"] = known })
		require.Equal(t, []any{304, "", tag, "en"}, []any{again.StatusCode, again.Body, again.Headers["etag"], again.Headers["content-language"]}, known)
	}
	other := c.Ask("policy", func(event map[string]any) { event["headers"].(map[string]any)["if-none-match"] = `"other"` })
	require.Equal(t, first.Body, other.Body)
	require.Equal(t, "no-store", c.Ask("customer").Headers["cache-control"])
}

func TestThePolicyShowsWhatACustomerMayChooseAsTheReasonOfAReport(t *testing.T) {
	var offered []string
	for _, issue := range policyView(inForce(t, "photoroom")).Issues {
		require.NoError(t, policy.Issue(issue.Issue).Validate("issue"))
		require.NotEmpty(t, issue.Label)
		offered = append(offered, issue.Issue)
	}
	require.Equal(t, []string{"deviates", "off_template", "wrong_subject", "distortion", "taste", "other"}, offered)
}

func TestThePolicyShowsWhatIsSoldAndWhatItCosts(t *testing.T) {
	c := open(t)
	published := c.gets("policy", c.As("alice"))
	require.Equal(t, "photoroom", published["name"])
	require.Len(t, published["features"], 18)
	require.Equal(t, map[string]any{"currency": "USD", "minor": 1000.0}, published["packages"].([]any)[0].(map[string]any)["price"])
	require.Equal(t, map[string]any{
		"name": "video-generator", "title": "Video Generator", "price": 4.0, "reportable": map[string]any{"ios": true, "android": true, "web": true},
		"prices": []any{
			map[string]any{"when": map[string]any{"model": "pro"}, "price": 8.0},
			map[string]any{"when": map[string]any{"model": "pro", "size": "hd"}, "price": 12.0},
			map[string]any{"when": map[string]any{}, "per_second": 1.0, "max_seconds": 60.0},
			map[string]any{"when": map[string]any{"model": "pro"}, "per_second": 2.0, "max_seconds": 30.0},
		},
	}, published["features"].([]any)[7])
	require.NotContains(t, published["features"].([]any)[0], "prices")
}

func TestThePolicyShowsThePublishedPageClauseByClause(t *testing.T) {
	shown := policyView(inForce(t, "goopter").WithEmail("help@shop.example"))
	require.Equal(t, "Refund Policy", shown.Title)
	require.Equal(t, api.Windows{Purchase: "720h", Appeal: "336h"}, shown.Windows)
	require.Equal(t, api.ResponseTimes{
		Calendar: "weekdays", RespondDays: &api.BusinessDays{From: 3, To: 5, Aim: true}, PayDays: &api.BusinessDays{From: 5, To: 10},
	}, shown.Response)
	require.Equal(t, api.Contact{
		Name: "Goopter Holdings Ltd (DBA: Goopter Commerce)", Email: "help@shop.example", Phone: "(778) 875-8095", Address: "7790 Royal Oak Ave, Burnaby, BC V5J 4K4",
	}, shown.Contact)
	require.Equal(t, api.Surfaces{Editor: true, Batch: true, Catalog: true}, shown.Surfaces)
	require.Equal(t, "Starter", shown.Packages[0].Title)
	require.Equal(t, []api.Clause{
		{ID: "G0.1", Text: "Last updated: February 13, 2026", Binds: "terms"},
		{
			ID: "G0.2", Heading: "Overview", Binds: "service",
			Text: "At AI Image Studio, operated by Goopter Holdings Ltd (DBA: Goopter Commerce), we strive to provide high-quality AI image processing services.",
		},
	}, shown.Clauses[:2])
	clause := func(id string) api.Clause {
		return shown.Clauses[slices.IndexFunc(shown.Clauses, func(c api.Clause) bool { return c.ID == id })]
	}
	require.Equal(t, []string{"approved", "declined", "in_review"}, clause("G2.1").Decides)
	require.Equal(t, api.Clause{ID: "G1.3", Text: "Package Credits Price", Table: "packages", Binds: "service"}, clause("G1.3"))
	require.Contains(t, clause("G4").Text, "our support team at help@shop.example with the following information:\n• Your account email address\n")
	require.Equal(t, []any{true, []string{"in_review"}, ""}, []any{clause("X3").Ours, clause("X3").Decides, clause("X3").Binds})
	for _, c := range shown.Clauses {
		require.Equal(t, c.Binds == "", len(c.Decides) > 0, c.ID)
	}
	unsaid := policyView(inForce(t, "goopter"))
	require.Empty(t, unsaid.Contact.Email, "an address that the page hides is nobody's to make up")
	require.Equal(t, unsaid.Digest, shown.Digest)
}

func TestThePolicyShowsWhatACustomerIsTold(t *testing.T) {
	shown := policyView(inForce(t, "photoroom"))
	require.Equal(t, "Edit with AI", shown.Features[3].Title)
	require.Equal(t, []any{api.Windows{Report: "24h", Appeal: "336h"}, api.ResponseTimes{Calendar: "weekdays"}, api.Contact{}}, []any{shown.Windows, shown.Response, shown.Contact})
	require.Equal(t, api.Surfaces{Editor: true}, shown.Surfaces)
	require.Contains(t, shown.Notices, api.NoticeWords{Outcome: "approved", Name: "refunded", Words: "Your {credits} AI credits have been refunded."})
	require.Contains(t, shown.Notices, api.NoticeWords{Outcome: "approved", Money: true, Name: "refunded", Words: "We've approved your refund of {amount} to {method}."})
	require.Contains(t, shown.Notices, api.NoticeWords{
		Outcome: "declined", Name: "not_refunded", Words: "We couldn't approve your refund request.",
		Kinds: []string{"duplicate_charge", "not_credited", "outage", "abnormal_charge", "change_of_mind"},
	})
	require.Equal(t, 1, strings.Count(fmt.Sprint(shown.Notices), "appeal_received"))
}

// inForce returns the revision in force of a published policy.
func inForce(t *testing.T, name string) policy.Revision {
	t.Helper()
	p, err := policy.Open(name)
	require.NoError(t, err)
	return p.Current(time.Now())
}

func TestStaffSeesWhatIsStuck(t *testing.T) {
	c := open(t)
	waiting := c.Starts("alice", 1)
	c.Now = c.Generation(waiting).Deadline
	for range due.MaxAttempts + 1 {
		c.Sweep()
		c.Lose()
		c.Pass(2 * time.Hour)
	}
	list := c.gets("stuck")
	require.Len(t, list["stuck"], 2, "the hold, and the verdict that nobody was told of")
	ids := []any{}
	for _, entry := range list["stuck"].([]any) {
		item := entry.(map[string]any)
		require.Equal(t, []any{"alice", 12.0}, []any{item["customer"], item["attempts"]})
		ids = append(ids, item["id"])
	}
	require.Contains(t, ids, string(waiting))
	require.Equal(t, httptest.Refusal{403, "forbidden", nil}, c.Ask("stuck-by-app").Refusal())
}

func TestStaffSeesPaymentsAndOutagesThatAreStuck(t *testing.T) {
	c := open(t)
	c.Misses(c.Paid("pi_1", "alice"))
	c.Receives(c.Paid("pi_1", "alice"))
	_, err := payment.Receiver{Store: c.Store, Rules: payment.Rules{Catalog: c.World}}.Receive(t.Context(), payment.Facts{Payment: "pi_1", Provider: "stripe", RefundedInAll: 100}, c.Now)
	require.NoError(t, err)
	declared := c.Declares(c.Now.Add(-50*time.Hour), c.Now)
	c.MakesGood(declared.ID, outage.GiveMoney)
	c.Lose()
	for range due.MaxAttempts + 2 {
		c.Pass(2 * time.Hour)
		c.Sweep()
		c.Lose()
	}
	got := map[string]any{}
	for _, entry := range c.gets("stuck")["stuck"].([]any) {
		item := entry.(map[string]any)
		got[item["kind"].(string)] = []any{item["id"], item["steps"], item["attempts"]}
	}
	require.Equal(t, []any{"pi_1", []any{"pay"}, 12.0}, got["payment"])
	require.Equal(t, []any{string(declared.ID), []any{"claims", "run"}, 12.0}, got["outage"])
}

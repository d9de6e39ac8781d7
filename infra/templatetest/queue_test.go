package templatetest

import (
	"path"
	"slices"
	"time"

	"makegood/infra/permission"
	"makegood/infra/template"
	"makegood/shared/message"
)

const (
	visibilityFactor = 6 // AWS: a queue's visibility is at least six times its function's timeout
	leastReceives    = 5 // AWS: fewer send good messages to the dead-letter queue while Lambda is throttled
	day              = 24 * time.Hour
	sourceRetention  = 4 * day
	deadRetention    = 14 * day // SQS's most; the clock of a moved message keeps running from its first send
)

func queuesAreSafe(t *template.Template) (problems, error) {
	var p problems
	queues, err := t.Queues(template.Scope{})
	if err != nil {
		return nil, err
	}
	consumersOf, err := consumers(t)
	if err != nil {
		return nil, err
	}
	for _, q := range queues {
		if sse, _ := t.Resource(q.LogicalID).Lookup("SqsManagedSseEnabled"); sse != true {
			p.addf("%s: SqsManagedSseEnabled is not true", q.LogicalID)
		}
		if q.DeadLetter == "" {
			if len(consumersOf[q.LogicalID]) > 0 {
				p.addf("%s is consumed and has no dead-letter queue", q.LogicalID)
			}
			continue
		}
		if len(consumersOf[q.LogicalID]) != 1 {
			p.addf("%s has %d consumers, not one", q.LogicalID, len(consumersOf[q.LogicalID]))
		}
		for _, f := range consumersOf[q.LogicalID] {
			if q.Visibility < visibilityFactor*f.Timeout {
				p.addf("%s: visibility %s is less than %d × the timeout of %s (%s)", q.LogicalID, q.Visibility, visibilityFactor, f.LogicalID, f.Timeout)
			}
		}
		if q.MaxReceiveCount < leastReceives {
			p.addf("%s: maxReceiveCount %d is less than %d", q.LogicalID, q.MaxReceiveCount, leastReceives)
		}
		if q.Retention != sourceRetention {
			p.addf("%s keeps messages for %s, not %s", q.LogicalID, q.Retention, sourceRetention)
		}
	}
	return p, nil
}

func deadLetterQueuesAreSafe(t *template.Template) (problems, error) {
	var p problems
	queues, err := t.Queues(template.Scope{})
	if err != nil {
		return nil, err
	}
	feeds := map[string]template.Queue{}
	for _, q := range queues {
		if q.DeadLetter == "" {
			continue
		}
		if other, twice := feeds[q.DeadLetter]; twice {
			p.addf("%s is the dead-letter queue of both %s and %s", q.DeadLetter, other.LogicalID, q.LogicalID)
		}
		feeds[q.DeadLetter] = q
	}
	for _, q := range queues {
		source, isDead := feeds[q.LogicalID]
		if !isDead {
			continue
		}
		if q.Retention != deadRetention {
			p.addf("%s keeps messages for %s, not %s", q.LogicalID, q.Retention, deadRetention)
		}
		if q.Name != source.Name+"-dlq" {
			p.addf("%s is called %s, not %s-dlq", q.LogicalID, q.Name, source.Name)
		}
		allow, err := resolve(t, t.Resource(q.LogicalID), "RedriveAllowPolicy")
		if err != nil {
			return nil, err
		}
		policy, _ := allow.(map[string]any)
		want := "arn:aws:sqs:us-east-1:000000000000:" + source.Name
		if policy["redrivePermission"] != "byQueue" || !slices.Equal(permission.Words(policy["sourceQueueArns"]), []string{want}) {
			p.addf("%s: RedriveAllowPolicy does not name %s alone", q.LogicalID, source.LogicalID)
		}
	}
	return p, nil
}

func queuesRefuseClearText(t *template.Template) (problems, error) {
	var p problems
	var covered []string
	for _, r := range t.ResourcesOfType("AWS::SQS::QueuePolicy") {
		document, err := resolve(t, r, "PolicyDocument")
		if err != nil {
			return nil, err
		}
		denies := false
		for _, s := range permission.Statements(document) {
			condition, _ := s["Condition"].(map[string]any)
			test, _ := condition["Bool"].(map[string]any)
			if s["Effect"] == "Deny" && s["Action"] == "sqs:*" && s["Principal"] == "*" && s["Resource"] == "*" && test["aws:SecureTransport"] == "false" {
				denies = true
			} else {
				p.addf("%s: a queue policy may only deny clear text; rights belong to roles", r.LogicalID)
			}
		}
		if !denies {
			continue
		}
		refs, _ := r.Lookup("Queues")
		for _, ref := range permission.List(refs) {
			if i, ok := ref.(template.Intrinsic); ok && i.Name == "Ref" {
				covered = append(covered, permission.Words(i.Arg)...)
			}
		}
	}
	for _, r := range t.ResourcesOfType(template.TypeQueue) {
		if !slices.Contains(covered, r.LogicalID) {
			p.addf("%s takes messages in the clear", r.LogicalID)
		}
	}
	return p, nil
}

func consumersFailMessageByMessage(t *template.Template) (problems, error) {
	var p problems
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	for _, f := range functions {
		for _, q := range f.Queues {
			if !q.ReportBatchItemFailures {
				p.addf("%s.%s: no ReportBatchItemFailures, so one bad message fails its neighbours", f.LogicalID, q.Event)
			}
			if q.MaximumConcurrency < 2 {
				p.addf("%s.%s: no MaximumConcurrency (2 at least), so a backlog takes the account's whole concurrency", f.LogicalID, q.Event)
			}
			if t.Resource(q.Queue) == nil {
				p.addf("%s.%s: its queue %s is not in the template", f.LogicalID, q.Event, q.Queue)
			}
		}
	}
	return p, nil
}

// comesBack are the sends that may come back to their function, with why they end. Lambda itself
// ends a circle after 16 turns, unless told.
var comesBack = map[[2]string]bool{
	{"PayRefundFunction", "RefundRequestsQueue"}: false, // a case that has followed its money asks for nothing more
	{"RunOutageFunction", "OutageRunsQueue"}:     true,  // the last page asks for no other, and there may be more than 16
}

// noFunctionFeedsItself walks the queues from each function to the functions that its messages
// reach, by all sends but those.
func noFunctionFeedsItself(t *template.Template) (problems, error) {
	var p problems
	consumersOf, err := consumers(t)
	if err != nil {
		return nil, err
	}
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return nil, err
	}
	next := map[string][]string{}
	for _, f := range functions {
		grants, err := permission.Grants(t, template.Scope{}, f.LogicalID)
		if err != nil {
			return nil, err
		}
		for _, g := range grants {
			if _, known := comesBack[[2]string{f.LogicalID, g.LogicalID()}]; g.Action == "sqs:SendMessage" && !known {
				for _, reached := range consumersOf[g.LogicalID()] {
					next[f.LogicalID] = append(next[f.LogicalID], reached.LogicalID)
				}
			}
		}
	}
	for _, f := range functions {
		if reaches(next, f.LogicalID, f.LogicalID, map[string]bool{}) {
			p.addf("%s is reached by its own messages", f.LogicalID)
		}
		turns := false
		for _, q := range f.Queues {
			turns = turns || comesBack[[2]string{f.LogicalID, q.Queue}]
		}
		if loop, _ := t.Resource(f.LogicalID).Lookup("RecursiveLoop"); (loop == "Allow") != turns {
			p.addf("%s: RecursiveLoop is %v", f.LogicalID, loop)
		}
	}
	return p, nil
}

func reaches(next map[string][]string, from, to string, visits map[string]bool) bool {
	for _, n := range next[from] {
		if n == to {
			return true
		}
		if !visits[n] {
			visits[n] = true
			if reaches(next, n, to, visits) {
				return true
			}
		}
	}
	return false
}

// queuesAreThoseOfTheTable: message.Routes is what senders and the sweep go by. The template has
// those queues and no others, each consumed by the function of its rows, each variable named after
// its queue; and the sweep may send again on each queue that it must.
func queuesAreThoseOfTheTable(t *template.Template) (problems, error) {
	var p problems
	queues, err := t.Queues(template.Scope{})
	if err != nil {
		return nil, err
	}
	consumersOf, err := consumers(t)
	if err != nil {
		return nil, err
	}
	logical := map[string]string{}
	for _, q := range queues {
		if q.DeadLetter == "" {
			continue
		}
		logical[q.Name] = q.LogicalID
	}
	for _, route := range message.Routes {
		id, ok := logical[route.Queue]
		if !ok {
			p.addf("%s travels on %s, which the template does not have", route.Type, route.Queue)
			continue
		}
		for _, f := range consumersOf[id] {
			if path.Base(f.Folder) != route.Function {
				p.addf("%s is taken off %s by %s, not by %s", route.Type, route.Queue, f.Folder, route.Function)
			}
		}
		if variable, _ := t.Resource("SweepDueFunction").Lookup("Environment", "Variables", message.QueueEnv(route.Queue)); variable == nil && len(route.Resends) > 0 {
			p.addf("sweep-due has no %s, and sends %s again", message.QueueEnv(route.Queue), route.Type)
		}
	}
	for name, id := range logical {
		if !slices.ContainsFunc(message.Routes, func(route message.Route) bool { return route.Queue == name }) {
			p.addf("nothing travels on %s", id)
		}
	}
	err = variablesAreNamedAfterTheirQueue(t, logical, &p)
	return p, err
}

func variablesAreNamedAfterTheirQueue(t *template.Template, logical map[string]string, p *problems) error {
	functions, err := t.Functions(template.Scope{})
	if err != nil {
		return err
	}
	for _, f := range functions {
		variables, _ := t.Resource(f.LogicalID).Lookup("Environment", "Variables")
		named, _ := variables.(map[string]any)
		for queue, id := range logical {
			for name, value := range named {
				if i, ok := value.(template.Intrinsic); ok && i.Name == "Ref" && i.Arg == id && name != message.QueueEnv(queue) {
					p.addf("%s: %s holds the URL of %s", f.LogicalID, name, queue)
				}
			}
		}
	}
	return nil
}

// Package templatetest holds template.yaml to what linters miss.
//
// It owns the rules over the parsed template: queues, dead-letter queues, alarms, tables,
// permissions, routes, secrets, logs. A rule is a function from a template to the things wrong with
// it, so that the same rule that passes the real file is shown to catch a planted defect.
//
// It refuses to know AWS: nothing is called. `sam validate --lint` checks shapes; the rules here
// check sense.
//
// Invariants: a rule without a planted defect that it catches is not a rule; a message names the
// resource and what to do.
//
// Words: a source queue is one that a function consumes; a grant is one action on one resource that
// a function's role is allowed.
package templatetest

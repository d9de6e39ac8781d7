// Package operate holds the pages for whoever runs a stack to what the template and the code are.
//
// It owns the pages of this folder, among them an entry for each alarm (README.md), and the
// workflow to copy. infra/acceptance plants what alarms tell of on the local stack, and types what
// the entries show.
//
// It refuses to know AWS: nothing is called.
//
// Invariants: each alarm's description ends with the heading of an entry, and each entry is some
// alarm's. A parameter, an event or a page that these pages name is one.
//
// Words: entry (what to do when an alarm rings: a heading of README.md and what follows it).
package operate

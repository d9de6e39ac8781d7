// Package api owns the HTTP contract: openapi.yaml and the types made from it, the one way in which
// a request is read, let in and answered, and how an error is shown.
//
// It refuses to know what a route does, how a request reached the process (see shared/aws/http) and
// where credentials are kept.
//
// Invariants: every route under /v1 looks for faults in one order: size and shape of the body,
// credential, role, fields, existence. A body is read by exact names only. An error that nobody
// classified shows nothing but its code. Each kind of error has one status.
//
// Words: route (one method and path), problem (an error as RFC 9457 shows it), answer (what a route
// gives back), cursor (where a list goes on; opaque to callers).
package api

//go:generate go tool -modfile=../../infra/tools/go.mod oapi-codegen -config oapi-codegen.yaml -o api.gen.go openapi.yaml
//go:generate go tool -modfile=../../infra/tools/go.mod oapi-codegen -config ../../infra/client/oapi-codegen.yaml -o ../../infra/client/client.gen.go openapi.yaml

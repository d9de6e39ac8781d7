// Package web owns what a customer of an app sees in the browser: the elements <makegood-report>,
// <makegood-claim> and <makegood-credits>, in TypeScript under src/. Its tests play them in
// Chromium against the running stack.
//
// It refuses to know the rules: what may be reported or claimed, for which reasons, and what is
// answered comes from the API in the customer's language.
//
// Invariants: nothing is stored in the browser, nothing is asked of anyone but the API, and files
// go where it says; what one opened dialog sends has one idempotency key.
// Why: infra/decisions/0080 and 0084.
package web

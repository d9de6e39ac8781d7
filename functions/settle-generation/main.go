// Command settle-generation takes workers' results off the queue generation-results, records the
// first of each generation, requests a refund where it failed, and has the customer notified where
// not all outputs came.
package main

import (
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/function"
	"makegood/shared/aws/queue/sender"
	"makegood/shared/aws/settings"
	"makegood/shared/generation"
)

func main() {
	recorder := generation.ResultRecorder{
		Store:    dynamo.Open(),
		Requests: sender.OpenRequests(),
		Notices:  sender.OpenNotices(),
		Terms:    settings.Policy().ExpiredLot,
	}
	function.Start(handler{results: recorder, now: time.Now}.handle)
}

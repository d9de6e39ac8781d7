// Command open-session gives the app's server a token with which one customer may speak for
// themselves.
package main

import (
	"time"

	"makegood/shared/aws/http"
)

func main() {
	gate := http.Gate()
	http.Start(handler{sessions: gate.Sessions, now: time.Now}.routes(gate))
}

// Command grant-credits gives credits that nobody bought: allowances and promotions of the app,
// goodwill of staff.
package main

import (
	"time"

	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/grant"
)

func main() {
	http.Start(handler{grants: grant.Granter{Store: dynamo.Open()}, now: time.Now}.routes(http.Gate()))
}

// Command forget-customer takes out what is personal of a customer, and says what there is and what
// stays.
package main

import (
	"os"

	"makegood/shared/aws/bucket"
	"makegood/shared/aws/dynamo"
	"makegood/shared/aws/http"
	"makegood/shared/erasure"
)

func main() {
	http.Start(handler{erasure.Eraser{Store: dynamo.Open(), Shelf: bucket.New(os.Getenv("EVIDENCE_BUCKET"))}}.routes(http.Gate()))
}

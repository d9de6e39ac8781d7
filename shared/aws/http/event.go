package http

// event is what we read of API Gateway's HTTP API event, payload 2.0; aws-lambda-go's own type has
// three times the fields to fill.
type event struct {
	RawPath         string            `json:"rawPath"`
	RawQueryString  string            `json:"rawQueryString"`
	Cookies         []string          `json:"cookies"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
	RequestContext  struct {
		Stage      string `json:"stage"`
		RequestID  string `json:"requestId"`
		DomainName string `json:"domainName"`
		HTTP       struct {
			Method   string `json:"method"`
			SourceIP string `json:"sourceIp"`
			Protocol string `json:"protocol"`
		} `json:"http"`
	} `json:"requestContext"`
}

// Response is API Gateway's HTTP API response, payload 2.0.
type Response struct {
	StatusCode      int               `json:"statusCode"`                // HTTP status
	Headers         map[string]string `json:"headers,omitempty"`         // by lower-case name; values of one name are joined by ", "
	Cookies         []string          `json:"cookies,omitempty"`         // each as Set-Cookie has it
	Body            string            `json:"body,omitempty"`            // text, or base64 where IsBase64Encoded is true
	IsBase64Encoded bool              `json:"isBase64Encoded,omitempty"` // Body is base64
}

package account

// Service is a service of AWS, as AWS_ENDPOINT_URL_<Service> has its name.
type Service string

// The services that commands ask.
const (
	SQS            Service = "SQS"
	DynamoDB       Service = "DYNAMODB"
	CloudFormation Service = "CLOUDFORMATION"
	Lambda         Service = "LAMBDA"
	SSM            Service = "SSM"
	SecretsManager Service = "SECRETS_MANAGER"
	Logs           Service = "CLOUDWATCH_LOGS"
	S3             Service = "S3"
)

// services are all of them.
var services = []Service{SQS, DynamoDB, CloudFormation, Lambda, SSM, SecretsManager, Logs, S3}

// endpoint is the variable that gives every service an address, or one alone when a name follows.
const endpoint = "AWS_ENDPOINT_URL"

// Reaches reports whether the service may be asked. The local stack gives addresses to the services
// that it has, and to no others: those must not be asked at AWS, where another stack may live.
func (a *Account) Reaches(service Service) bool {
	if a.env(endpoint) != "" || a.env(endpoint+"_"+string(service)) != "" {
		return true
	}
	return !a.Local()
}

// Local reports whether some service answers at an address of its own.
func (a *Account) Local() bool {
	if a.env(endpoint) != "" {
		return true
	}
	for _, service := range services {
		if a.env(endpoint+"_"+string(service)) != "" {
			return true
		}
	}
	return false
}

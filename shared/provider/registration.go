package provider

import "makegood/shared/payment"

// Registration is a payment provider as one value: all that functions, tools and tests need to know
// of it by name. How it is played on a developer's machine stands in infra/sandbox, since no
// function may link that.
type Registration struct {
	// Name is what facts call the provider.
	Name string
	// Path is the route of its webhook.
	Path string
	// WebhookSecret is the secret that proves its webhook's events.
	WebhookSecret Secret
	// GatewaySecret is the secret that its gateway asks with; it may be the same.
	GatewaySecret Secret
	// Address is the setting of where the provider is asked. It is empty for the provider's own
	// address, where it has one.
	Address Setting
	// Account is the setting of whose sales are ours; the zero value where a provider knows no
	// accounts.
	Account Setting
	// Switch is the variable without which there is nobody to ask: the gateway knows nothing then,
	// and refuses a refund.
	Switch string

	// OpenWebhook returns the verifier of its events, signed with one of the secrets.
	OpenWebhook func(secrets Secrets, account string) Webhook
	// OpenGateway returns who asks it, pays back by it and lists its events, at an address.
	OpenGateway func(secrets Secrets, address, account string) payment.Gateway
}

// Secret is a secret that a provider's room needs. Its value is not here.
type Secret struct {
	// Variable is that of the environment. In a function it holds references.
	Variable string
	// Parameters are those of the template that set the variable, one for each right that a
	// function may have.
	Parameters []string
	// Fit returns what is wrong with a value, without showing it.
	Fit func(secret string) error
}

// Setting is a variable that a provider's room reads and that may be shown.
type Setting struct {
	// Variable is that of the environment.
	Variable string
	// Parameter is that of the template.
	Parameter string
}

// Settings is how a provider's room gets at its settings: a function from its environment, a tool
// or a test as it likes.
type Settings struct {
	// Secrets returns where the live values of a secret are had; see Secrets.
	Secrets func(Secret) Secrets
	// Text returns the value of a variable, "" where it is not set.
	Text func(variable string) string
}

// Webhook returns the verifier of the provider's events.
func (r Registration) Webhook(s Settings) Webhook {
	return r.OpenWebhook(s.Secrets(r.WebhookSecret), s.text(r.Account))
}

// Gateway returns who asks the provider. What is left empty, or is wrong, does what the provider's
// own OpenGateway says of it.
func (r Registration) Gateway(s Settings) payment.Gateway {
	return r.OpenGateway(s.Secrets(r.GatewaySecret), s.text(r.Address), s.text(r.Account))
}

// text returns the value of a setting, "" of one that the provider has not.
func (s Settings) text(setting Setting) string {
	if setting.Variable == "" {
		return ""
	}
	return s.Text(setting.Variable)
}

package standin

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// The keys that this stack's functions hold: with the second nothing can be moved.
const (
	RefundKey = "rk_local_refund"
	ReadKey   = "rk_local_read"
)

const (
	maxForm      = 64 << 10
	usualPage    = 10 // items of a list that names no limit, as at Stripe
	largestPage  = 100
	maxMetadata  = 50
	maxMetaKey   = 40
	maxMetaValue = 500
)

// serveStripe adds Stripe's API, as far as it is played; the rest of it answers as an unknown path
// does there.
func (p *Provider) serveStripe(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/refunds", p.stripeCaller(p.createRefund))
	mux.HandleFunc("GET /v1/refunds", p.stripeCaller(p.listRefunds))
	mux.HandleFunc("GET /v1/refunds/{id}", p.stripeCaller(p.getRefund))
	mux.HandleFunc("GET /v1/events", p.stripeCaller(p.listEvents))
	mux.HandleFunc("GET /v1/events/{id}", p.stripeCaller(p.getEvent))
	mux.HandleFunc("GET /v1/checkout/sessions", p.stripeCaller(p.listSessions))
	mux.HandleFunc("GET /v1/checkout/sessions/{id}", p.stripeCaller(p.getSession))
	mux.HandleFunc("GET /v1/disputes", p.stripeCaller(p.listDisputes))
	mux.HandleFunc("GET /v1/payment_intents/{id}", p.stripeCaller(p.getIntent))
	mux.HandleFunc("/v1/", p.stripeCaller(func(w http.ResponseWriter, r *http.Request) {
		stripeRefuse(w, denial{
			status: http.StatusNotFound, kind: kindInvalid, message: fmt.Sprintf("Unrecognized request URL (%s: %s).", r.Method, r.URL.Path),
		})
	}))
}

// stripeCaller lets callers in who hold a local key, and who may do what they ask for.
func (p *Provider) stripeCaller(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		key, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if !ok || !strings.HasPrefix(key, "sk_local_") && !strings.HasPrefix(key, "rk_local_") {
			stripeRefuse(w, denial{status: http.StatusUnauthorized, kind: kindInvalid, message: "Invalid API Key provided."})
			return
		}
		// A restricted key proves that a function asks for no more than its key may do. A
		// rehearsal's is longer than a developer's, and begins as that does.
		if strings.HasPrefix(key, ReadKey) && r.Method != http.MethodGet {
			stripeRefuse(w, denial{
				status: http.StatusForbidden, kind: kindInvalid,
				message: "The provided key does not have the required permissions for this endpoint.",
			})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next(w, r)
	}
}

func stripeDeny(d denial) answer {
	body := map[string]any{"type": d.kind, "message": d.message}
	for name, value := range map[string]string{"code": d.code, "param": d.param} {
		if value != "" {
			body[name] = value
		}
	}
	return answer{status: d.status, body: marshal(map[string]any{"error": body}), keep: d.keep}
}

func stripeRefuse(w http.ResponseWriter, d denial) { write(w, stripeDeny(d)) }

func invalid(code, param, message string) *denial {
	return &denial{status: http.StatusBadRequest, kind: kindInvalid, code: code, param: param, message: message}
}

func missing(what, param, id string) *denial {
	return &denial{
		status: http.StatusNotFound, kind: kindInvalid, code: "resource_missing", param: param, message: fmt.Sprintf("No such %s: '%s'", what, id),
	}
}

// known refuses parameters that the endpoint has not, as Stripe does; "metadata[case]" is of
// "metadata".
func known(values url.Values, names ...string) *denial {
	for name := range values {
		plain, _, _ := strings.Cut(name, "[")
		if !slices.Contains(names, plain) {
			return invalid("parameter_unknown", name, "Received unknown parameter: "+name)
		}
	}
	return nil
}

// number reads a whole number from least upwards; absent, it is 0.
func number(values url.Values, name string, least int64) (int64, *denial) {
	text := values.Get(name)
	if text == "" && !values.Has(name) {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < least {
		return 0, invalid("parameter_invalid_integer", name, "Invalid integer: "+text)
	}
	return n, nil
}

func (p *Provider) createRefund(w http.ResponseWriter, r *http.Request) {
	o, refusal := refundOrder(r)
	if refusal != nil {
		stripeRefuse(w, *refusal)
		return
	}
	if o.key != "" {
		w.Header().Set("Idempotency-Key", o.key)
	}
	o.view = p.refundObject
	p.refund(w, o)
}

// refundOrder reads a call for a refund. What is refused here never ran, and leaves its key free.
func refundOrder(r *http.Request) (order, *denial) {
	if err := r.ParseForm(); err != nil {
		return order{}, invalid("", "", "The body is not form-encoded.")
	}
	form := r.PostForm
	if refusal := known(form, "payment_intent", "charge", "amount", "metadata", "reason", "currency"); refusal != nil {
		return order{}, refusal
	}
	// The print holds every parameter, so another request under the same key is told apart.
	o := order{
		provider: providerStripe, payment: form.Get("payment_intent"), key: r.Header.Get("Idempotency-Key"), print: "POST /v1/refunds " + form.Encode(),
		reason: form.Get("reason"), currency: form.Get("currency"), metadata: map[string]string{}, deny: stripeDeny,
	}
	if len(o.key) > maxKey {
		return order{}, &denial{status: http.StatusBadRequest, kind: kindIdempotency, message: "An idempotency key has at most 255 characters."}
	}
	// A charge names its payment here; Stripe takes either.
	if charge, ok := strings.CutPrefix(form.Get("charge"), chargeOf("")); ok && o.payment == "" {
		o.payment = charge
	}
	if o.payment == "" {
		return order{}, invalid("parameter_missing", "payment_intent", "One of the following params should be provided: payment_intent or charge.")
	}
	if o.reason != "" && !slices.Contains([]string{"duplicate", "fraudulent", "requested_by_customer"}, o.reason) {
		return order{}, invalid("", "reason", "Invalid reason: must be one of duplicate, fraudulent, or requested_by_customer")
	}
	var refusal *denial
	if o.minor, refusal = number(form, "amount", 1); refusal != nil {
		return order{}, refusal
	}
	// Only metadata has names of the caller's own, with Stripe's limits.
	for name, values := range form {
		inner, ok := strings.CutPrefix(name, "metadata[")
		if !ok {
			continue
		}
		inner = strings.TrimSuffix(inner, "]")
		if len(inner) > maxMetaKey || len(values[0]) > maxMetaValue {
			return order{}, invalid("", name, "Metadata keys have at most 40 characters, values 500.")
		}
		o.metadata[inner] = values[0]
	}
	if len(o.metadata) > maxMetadata {
		return order{}, invalid("", "metadata", "Metadata has at most 50 keys.")
	}
	return o, nil
}

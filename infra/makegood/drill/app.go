package drill

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"makegood/infra/local"
)

// app asks the stack as an app's server and its staff do.
type app struct{ base string }

type object = map[string]any

// requests numbers requests, so that each has an idempotency key of its own.
var requests atomic.Int64

// call sends one request and reads its answer; another status than the wanted one is an error.
func (a app) call(ctx context.Context, method, path, key string, body any, want int) (object, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	if body == nil {
		text = nil
	}
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+key)
	request.Header.Set("Idempotency-Key", "drill-"+strconv.FormatInt(time.Now().UnixNano(), 36)+"-"+strconv.FormatInt(requests.Add(1), 10))
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != want {
		return nil, fmt.Errorf("%s %s: %d: %s", method, path, response.StatusCode, read)
	}
	answer := object{}
	return answer, json.Unmarshal(read, &answer)
}

// claim claims that a charge was abnormal, which staff alone decide.
func (a app) claim(ctx context.Context, customer, payment string) (caseID string, err error) {
	answer, err := a.call(ctx, http.MethodPost, "/v1/refund-requests", local.AppKey, object{
		"kind": "abnormal_charge", "customer": customer, "payment": payment, "claim": object{
			"email": "drill@example.com", "paid_at": time.Now().UTC().Format(time.RFC3339), "amount": object{"currency": "USD", "minor": 1000},
			"reason": "a drill",
		},
	}, http.StatusAccepted)
	caseID, _ = answer["case"].(string)
	return caseID, err
}

// approve has staff give money back.
func (a app) approve(ctx context.Context, caseID string, minor int) error {
	_, err := a.call(ctx, http.MethodPost, "/v1/cases/"+caseID+"/verdict", local.OperatorKey, object{
		"outcome": "approved", "note": "a drill", "remedy": object{"money": object{"currency": "USD", "minor": minor}},
	}, http.StatusOK)
	return err
}

// state returns the state of a case.
func (a app) state(ctx context.Context, caseID string) (string, error) {
	answer, err := a.call(ctx, http.MethodGet, "/v1/cases/"+caseID, local.AppKey, nil, http.StatusOK)
	state, _ := answer["state"].(string)
	return state, err
}

// spend has a customer make a picture, and returns its price.
func (a app) spend(ctx context.Context, customer string) (price int64, err error) {
	policy, err := a.call(ctx, http.MethodGet, "/v1/policy", local.AppKey, nil, http.StatusOK)
	if err != nil {
		return 0, err
	}
	features, _ := policy["features"].([]any)
	if len(features) == 0 {
		return 0, fmt.Errorf("the policy has no features")
	}
	feature, _ := features[0].(object)
	made, err := a.call(ctx, http.MethodPost, "/v1/generations", local.AppKey, object{
		"customer": customer, "feature": feature["name"], "platform": "web",
	}, http.StatusCreated)
	if err != nil {
		return 0, err
	}
	_, err = a.call(ctx, http.MethodPost, fmt.Sprintf("/v1/generations/%v/result", made["id"]), local.AppKey, object{
		"status": "succeeded", "finished_at": time.Now().UTC().Format(time.RFC3339Nano),
	}, http.StatusAccepted)
	return number(made["price"]), err
}

// balance returns what a customer has and owes.
func (a app) balance(ctx context.Context, customer string) (available, owed int64, err error) {
	answer, err := a.call(ctx, http.MethodGet, "/v1/customers/"+customer, local.AppKey, nil, http.StatusOK)
	if err != nil {
		return 0, 0, err
	}
	balance, _ := answer["balance"].(object)
	return number(balance["available"]), number(balance["owed"]), nil
}

// number reads an integer of JSON.
func number(value any) int64 {
	n, _ := value.(float64)
	return int64(n)
}

#!/usr/bin/env bash
# Plays a customer on a stack: a grant, a generation that fails and whose credits come back, a bad result up to its verdict, and the
# statement, which must sum to the balance. It exits 1 where an answer is not as it must be.
#   API=https://… APP_KEY=… infra/operate/smoke.sh
# With OPERATOR_KEY, a case that waits for staff is approved. The customer is new each time, and stays: use it on staging.
set -euo pipefail
: "${API:?the address of the stack}" "${APP_KEY:?a key of the app}"

customer=smoke-$(date +%s)-$RANDOM
step=start
trap '(($? == 0)) || echo "smoke: $step" >&2' EXIT

call() { # METHOD PATH BODY KEY
  curl -sS --fail-with-body --max-time 30 -X "$1" "$API/v1/$2" -H "Authorization: Bearer $4" -H "Idempotency-Key: $RANDOM-$RANDOM-$RANDOM" ${3:+-d "$3"}
}
get() { call GET "$1" "" "$APP_KEY"; }
post() { call POST "$1" "$2" "$APP_KEY"; }

until_is() { # PATH JQ: a minute at the most
  for _ in $(seq 120); do
    get "$1" | jq -e "$2" >/dev/null && return
    sleep 0.5
  done
  get "$1" >&2
  return 1
}

step="the policy is not read"
policy=$(get policy)
read -r feature price <<<"$(jq -r '[.features[] | select(.reportable.web)] | min_by(.price) | "\(.name) \(.price)"' <<<"$policy")"

step="credits are not granted"
post grants "$(jq -n --arg c "$customer" --argjson n $((2 * price)) '{customer: $c, credits: $n, source: "promotion"}')" >/dev/null
until_is "customers/$customer" ".balance.available == $((2 * price))"

start() { post generations "{\"customer\":\"$customer\",\"feature\":\"$feature\",\"platform\":\"web\"}" | jq -er .id; }
ends() { post "generations/$1/result" "$(jq -n --argjson r "$2" '$r + {finished_at: (now | todate)}')" >/dev/null; }

step="a failed generation is not given back"
failed=$(start)
ends "$failed" '{"status":"failed","failure":{"cause":"platform","code":"smoke","message":"on purpose"}}'
until_is "generations/$failed" '.state == "released" and .case != null'
clause=$(get "cases/$(get "generations/$failed" | jq -r .case)" | jq -er .decision.clause)
echo "a failed $feature came back by clause $clause"

step="a bad result gets no answer"
drawn=$(start)
ends "$drawn" '{"status":"succeeded"}'
until_is "generations/$drawn" '.state == "captured"'
report=$(post reports "{\"generation\":\"$drawn\",\"description\":\"smoke test\"}" | jq -er .case)
until_is "cases/$report" '.decision != null'
if [[ -n ${OPERATOR_KEY:-} && $(get "cases/$report" | jq -r .state) == in_review ]]; then
  call POST "cases/$report/verdict" '{"outcome":"approved","note":"smoke test"}' "$OPERATOR_KEY" >/dev/null
  until_is "cases/$report" '.state == "approved"'
fi
get "cases/$report" | jq -r '"the bad result is \(.state) by clause \(.decision.clause)"'

step="the statement does not sum to the balance"
balance=$(get "customers/$customer" | jq .balance.available)
sum=$(get "customers/$customer/statement" | jq '[.entries[] | (if .to == "available" then .amount else 0 end) - (if .from == "available" then .amount else 0 end)] | add')
[[ $sum == "$balance" ]]
echo "the statement of $customer sums to $balance"

package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What the JSON Schema says of a busted file.
const (
	refuses    = "refuses"    // editors show the fault too
	accepts    = "accepts"    // only the loader sees it
	unreadable = "unreadable" // no single YAML document
)

// edits are slips of the pen in testdata/working_two_rules.yaml, and the place and words of the
// fault.
var edits = []struct{ old, new, schema, want string }{
	{"[platform]", "[weather]", refuses, `20:30: rules.technical_failure[0].when.failure_cause[0]: unknown word "weather": must be platform, input, safety, cancelled`},
	{"  technical_failure:\n", "  bad_weather:\n", refuses, `19:5: rules.bad_weather: unknown kind "bad_weather": must be technical_failure, bad_result,`},
	{"      answer: declined", "      answer: maybe", refuses, `24:15: rules.technical_failure[1].answer: unknown word "maybe": must be approved, declined, in_review`},
	{"give: price", "give: everything", refuses, `22:22: rules.technical_failure[0].remedy.give: unknown word "everything": must be amount, price, purchase_credits, unspent_share`},
	{"calendar: weekdays", "calendar: lunar", refuses, `16:22: response.calendar: unknown word "lunar": must be ca, de, ecb, everyday, fr, gb, us, weekdays`},
	{"surfaces: {", "second_person: {appeals: false}\nsurfaces: {", refuses, `11:16: second_person: asks for nobody: write appeals: true, or money_above, or leave it out`},
	{"surfaces: {", "second_person: {money_above: {usd: 5000}}\nsurfaces: {", refuses, `11:36: second_person.money_above.usd: needs a currency of three upper-case letters and an amount in its minor unit`},
	{"surfaces: {", "second_person: {money_above: {USD: -1}}\nsurfaces: {", refuses, `11:36: second_person.money_above.USD: needs a currency of three upper-case letters and an amount in its minor unit`},
	{"surfaces: {", "second_person: {money_above: {USD: 50.5}}\nsurfaces: {", refuses, `11:36: second_person.money_above.USD: must be an integer, not`},
	{"rule: expire", "rule: forget", refuses, `12:21: expired_lot.rule: unknown word "forget": must be expire, extend`},
	{"surfaces: {", "claims: [{kind: bad_result, label: Bad}]\nsurfaces: {", refuses, `11:17: claims[0].kind: unknown word "bad_result": must be duplicate_charge,`},
	{"surfaces: {", "claims: [{kind: outage, label: Down, needs: [email]}]\nsurfaces: {", refuses, `11:46: claims[0].needs[0]: unknown word "email": must be payment, transaction_ids, attachments`},
	{"surfaces: {", "modes: [loan]\nsurfaces: {", refuses, `11:9: modes[0]: unknown word "loan": must be paid, free, own_key`},
	{"surfaces: {", "modes: []\nsurfaces: {", refuses, `11:8: modes: must name at least one of paid, free, own_key`},
	{"surfaces: {", "modes: [paid, paid]\nsurfaces: {", refuses, `11:15: modes[1]: "paid" stands here twice`},
	{"price: 0, ", "price: 1000000000000001, ", refuses, `10:25: features[0].price: must be at most 1000000000000000, what a wallet holds`},
	{"price: 0, ", "", refuses, `10:5: features[0].price: is missing`},
	{", android: false", "", refuses, `10:60: features[0].reportable.android: is missing: write true or false`},
	{"unit: {name: credits, scale: 0}\n", "", refuses, `4:1: unit: is missing`},
	{"  X3: {says: No rule., ours: true, reasons: {in_review: A person decides.}, ruled: {approved: A person granted it., declined: A person refused it.}}\n", "", refuses, `26:3: clauses.X3.reasons.in_review: every policy has it`},
	{"  in_review: {name: in_review, words: In review.}\n", "", refuses, `32:3: notices.in_review: is missing`},
	{"      answer: declined", "      answer: declined\n      remedy: {give: price, to: balance}", refuses, `25:15: rules.technical_failure[1].remedy: stands only on an approved answer`},
	{"to: balance", "to: payment_method", refuses, `22:33: rules.technical_failure[0].remedy.to: price goes to balance`},
	{"give: price, to: balance", "give: amount, to: payment_method", refuses, `22:22: rules.technical_failure[0].remedy.give: the facts of technical_failure do not hold this`},
	{"give: price,", "give: price, share: 0,", refuses, `22:36: rules.technical_failure[0].remedy.share: must lie between 1 and 99 percent: all of it has no share`},
	{"give: price,", "give: price, share: 100,", refuses, `22:36: rules.technical_failure[0].remedy.share: must lie between 1 and 99 percent: all of it has no share`},
	{"give: price,", "give: price, share: half,", refuses, `22:36: rules.technical_failure[0].remedy.share: must be an integer, not string`},
	{"give: price,", "give: purchase_credits,", refuses, `22:22: rules.technical_failure[0].remedy.give: the facts of technical_failure do not hold this`},
	{"  technical_failure:\n    - clause: T1\n      when: {failure_cause: [platform]}", "  outage:\n    - clause: T1\n      when: {down_over: 48h}", refuses, `22:22: rules.outage[0].remedy.give: the facts of outage do not hold this`},
	{"{failure_cause: [platform]}", "{credited: false}", refuses, `20:24: rules.technical_failure[0].when.credited: the facts of technical_failure do not hold this`},
	{"[platform]", "[]", refuses, `20:29: rules.technical_failure[0].when.failure_cause: must name at least one of platform, input, safety, cancelled`},
	{"[platform]", "[platform, platform]", refuses, `20:40: rules.technical_failure[0].when.failure_cause[1]: "platform" stands here twice`},
	{"{failure_cause: [platform]}", "{failed_attempts_from: 1}", refuses, `20:36: rules.technical_failure[0].when.failed_attempts_from: must be at least 2: every failure is one attempt`},
	{"credits: 10,", "credits: ten,", refuses, `8:26: packages[0].credits: must be an integer, not string`},
	{"credits: 10,", "credits: \"10\",", refuses, `8:26: packages[0].credits: must be an integer, not string`},
	{"name: draw, price: 0,", "name:\t\t5, price: 0,", refuses, `10:13: features[0].name: must be text, not integer`},
	{"name: draw", "name: 5", refuses, `10:12: features[0].name: must be text, not integer`},
	{"grants_unpaid: true", "grants_unpaid: \"true\"", refuses, `13:16: grants_unpaid: must be true or false, not string`},
	{"grants_unpaid: true", "grants_unpaid:", refuses, `13:15: grants_unpaid: must be true or false, not null`},
	{"unit: {name: credits, scale: 0}", "unit: [credits, 0]", refuses, `6:7: unit: must be a mapping, not sequence`},
	{"[platform]", "{cause: platform}", refuses, `20:29: rules.technical_failure[0].when.failure_cause: must be a list, not mapping`},
	{"credits: 10,", "credits: 9223372036854775808,", accepts, `8:26: packages[0].credits: must be an integer of at most 64 bits, not 9223372036854775808`},
	{"30s", "soon", refuses, `10:43: features[0].result_within: must be a duration as 30s, 5m or 24h, not "soon"`},
	{"clauses:\n", "clauses:\n  T0: &t0 {says: It failed., reasons: {approved: It failed.}}\n", accepts, `26:7: clauses.T0: must be a mapping, not anchor`},
	{"30s", "30", refuses, `10:43: features[0].result_within: must be a duration as 30s, 5m or 24h, not integer`},
	{"30s", "0s", accepts, `10:43: features[0].result_within: must be a positive duration of at most 24h0m0s, as 5m`},
	{"minor: 100", "minor: 0", refuses, `8:60: packages[0].price.minor: must be positive`},
	{"EUR", "euro", refuses, `8:37: packages[0].price: needs a currency of three upper-case letters and an amount that is not negative`},
	{"name: busted", "name: Busted Policy", refuses, `4:7: name: must be lower-case words joined by hyphens`},
	{"revision: 2026-03-01", "revision: next week", refuses, `5:11: revision: must be the day it takes effect, as 2026-01-31`},
	{"revision: 2026-03-01", "revision: 2026-02-30", accepts, `5:11: revision: must be the day it takes effect, as 2026-01-31`},
	{"requests_over: 0", "requests_over: -1", refuses, `15:24: abuse.requests_over: must lie between 0 and 100`},
	{"extend_days: 7", "extend_days: 0", refuses, `12:42: expired_lot.extend_days: must lie between 1 and 3660`},
	{"  T2: {says", "  second: {says", refuses, `23:15: rules.technical_failure[1].clause: unknown clause "T2": it does not stand under clauses`},
	{"says: It failed.", "says: \"\"", refuses, `26:14: clauses.T1.says: is missing`},
	{"credits: 10, price: {currency: EUR, minor: 100}}", "credits: 10, price: {currency: EUR, minor: 100}}\n  - {name: ten, credits: 20, price: {currency: EUR, minor: 180}}", accepts, `9:12: packages[1].name: duplicate package "ten"`},
	{"{declined: It did not.}", "{in_review: Perhaps.}", accepts, `27:48: clauses.T2.reasons: the clause answers declined but has no reason for it`},
	{"{failure_cause: [platform]}", "{asked_late: false}", accepts, `20:26: rules.technical_failure[0].when.asked_late: needs windows.report`},
	{"words: In review.}", "words: In review., for: {bad_weather: Wait.}}", refuses, `34:70: notices.in_review.for.bad_weather: unknown word "bad_weather"`},
	{"says: No rule., ours: true, ", "says: No rule., ours: true, binds: clock, ", refuses, `30:43: clauses.X3.binds: stands only on a clause that never decides`},
	{"clauses:\n", "clauses:\n  T0: {says: Soon., binds: weather}\n", refuses, `26:28: clauses.T0.binds: unknown word "weather": must be upload, request, clock, remedy, notice, terms, service, steps, contact`},
	{"says: It failed.", "says: It failed., table: chairs", refuses, `26:33: clauses.T1.table: unknown word "chairs": must be packages, features`},
	{"{calendar: weekdays}", "{calendar: weekdays, respond_days: 0}", refuses, `16:46: response.respond_days.to: must lie between 1 and 260`},
	{"{calendar: weekdays}", "{calendar: weekdays, respond_days: soon}", refuses, `16:46: response.respond_days: must be a number of days, or from and to, not string`},
	{"{calendar: weekdays}", "{calendar: weekdays, pay_days: {from: 3}}", refuses, `16:42: response.pay_days.to: is missing: the most days that it takes`},
	{"{calendar: weekdays}", "{calendar: weekdays, pay_days: {to: 261}}", refuses, `16:47: response.pay_days.to: must lie between 1 and 260`},
	{"{calendar: weekdays}", "{calendar: weekdays, pay_days: {from: 0, to: 3}}", refuses, `16:49: response.pay_days.from: must lie between 1 and less than to`},
	{"{calendar: weekdays}", "{calendar: weekdays, pay_days: {from: 3, to: 3}}", accepts, `16:49: response.pay_days.from: must lie between 1 and less than to`},
	{"rules:\n", "contact: {email: nobody}\nrules:\n", refuses, `17:18: contact.email: must be an address, or [email protected] where the published text hides it`},
	{"says: It failed.", "says: \"Write to [email protected]\"", accepts, `26:14: clauses.T1.says: hides an address: write [email protected] as contact.email, too`},
	{"clauses:\n", "clauses:\n  T0: {says: Soon., binds: clock, reasons: {approved: It was soon.}}\n", refuses, `26:55: clauses.T0.reasons.approved: no rule of this clause answers so without a reason of its own`},
	{", declined: A person refused it.", "", refuses, `30:84: clauses.X3.ruled.declined: every policy has it: what a person decided`},
	{"{declined: It did not.}}", "{declined: It did not.}, ruled: {approved: Yes.}}", accepts, `27:91: clauses.T2.ruled.approved: nobody reads it: no rule of this clause answers so or sends to review, so it is not cited for that`},
	{"unit: {name", "windows: {appeal: 0s}\nunit: {name", accepts, `6:19: windows.appeal: must be a positive duration`},
	{"unit: {name", "windows: {appeal: 24h}\nunit: {name", accepts, `33:3: notices.appealed: is missing: an appeal may be made, and who made one is told`},
	{"  in_review: {name: in_review, words: In review.}\n", "  in_review: {name: in_review, words: In review.}\n  appealed: {name: appealed, words: Received.}\n", accepts, `35:13: notices.appealed: no appeal may be made: windows.appeal is left out`},
	{"name: not_refunded", "name: in_review", accepts, `33:20: notices.declined.name: must not be that of in_review: a case in review is told of twice`},
	{"clauses:\n", "  bad_result:\n    - clause: T2\n      when: {defects: []}\n      answer: declined\nclauses:\n", refuses, `27:23: rules.bad_result[0].when.defects: must name at least one`},
	{"clauses:\n", "  bad_result: []\nclauses:\n", refuses, `25:15: rules.bad_result: must hold a rule: leave the kind out to send it to review`},
	{"  T2: {says: It did not., ours: true, reasons: {declined: It did not.}}", "  T2: {says: It did not., ours: true}", accepts, `27:7: clauses.T2.reasons: the clause answers declined but has no reason for it`},
	{"      answer: declined", "      answer: declined\n      reason: No.", accepts, `28:59: clauses.T2.reasons.declined: no rule of this clause answers so without a reason of its own`},
	{"reasons: {approved: It failed.}", "reasons: {approved: {de: Es schlug fehl.}}", refuses, `26:58: clauses.T1.reasons.approved: has no English (en)`},
	{"reasons: {approved: It failed.}", "reasons: {approved: {}}", refuses, `26:58: clauses.T1.reasons.approved: has no English (en)`},
	{"reasons: {approved: It failed.}", "reasons: {approved: {en: It failed., german: Es schlug fehl.}}", refuses, `26:83: clauses.T1.reasons.approved.german: unknown language "german": must be as en, de or pt-BR`},
	{"reasons: {approved: It failed.}", "reasons: {approved: {en: It failed., de: \"\"}}", refuses, `26:79: clauses.T1.reasons.approved.de: must not be empty`},
	{"reasons: {approved: It failed.}", "reasons: {approved: [It failed.]}", refuses, `26:58: clauses.T1.reasons.approved: must be text, or text by language, not sequence`},
	{"reasons: {approved: It failed.}", "reasons: {approved: {en: 5}}", refuses, `26:63: clauses.T1.reasons.approved.en: must be text, not integer`},
	{"reasons: {approved: It failed.}", "reasons: {approved: \"{money} is back.\"}", accepts, `26:58: clauses.T1.reasons.approved: unknown placeholder {money}: known are {credits}, {amount}, {method}, {by}, {claim_until}, {on}, {came}, {outputs}`},
	{"reasons: {approved: It failed.}", "reasons: {approved: \"It {failed.\"}", accepts, `26:58: clauses.T1.reasons.approved: unknown placeholder {failed.: known are`},
	{"reasons: {approved: It failed.}", "reasons: {approved: \"It} failed.\"}", accepts, `26:58: clauses.T1.reasons.approved: unknown placeholder }: known are`},
	{"reasons: {approved: It failed.}", "reasons: {approved: \"{amount} is back.\"}", accepts, `26:58: clauses.T1.reasons.approved: {amount} cannot be filled here: only {credits}, {method} can be`},
	{"reasons: {approved: It failed.}", "reasons: {approved: \"{credits}, {by}.\"}", accepts, `26:58: clauses.T1.reasons.approved: {by} cannot be filled here: only {credits}, {method} can be`},
	{"reasons: {approved: It failed.}", "reasons: {approved: {en: It failed., de: \"Auf {method}.\"}}", accepts, `26:79: clauses.T1.reasons.approved.de: {method} needs methods in "de"`},
	{"reasons: {declined: It did not.}", "reasons: {declined: \"Not {credits}.\"}", accepts, `27:59: clauses.T2.reasons.declined: {credits} cannot be filled here: no placeholder can be`},
	{"reasons: {in_review: A person decides.}", "reasons: {in_review: \"By {by}.\"}", accepts, `30:57: clauses.X3.reasons.in_review: {by} cannot be filled here: no placeholder can be`},
	{"approved: A person granted it.", "approved: \"{credits} granted.\"", accepts, `30:95: clauses.X3.ruled.approved: {credits} cannot be filled here: only {method} can be`},
	{"words: Refunded.}", "words: \"{credits} refunded.\"}", accepts, `32:37: notices.approved.words: {credits} cannot be filled here: only {method} can be`},
	{"words: Refunded.}", "words: Refunded., for: {bad_result: \"{amount} refunded.\"}}", accepts, `32:66: notices.approved.for.bad_result: {amount} cannot be filled here: only {credits}, {method} can be`},
	{"words: Refunded.}", "words: Refunded., money: \"{amount} by {by}.\"}", accepts, `32:55: notices.approved.money: {by} cannot be filled here: only {amount}, {method} can be`},
	{"words: Not refunded.}", "words: Not refunded., money: Not refunded.}", accepts, `33:63: notices.declined.money: stands only on approved: nothing else pays money`},
	{"words: Not refunded.}", "words: Not refunded., names: {bad_result: Not Refunded}}", refuses, `33:76: notices.declined.names.bad_result: must be lower-case words joined by underscores`},
	{"words: Not refunded.}", "words: Not refunded., names: {bad_weather: rain}}", refuses, `33:77: notices.declined.names.bad_weather: unknown word "bad_weather"`},
	{"words: Not refunded.}", "words: Not refunded., names: {bad_result: in_review}}", accepts, `33:76: notices.declined.names.bad_result: must not be that of in_review: a case in review is told of twice`},
	{"words: In review.}", "words: In review., names: {outage: not_refunded}}", accepts, `33:20: notices.declined.name: must not be that of in_review: a case in review is told of twice`},
	{"words: In review.}", "words: \"By {by}.\"}", accepts, `34:39: notices.in_review.words: {by} cannot be filled here: no placeholder can be`},
	{"words: In review.}", "words: In review.}\n  offered: {name: offered, words: Claim it.}", accepts, `35:12: notices.offered: no rule approves an outage, so nothing is offered`},
	{"words: In review.}", "words: In review.}\nmessages: {bill: Pay.}", refuses, `35:18: messages.bill: unknown word "bill": must be paid, failed, unpaid, partial, partial_none, partial_free, standing_good,`},
	{"words: In review.}", "words: In review.}\nmessages: {paid: \"{credits} paid.\"}", accepts, `35:18: messages.paid: {credits} cannot be filled here: only {amount}, {method}, {on} can be`},
	{"words: In review.}", "words: In review.}\nmessages: {failed: \"{amount} by {on}.\"}", accepts, `35:20: messages.failed: {on} cannot be filled here: only {amount}, {method} can be`},
	{"words: In review.}", "words: In review.}\nmessages: {partial_none: \"{came} came.\"}", accepts, `35:26: messages.partial_none: {came} cannot be filled here: only {outputs}, {credits} can be`},
	{"words: In review.}", "words: In review.}\nmessages: {case: \"Case {by}\"}", accepts, `35:18: messages.case: {by} cannot be filled here: no placeholder can be`},
	{"words: In review.}", "words: In review.}\nmessages: {paid: {de: Bezahlt.}}", refuses, `35:18: messages.paid: has no English (en)`},
	{"words: In review.}", "words: In review.}\nmethods: {wallet: your wallet}", refuses, `35:19: methods.wallet: unknown word "wallet": must be balance, payment_method`},
	{"words: In review.}", "words: In review.}\nmethods: {balance: \"your {credits}\"}", accepts, `35:20: methods.balance: {credits} cannot be filled here: no placeholder can be`},
	{"  technical_failure:\n    - clause: T1\n      when: {failure_cause: [platform]}\n      answer: approved\n      remedy: {give: price, to: balance}\n", "  outage:\n    - clause: T1\n      when: {down_over: 48h}\n      answer: approved\n      remedy: {give: amount, to: payment_method}\n", accepts, `32:3: notices.offered: is missing: a rule approves an outage, and who may claim is told`},
	{"price: 0, ", "price: 0, prices: [{when: {model: pro}, price: 1}, {when: {model: pro}, price: 2}], ", accepts, `10:76: features[0].prices[1].when: stands here twice: one price for the same options`},
	{"price: 0, ", "price: 0, prices: [{per_second: 1, max_seconds: 5}, {per_second: 2, max_seconds: 9}], ", accepts, `10:70: features[0].prices[1].when: stands here twice: one price for the same options`},
	{"price: 0, ", "price: 0, prices: [{when: {model: pro}}], ", refuses, `10:37: features[0].prices[0].price: is missing`},
	{"price: 0, ", "price: 0, prices: [{price: 1}], ", refuses, `10:37: features[0].prices[0].when: is missing: without options the feature's own price holds`},
	{"price: 0, ", "price: 0, prices: [{when: {}, price: 1}], ", refuses, `10:44: features[0].prices[0].when: is missing: without options the feature's own price holds`},
	{"price: 0, ", "price: 0, prices: [{when: {colour: red}, price: 1}], ", refuses, `10:45: features[0].prices[0].when.colour: unknown field: known are model, size`},
	{"price: 0, ", "price: 0, prices: [{when: {model: \"\"}, price: 1}], ", refuses, `10:52: features[0].prices[0].when.model: must be 1 to 100 characters with no space around them`},
	{"price: 0, ", "price: 0, prices: [{when: {model: \" pro\"}, price: 1}], ", accepts, `10:52: features[0].prices[0].when.model: must be 1 to 100 characters with no space around them`},
	{"price: 0, ", "price: 0, prices: [{when: {size: 4}, price: 1}], ", refuses, `10:51: features[0].prices[0].when.size: must be text, not integer`},
	{"price: 0, ", "price: 0, prices: [{when: {model: pro}, price: -1}], ", refuses, `10:65: features[0].prices[0].price: must not be negative`},
	{"price: 0, ", "price: 0, prices: [{per_second: 1}], ", refuses, `10:37: features[0].prices[0].max_seconds: is missing: how long it may be at most`},
	{"price: 0, ", "price: 0, prices: [{max_seconds: 5}], ", refuses, `10:37: features[0].prices[0].per_second: is missing`},
	{"price: 0, ", "price: 0, prices: [{per_second: 1, max_seconds: 3601}], ", refuses, `10:66: features[0].prices[0].max_seconds: must lie between 1 and 3600`},
	{"price: 0, ", "price: 0, prices: [{per_second: 1, max_seconds: 0}], ", refuses, `10:66: features[0].prices[0].max_seconds: must lie between 1 and 3600`},
	{"price: 0, ", "price: 0, prices: [{price: 2, per_second: 1, max_seconds: 5}], ", refuses, `10:45: features[0].prices[0].price: stands beside per_second: write one of them`},
	{"price: 0, ", "price: 0, prices: [{per_second: 1000000000000000, max_seconds: 2}], ", accepts, `10:50: features[0].prices[0].per_second: comes to more than a wallet holds in 2 seconds`},
	{"price: 0, ", "price: 0, prices: [{when: {model: [pro]}, price: 1}], ", refuses, `10:52: features[0].prices[0].when.model: must be text, not sequence`},
	{"rules:\n", "evidence: {decides: [blank, blurred], stops: {wrongly_paid_percent: 5, from: 20}}\nrules:\n", refuses, `17:29: evidence.decides[1]: "blurred" never decides: good results have it too, so a person looks; those that may are empty, undecodable, truncated, blank, wrong_size, failure_card, same_as_unusable, unchanged`},
	{"rules:\n", "evidence: {decides: [similar], stops: {wrongly_paid_percent: 5, from: 20}}\nrules:\n", refuses, `17:22: evidence.decides[0]: "similar" never decides`},
	{"rules:\n", "evidence: {decides: [adjudicated], stops: {wrongly_paid_percent: 5, from: 20}}\nrules:\n", refuses, `17:22: evidence.decides[0]: "adjudicated" is no signal: evidence.adjudicator.cap lets a model support a refund`},
	{"rules:\n", "evidence: {decides: [blnk], stops: {wrongly_paid_percent: 5, from: 20}}\nrules:\n", refuses, `17:22: evidence.decides[0]: unknown word "blnk": must be empty, undecodable, truncated, blank, wrong_size, failure_card, same_as_unusable, unchanged`},
	{"rules:\n", "evidence: {decides: [blank, blank], stops: {wrongly_paid_percent: 5, from: 20}}\nrules:\n", refuses, `17:29: evidence.decides[1]: "blank" stands here twice`},
	{"rules:\n", "evidence: {decides: [], stops: {wrongly_paid_percent: 5, from: 20}}\nrules:\n", refuses, `17:21: evidence.decides: must name at least one of empty, undecodable, truncated, blank, wrong_size, failure_card, same_as_unusable, unchanged`},
	{"rules:\n", "evidence: {decides: [blank], stops: {wrongly_paid_percent: 5, from: 20}, failure_cards: [AB]}\nrules:\n", refuses, `17:90: evidence.failure_cards[0]: must be the SHA-256 of a picture: 64 hexadecimal digits in lower case`},
	{"rules:\n", "evidence: {decides: [blank], stops: {wrongly_paid_percent: 5, from: 20}, adjudicator: {cap: 0}}\nrules:\n", refuses, `17:93: evidence.adjudicator.cap: must lie between 1 and 1000000000000000 credits`},
	{"rules:\n", "evidence: {decides: [blank]}\nrules:\n", refuses, `17:11: evidence.stops: is missing: when what decides by itself is wrong too often`},
	{"rules:\n", "evidence: {decides: [blank], stops: {wrongly_paid_percent: 101, from: 0}}\nrules:\n", refuses, `17:60: evidence.stops.wrongly_paid_percent: must lie between 0 and 100`},
	{"rules:\n", "evidence: {decides: [blank], stops: {wrongly_paid_percent: 1, from: 0}}\nrules:\n", refuses, `17:69: evidence.stops.from: must lie between 1 and 10000`},
	{"result_within: 30s, ", "result_within: 30s, must_change: maybe, ", refuses, `10:61: features[0].must_change: must be true or false, not string`},
	{"result_within: 30s, ", "result_within: 30s, examples: [\"http://a.example/1.png\"], ", refuses, `10:59: features[0].examples[0]: must be a link, as https://example.com/one.jpg`},
	{"name: busted", "---\nname: other\n---\nname: busted", unreadable, `6:1: must hold exactly one document`},
	{"clauses:\n", "---\nclauses:\n", unreadable, `25:1: must hold exactly one document`},
	{"clauses:\n", "...\nclauses:\n", unreadable, `26:1: must hold exactly one document`},
	{"name: busted", "name: \"busted", unreadable, `4:7: could not find end character of double-quoted text`},
}

// busted is a file that must not be loaded: want begins with line:column of the fault.
type busted struct{ name, source, schema, want string }

// bustedFiles returns testdata/busted_*.yaml, whose first two lines say what must come of them, and
// the working file with each edit.
func bustedFiles(t *testing.T) []busted {
	t.Helper()
	var files []busted
	for _, name := range glob(t, "testdata/busted_*.yaml") {
		source := read(t, name)
		lines := strings.SplitN(source, "\n", 3)
		schema, ok1 := strings.CutPrefix(lines[0], "# schema: ")
		want, ok2 := strings.CutPrefix(lines[1], "# want: ")
		require.True(t, ok1 && ok2, "%s must begin with # schema: and # want:", name)
		files = append(files, busted{name, source, schema, want})
	}
	const file = "testdata/working_two_rules.yaml"
	source := read(t, file)
	files = append(files, busted{file, "", unreadable, "1:1: must hold exactly one document"})
	for _, edit := range edits {
		require.Contains(t, source, edit.old)
		files = append(files, busted{file, strings.Replace(source, edit.old, edit.new, 1), edit.schema, edit.want})
	}
	return files
}

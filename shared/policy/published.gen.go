// Code generated from published/*/*.yaml by infra/compile-policies. DO NOT EDIT.

//go:build !uncompiled

package policy

import (
	"time"

	"makegood/shared/evidence"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/money"
	"makegood/shared/payment"
)

// published are the policies of this binary, by name.
var published = []edition{
	newEdition("goopter", revisions0),
	newEdition("photoroom", revisions1),
	newEdition("popcustoms", revisions2),
}

// revisions0 are those of goopter.
func revisions0() []Revision {
	return []Revision{
		{
			Name:     "goopter",
			Revision: "2026-02-13",
			Title:    "Refund Policy",
			Digest:   "sha256:1a7b4dce1aed00ec",
			Unit: Unit{
				Name: "credits",
			},
			PurchaseWindow: 2592000 * time.Second,
			AppealWindow:   1209600 * time.Second,
			ExpiredLot: ledger.ExpiredLot{
				Rule:       "extend",
				ExtendDays: 30,
			},
			Modes: []Mode{
				"paid",
				"free",
			},
			Surfaces: Surfaces{
				Editor:  true,
				Batch:   true,
				Catalog: true,
			},
			Duplicates: Duplicates{
				Same: 600 * time.Second,
				Look: 86400 * time.Second,
			},
			Abuse: Abuse{
				RequestsOver:       20,
				RefundsOverPercent: 30,
				FromGenerations:    10,
			},
			Response: Response{
				Calendar: "weekdays",
				Respond: Days{
					From: 3,
					To:   5,
					Aim:  true,
				},
				Pay: Days{
					From: 5,
					To:   10,
				},
			},
			Contact: Contact{
				Name:       "Goopter Holdings Ltd (DBA: Goopter Commerce)",
				Phone:      "(778) 875-8095",
				Address:    "7790 Royal Oak Ave, Burnaby, BC V5J 4K4",
				HidesEmail: true,
			},
			packages: []payment.Package{
				{
					Name:    "starter",
					Title:   "Starter",
					Credits: 50,
					Price: money.Amount{
						Currency: "USD",
						Minor:    500,
					},
				},
				{
					Name:    "basic",
					Title:   "Basic",
					Credits: 120,
					Price: money.Amount{
						Currency: "USD",
						Minor:    1000,
					},
				},
				{
					Name:    "pro",
					Title:   "Pro",
					Credits: 300,
					Price: money.Amount{
						Currency: "USD",
						Minor:    2000,
					},
				},
				{
					Name:    "premium",
					Title:   "Premium",
					Credits: 1000,
					Price: money.Amount{
						Currency: "USD",
						Minor:    5000,
					},
				},
			},
			features: []Feature{
				{
					Feature: generation.Feature{
						Name:  "remove-background",
						Price: 3,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
				},
				{
					Feature: generation.Feature{
						Name:  "upscale",
						Price: 3,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
				},
			},
			rules: map[Kind][]rule{
				"bad_result": {
					{
						clause: "G3.4",
						when: when{
							Standing: []ledger.Standing{
								"terminated",
							},
						},
						answer: "declined",
					},
					{
						clause: "G3.2",
						answer: "declined",
					},
				},
				"change_of_mind": {
					{
						clause: "G3.4",
						when: when{
							Standing: []ledger.Standing{
								"terminated",
							},
						},
						answer: "declined",
					},
					{
						clause: "G3.3",
						when: when{
							RequestedLate: new(true),
						},
						answer: "declined",
					},
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "G3.1",
						when: when{
							CreditsLeft: new(false),
						},
						answer: "declined",
					},
					{
						clause: "G1",
						answer: "declined",
					},
				},
				"duplicate_charge": {
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "G2.2",
						when: when{
							Standing: []ledger.Standing{
								"terminated",
							},
						},
						answer: "in_review",
					},
					{
						clause: "G2.2",
						when: when{
							RequestedLate: new(true),
						},
						answer: "in_review",
					},
					{
						clause: "G2.2",
						when: when{
							OriginalKnown: new(true),
							CreditsSpent:  new(false),
						},
						answer: "approved",
						gives:  "amount",
						to:     "payment_method",
						share:  100,
					},
					{
						clause: "G2.2",
						answer: "in_review",
					},
				},
				"not_credited": {
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "G2.1",
						when: when{
							Credited: new(true),
						},
						answer: "declined",
					},
					{
						clause: "G2.1",
						when: when{
							Standing: []ledger.Standing{
								"terminated",
							},
						},
						answer: "in_review",
					},
					{
						clause: "G2.1",
						when: when{
							RequestedLate: new(true),
						},
						answer: "in_review",
					},
					{
						clause: "G2.1",
						answer: "approved",
						gives:  "purchase_credits",
						to:     "balance",
						share:  100,
					},
				},
				"outage": {
					{
						clause: "G3.4",
						when: when{
							Standing: []ledger.Standing{
								"terminated",
							},
						},
						answer: "declined",
					},
					{
						clause: "G3.3",
						when: when{
							RequestedLate: new(true),
						},
						answer: "declined",
					},
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "G3.1",
						when: when{
							CreditsLeft: new(false),
						},
						answer: "declined",
					},
					{
						clause: "G2.3",
						when: when{
							EndedBeforePurchase: new(true),
						},
						answer: "declined",
						reason: words{
							"en": "This downtime doesn't qualify: it was over before you bought your credits.",
						},
					},
					{
						clause: "G2.3",
						when: when{
							PreventedUse: new(false),
						},
						answer: "declined",
						reason: words{
							"en": "This downtime doesn't qualify: it didn't keep you from using your credits.",
						},
					},
					{
						clause: "G2.3",
						when: when{
							DownOver: new(172800 * time.Second),
						},
						answer: "approved",
						gives:  "unspent_share",
						to:     "payment_method",
						share:  100,
					},
					{
						clause: "G2.3",
						when: when{
							GoesOn: new(true),
						},
						answer: "in_review",
					},
					{
						clause: "G2.3",
						answer: "declined",
					},
				},
				"technical_failure": {
					{
						clause: "G3.4",
						when: when{
							Standing: []ledger.Standing{
								"terminated",
							},
						},
						answer: "declined",
					},
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "X2",
						when: when{
							NothingCharged: new(true),
						},
						answer: "declined",
						reason: words{
							"en": "This wasn't charged, so there is nothing to refund.",
						},
					},
					{
						clause: "G2.4",
						when: when{
							FailureCause: []generation.Cause{
								"platform",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
					},
					{
						clause: "G2.4",
						when: when{
							FailureCause: []generation.Cause{
								"input",
							},
						},
						answer: "declined",
						reason: words{
							"en": "This job failed because of its input, so its credits aren't refundable.",
						},
					},
					{
						clause: "G2.4",
						when: when{
							FailureCause: []generation.Cause{
								"safety",
							},
						},
						answer: "declined",
						reason: words{
							"en": "Our safety filter stopped this job, so its credits aren't refundable.",
						},
					},
					{
						clause: "G2.4",
						when: when{
							FailureCause: []generation.Cause{
								"cancelled",
							},
						},
						answer: "declined",
						reason: words{
							"en": "You canceled this job, so its credits aren't refundable.",
						},
					},
				},
			},
			clauses: map[string]Clause{
				"G0.1": {
					ID:    "G0.1",
					Text:  "Last updated: February 13, 2026",
					Binds: "terms",
				},
				"G0.2": {
					ID:      "G0.2",
					Heading: "Overview",
					Text:    "At AI Image Studio, operated by Goopter Holdings Ltd (DBA: Goopter Commerce), we strive to provide high-quality AI image processing services.",
					Binds:   "service",
				},
				"G0.3": {
					ID:    "G0.3",
					Text:  "This Refund Policy outlines the terms under which refunds may be issued for credit purchases made on our platform.",
					Binds: "terms",
				},
				"G1": {
					ID:      "G1",
					Heading: "Credit Purchases",
					Text:    "All credit purchases on AI Image Studio are considered final once the credits have been added to your account.",
					reasons: map[Outcome]words{
						"declined": {
							"en": "A purchase is final once its credits are in your account, so it isn't refundable.",
						},
					},
				},
				"G1.1": {
					ID:    "G1.1",
					Text:  "Credits are a digital product that are immediately available for use upon purchase.",
					Binds: "service",
				},
				"G1.2": {
					ID:    "G1.2",
					Text:  "We offer the following credit packages:",
					Binds: "service",
				},
				"G1.3": {
					ID:    "G1.3",
					Text:  "Package Credits Price",
					Table: "packages",
					Binds: "service",
				},
				"G2": {
					ID:      "G2",
					Heading: "Eligibility for Refunds",
					Text:    "Refunds may be considered under the following circumstances:",
					Binds:   "terms",
				},
				"G2.1": {
					ID:   "G2.1",
					Text: "Technical Failures: If a purchased credit package was not properly credited to your account due to a system error, we will either credit the appropriate amount or issue a full refund.",
					reasons: map[Outcome]words{
						"approved": {
							"en": "The {credits} credits you paid for weren't added to your account, so we've added them now.",
						},
						"declined": {
							"en": "Our records show these credits were added to your account.",
						},
						"in_review": {
							"en": "We need to review this request; we aim to reply by {by}.",
						},
					},
					ruled: map[Outcome]words{
						"approved": {
							"en": "We reviewed this purchase and approved your request.",
						},
						"declined": {
							"en": "We reviewed this purchase and couldn't approve your request.",
						},
					},
				},
				"G2.2": {
					ID:   "G2.2",
					Text: "Duplicate Charges: If you were charged multiple times for the same purchase, we will refund the duplicate charges in full.",
					reasons: map[Outcome]words{
						"approved": {
							"en": "You were charged twice for the same purchase, so we've approved a full refund of {amount}.",
						},
						"in_review": {
							"en": "We're reviewing this charge and aim to reply by {by}.",
						},
					},
					ruled: map[Outcome]words{
						"approved": {
							"en": "We reviewed this charge and approved your refund.",
						},
						"declined": {
							"en": "We reviewed this charge and couldn't approve a refund.",
						},
					},
				},
				"G2.3": {
					ID:   "G2.3",
					Text: "Service Unavailability: If our platform experiences extended downtime (more than 48 consecutive hours) that prevents you from using purchased credits, you may be eligible for a partial or full refund.",
					reasons: map[Outcome]words{
						"approved": {
							"en": "Our platform was down for more than 48 hours in a row, so we've approved a refund of {amount} for the unused part of your purchase.",
						},
						"declined": {
							"en": "This downtime doesn't qualify: it didn't last more than 48 hours in a row after you bought your credits.",
						},
						"in_review": {
							"en": "Our platform is still down. We'll decide as soon as the downtime ends or has lasted more than 48 hours, and aim to reply by {by}.",
						},
					},
					ruled: map[Outcome]words{
						"approved": {
							"en": "We reviewed this downtime and approved your refund.",
						},
						"declined": {
							"en": "We reviewed this downtime and couldn't approve a refund.",
						},
					},
				},
				"G2.4": {
					ID:   "G2.4",
					Text: "Failed Processing Jobs: If an AI processing job fails due to a platform error (not due to invalid input), the credits consumed by that job will be automatically refunded to your account balance.",
					reasons: map[Outcome]words{
						"approved": {
							"en": "This job failed because of a platform error, so its {credits} credits have been refunded to your balance.",
						},
					},
				},
				"G3": {
					ID:      "G3",
					Heading: "Non-Refundable Situations",
					Text:    "Refunds will generally not be issued in the following cases:",
					Binds:   "terms",
				},
				"G3.1": {
					ID:   "G3.1",
					Text: "Credits that have already been used for processing jobs.",
					reasons: map[Outcome]words{
						"declined": {
							"en": "All credits from this purchase have been used, so it can't be refunded.",
						},
					},
				},
				"G3.2": {
					ID:   "G3.2",
					Text: "Dissatisfaction with AI-generated results, as output quality can vary based on input quality and the nature of AI processing.",
					reasons: map[Outcome]words{
						"declined": {
							"en": "Our policy doesn't cover dissatisfaction with AI-generated results.",
						},
					},
				},
				"G3.3": {
					ID:   "G3.3",
					Text: "Requests made more than 30 days after the original purchase date.",
					reasons: map[Outcome]words{
						"declined": {
							"en": "You requested this more than 30 days after the purchase, which is past our time limit.",
						},
					},
				},
				"G3.4": {
					ID:   "G3.4",
					Text: "Account termination due to violation of our Terms of Use.",
					reasons: map[Outcome]words{
						"declined": {
							"en": "Your account was terminated for violating our Terms of Use, so refunds aren't available.",
						},
					},
				},
				"G4": {
					ID:      "G4",
					Heading: "How to Request a Refund",
					Text:    "To request a refund, please contact our support team at [email protected] with the following information:\n• Your account email address\n• Date and amount of the purchase\n• Reason for the refund request\n• Any relevant screenshots or transaction IDs",
					Binds:   "request",
				},
				"G5.1": {
					ID:    "G5.1",
					Text:  "We aim to respond to all refund requests within 3-5 business days.",
					Binds: "clock",
				},
				"G5.2": {
					ID:    "G5.2",
					Text:  "Approved refunds will be processed to the original payment method within 5-10 business days.",
					Binds: "clock",
				},
				"G6": {
					ID:      "G6",
					Heading: "Contact Information",
					Text:    "For any questions regarding this Refund Policy, please contact us at:\nGoopter Holdings Ltd (DBA: Goopter Commerce)\nEmail: [email protected]\nPhone: (778) 875-8095\n7790 Royal Oak Ave, Burnaby, BC V5J 4K4",
					Binds:   "contact",
				},
				"X1": {
					ID:   "X1",
					Text: "One refund for one output, and never more than was charged.",
					Ours: true,
					reasons: map[Outcome]words{
						"declined": {
							"en": "This has already been refunded.",
						},
					},
				},
				"X2": {
					ID:   "X2",
					Text: "Nothing was charged, or the share to give back comes to nothing, so nothing is given back.",
					Ours: true,
					reasons: map[Outcome]words{
						"declined": {
							"en": "What would be refunded comes to less than the smallest amount, so there is nothing to refund.",
						},
					},
				},
				"X3": {
					ID:   "X3",
					Text: "The policy has no rule for this kind of request.",
					Ours: true,
					reasons: map[Outcome]words{
						"in_review": {
							"en": "We couldn't decide this automatically, so our team will review it.",
						},
					},
					ruled: map[Outcome]words{
						"approved": {
							"en": "We reviewed your request and approved it.",
						},
						"declined": {
							"en": "We reviewed your request and couldn't approve a refund.",
						},
					},
				},
			},
			order: []string{
				"G0.1",
				"G0.2",
				"G0.3",
				"G1",
				"G1.1",
				"G1.2",
				"G1.3",
				"G2",
				"G2.1",
				"G2.2",
				"G2.3",
				"G2.4",
				"G3",
				"G3.1",
				"G3.2",
				"G3.3",
				"G3.4",
				"G4",
				"G5.1",
				"G5.2",
				"G6",
				"X1",
				"X2",
				"X3",
			},
			notices: map[Outcome]notice{
				"approved": {
					name: "refunded",
					words: words{
						"en": "We've returned {credits} credits to your balance.",
					},
					money: words{
						"en": "We've approved your refund of {amount}; it should reach {method} by {by}.",
					},
					kinds: map[Kind]words{
						"not_credited": {
							"en": "We've added {credits} credits to your balance.",
						},
						"technical_failure": {
							"en": "Your job failed. We've returned {credits} credits to your balance.",
						},
					},
				},
				"declined": {
					name: "not_refunded",
					words: words{
						"en": "We couldn't approve your refund request.",
					},
					kinds: map[Kind]words{
						"technical_failure": {
							"en": "Your job wasn't completed, and its credits aren't refundable.",
						},
					},
				},
				"in_review": {
					name: "in_review",
					words: words{
						"en": "We've received your request and aim to answer by {by}.",
					},
				},
			},
			appealNotice: notice{
				name: "appeal_received",
				words: words{
					"en": "We've received your appeal. A member of our team who wasn't involved in the first decision will review it, and we aim to reply by {by}.",
				},
			},
			offerNotice: notice{
				name: "outage_offered",
				words: words{
					"en": "Our platform was down for more than 48 hours in a row. You may claim a refund of {amount} for the unused part of your purchase until {claim_until}.",
				},
			},
			messages: map[Message]words{
				"case": {
					"en": "Case",
				},
				"failed": {
					"en": "We couldn't pay your refund of {amount} to {method}. Our team is looking into it.",
				},
				"paid": {
					"en": "Your refund of {amount} was paid to {method} on {on}.",
				},
				"partial": {
					"en": "{came} of {outputs} results came. You weren't charged the {credits} credits for the rest.",
				},
				"partial_free": {
					"en": "{came} of {outputs} results came.",
				},
				"partial_none": {
					"en": "No result came, so you weren't charged.",
				},
				"purchase": {
					"en": "Purchase",
				},
				"standing_good": {
					"en": "Your account is in good standing again, so you can start new jobs.",
				},
				"standing_restricted": {
					"en": "Your access is restricted, so you can't start new jobs. Your credits stay in your balance.",
				},
				"standing_terminated": {
					"en": "Your account was terminated for violating our Terms of Use. You can't start new jobs, and refunds aren't available.",
				},
				"unpaid": {
					"en": "We approved your refund of {amount}, but couldn't pay it to {method}.",
				},
			},
		},
	}
}

// revisions1 are those of photoroom.
func revisions1() []Revision {
	return []Revision{
		{
			Name:     "photoroom",
			Revision: "2026-01-01",
			Title:    "Refund AI credits for unsuccessful generations",
			Digest:   "sha256:3c0fd48ccd3e2fd3",
			Unit: Unit{
				Name: "credits",
			},
			ReportWindow: 86400 * time.Second,
			AppealWindow: 1209600 * time.Second,
			ExpiredLot: ledger.ExpiredLot{
				Rule:       "extend",
				ExtendDays: 30,
			},
			Modes: []Mode{
				"paid",
				"free",
			},
			Surfaces: Surfaces{
				Editor: true,
			},
			Duplicates: Duplicates{
				Same: 600 * time.Second,
				Look: 86400 * time.Second,
			},
			Abuse: Abuse{
				RequestsOver:       20,
				RefundsOverPercent: 30,
				FromGenerations:    10,
			},
			Response: Response{
				Calendar: "weekdays",
			},
			Evidence: Evidence{
				Decides: []evidence.Name{
					"empty",
					"undecodable",
					"truncated",
					"blank",
					"wrong_size",
					"failure_card",
					"same_as_unusable",
					"unchanged",
				},
				AdjudicatorCap: 4,
				Stops: Stops{
					WronglyPaidPercent: 5,
					From:               20,
				},
			},
			packages: []payment.Package{
				{
					Name:    "credits-100",
					Credits: 100,
					Price: money.Amount{
						Currency: "USD",
						Minor:    1000,
					},
				},
			},
			features: []Feature{
				{
					Feature: generation.Feature{
						Name:  "virtual-model",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Virtual Model",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
					MustChange: true,
				},
				{
					Feature: generation.Feature{
						Name:  "flat-lay",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Flat Lay",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
					MustChange: true,
				},
				{
					Feature: generation.Feature{
						Name:  "ghost-mannequin",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Ghost Mannequin",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
					MustChange: true,
				},
				{
					Feature: generation.Feature{
						Name:  "edit-with-ai",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Edit with AI",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
				},
				{
					Feature: generation.Feature{
						Name:  "recolor",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Recolor",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
				},
				{
					Feature: generation.Feature{
						Name:  "product-beautifier",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Product Beautifier",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
					MustChange: true,
				},
				{
					Feature: generation.Feature{
						Name:  "ironing",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Ironing",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
				},
				{
					Feature: generation.Feature{
						Name:  "video-generator",
						Price: 4,
						Prices: []generation.PriceRow{
							{
								Model: "pro",
								Price: 8,
							},
							{
								Model: "pro",
								Size:  "hd",
								Price: 12,
							},
							{
								PerSecond:  1,
								MaxSeconds: 60,
							},
							{
								Model:      "pro",
								PerSecond:  2,
								MaxSeconds: 30,
							},
						},
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 900 * time.Second,
					},
					Title: "Video Generator",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
				},
				{
					Feature: generation.Feature{
						Name:  "logo",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Logo",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
				},
				{
					Feature: generation.Feature{
						Name:  "text",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Text",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
				},
				{
					Feature: generation.Feature{
						Name:  "create-any-image",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Create any image",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
				},
				{
					Feature: generation.Feature{
						Name:  "instagram-story",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Instagram Story",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
				},
				{
					Feature: generation.Feature{
						Name:  "ai-backgrounds",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "AI Backgrounds",
					Reportable: Platforms{
						Android: true,
					},
					MustChange: true,
				},
				{
					Feature: generation.Feature{
						Name:  "ai-shadows",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "AI Shadows",
				},
				{
					Feature: generation.Feature{
						Name:  "image-enhancer",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Image Enhancer",
				},
				{
					Feature: generation.Feature{
						Name:  "ai-expand",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "AI Expand",
				},
				{
					Feature: generation.Feature{
						Name:  "retouch",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Retouch",
				},
				{
					Feature: generation.Feature{
						Name:  "studio-shot",
						Price: 4,
						Modes: []string{
							"paid",
							"free",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Studio Shot",
				},
			},
			rules: map[Kind][]rule{
				"bad_result": {
					{
						clause: "R10",
						when: when{
							Standing: []ledger.Standing{
								"restricted",
							},
						},
						answer: "declined",
						reason: words{
							"en": "Refunds aren't available while your account is restricted.",
						},
					},
					{
						clause: "R10",
						when: when{
							Standing: []ledger.Standing{
								"terminated",
							},
						},
						answer: "declined",
						reason: words{
							"en": "Refunds aren't available because your account was terminated.",
						},
					},
					{
						clause: "R9",
						when: when{
							RequestedBefore: new(true),
						},
						answer: "declined",
					},
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "R7",
						when: when{
							RequestedLate: new(true),
						},
						answer: "declined",
					},
					{
						clause: "R12",
						when: when{
							SurfaceReportable: new(false),
						},
						answer: "declined",
					},
					{
						clause: "R11",
						when: when{
							FeatureReportable: new(false),
						},
						answer: "declined",
					},
					{
						clause: "X2",
						when: when{
							NothingCharged: new(true),
						},
						answer: "declined",
						reason: words{
							"en": "This wasn't charged, so there is nothing to refund.",
						},
					},
					{
						clause: "R10",
						when: when{
							OverAbuseLimits: new(true),
						},
						answer: "in_review",
					},
					{
						clause: "R2",
						when: when{
							Evidence: []evidence.Verdict{
								"unusable",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
					},
					{
						clause: "R8",
						when: when{
							Evidence: []evidence.Verdict{
								"usable",
							},
						},
						answer: "declined",
					},
					{
						clause: "R8",
						when: when{
							Evidence: []evidence.Verdict{
								"unsure",
								"none",
							},
						},
						answer: "in_review",
					},
				},
				"technical_failure": {
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "X2",
						when: when{
							NothingCharged: new(true),
						},
						answer: "declined",
						reason: words{
							"en": "This wasn't charged, so there is nothing to refund.",
						},
					},
					{
						clause: "R1",
						when: when{
							FailureCause: []generation.Cause{
								"platform",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
					},
					{
						clause: "R1",
						when: when{
							FailureCause: []generation.Cause{
								"input",
							},
						},
						answer: "declined",
						reason: words{
							"en": "This generation failed because its input couldn't be used, so its AI credits aren't refunded.",
						},
					},
					{
						clause: "R1",
						when: when{
							FailureCause: []generation.Cause{
								"safety",
							},
						},
						answer: "declined",
						reason: words{
							"en": "Our safety filter stopped this generation, so its AI credits aren't refunded.",
						},
					},
					{
						clause: "R1",
						when: when{
							FailureCause: []generation.Cause{
								"cancelled",
							},
						},
						answer: "declined",
						reason: words{
							"en": "You canceled this generation, so its AI credits aren't refunded.",
						},
					},
				},
			},
			clauses: map[string]Clause{
				"R0.1": {
					ID:    "R0.1",
					Text:  "Learn how to get a refund on used AI credits for AI generations that are unusable.",
					Binds: "terms",
				},
				"R0.2": {
					ID:    "R0.2",
					Text:  "We know it’s frustrating when a generation doesn’t work as expected, especially as it uses AI credits. That's why we have an AI credit refund system for unsuccessful AI generations.",
					Binds: "terms",
				},
				"R0.3": {
					ID:    "R0.3",
					Text:  "This guide explains when credits are refunded, how you can apply for an AI credit refund, and which features are eligible for refunds.",
					Binds: "terms",
				},
				"R1": {
					ID:      "R1",
					Heading: "Technical issues with generation",
					Text:    "AI credits are refunded automatically for any generation that fails due to a technical error. You don't need to do anything, the credits remain in your allowance.",
					reasons: map[Outcome]words{
						"approved": {
							"en": "This generation failed due to a technical error, so its {credits} AI credits remain in your allowance.",
						},
					},
				},
				"R10": {
					ID:   "R10",
					Text: "Note: We have safeguards in place to prevent misuse while still protecting users from poor results.",
					reasons: map[Outcome]words{
						"in_review": {
							"en": "We need to review this request before we can decide.",
						},
					},
				},
				"R11": {
					ID:      "R11",
					Heading: "Are all AI features eligible for refunds?",
					Text:    "No, some features are excluded (see the table below).",
					reasons: map[Outcome]words{
						"declined": {
							"en": "Results from this feature aren't eligible for refunds on this platform.",
						},
					},
				},
				"R12": {
					ID:   "R12",
					Text: "Note: AI Tools such as Recolor and Flat Lay are not eligible for refunds when used inside the Batch Editor or the Product Catalog Editor.",
					reasons: map[Outcome]words{
						"declined": {
							"en": "Results from the Batch Editor or the Product Catalog Editor aren't eligible for refunds.",
						},
					},
				},
				"R12.1": {
					ID:    "R12.1",
					Text:  "AI feature\nRefund on iOS\nRefund on Android\nRefund on Web App",
					Table: "features",
					Binds: "terms",
				},
				"R2": {
					ID:      "R2",
					Heading: "How refunds work",
					Text:    "AI credits are refunded for technical issues and can also be refunded for quality issues.",
					reasons: map[Outcome]words{
						"approved": {
							"en": "This result is clearly unusable, so we've refunded your {credits} AI credits.",
						},
					},
				},
				"R2.1": {
					ID:      "R2.1",
					Heading: "Quality issues",
					Text:    "If you get a result that isn't good enough, you can report it as a bad generation (see How to apply for a refund, later in this article). We can then refund your AI credits .",
					Binds:   "terms",
				},
				"R3": {
					ID:    "R3",
					Text:  "You'll need to report the low quality shortly after the generation happens, as there is a time limit for refunds.",
					Binds: "clock",
				},
				"R4": {
					ID:    "R4",
					Text:  "3. Provide details about why it is a bad result.",
					Binds: "request",
				},
				"R4.1": {
					ID:      "R4.1",
					Heading: "How to apply for a refund",
					Text:    "To apply for a refund:\n1. Select the context menu for the AI generated image.",
					Binds:   "steps",
				},
				"R4.2": {
					ID:    "R4.2",
					Text:  "2. Select Bad result.",
					Binds: "steps",
				},
				"R4.3": {
					ID:    "R4.3",
					Text:  "4. Select Submit.",
					Binds: "steps",
				},
				"R5": {
					ID:    "R5",
					Text:  "If your request is successful, Photoroom displays a notification to tell you about your refund.",
					Binds: "notice",
				},
				"R6": {
					ID:    "R6",
					Text:  "If your request is unsuccessful, you will see a thank you for your feedback message. Your AI credits are not refunded.",
					Binds: "notice",
				},
				"R6.1": {
					ID:      "R6.1",
					Heading: "Why has your refund application been unsuccessful?",
					Text:    "We aim to protect you when results are clearly unusable.",
					Binds:   "terms",
				},
				"R6.2": {
					ID:    "R6.2",
					Text:  "If a generation doesn’t qualify for a refund, it may be because:",
					Binds: "terms",
				},
				"R7": {
					ID:   "R7",
					Text: "You waited too long to request a refund.",
					reasons: map[Outcome]words{
						"declined": {
							"en": "You reported this more than 24 hours after it was generated, which is past our time limit.",
						},
					},
				},
				"R8": {
					ID:   "R8",
					Text: "The image or video was not recognized as \"clearly unusable\".",
					reasons: map[Outcome]words{
						"declined": {
							"en": "This result wasn't recognized as clearly unusable.",
						},
						"in_review": {
							"en": "Thanks for your report. We're reviewing this result and will let you know.",
						},
					},
					ruled: map[Outcome]words{
						"approved": {
							"en": "We reviewed this result and refunded your AI credits.",
						},
						"declined": {
							"en": "We reviewed this result and didn't find it clearly unusable.",
						},
					},
				},
				"R9": {
					ID:   "R9",
					Text: "There are multiple refund requests for the same image/video.",
					reasons: map[Outcome]words{
						"declined": {
							"en": "You've already requested a refund for this image or video.",
						},
					},
				},
				"X1": {
					ID:   "X1",
					Text: "One refund for one output, and never more than was charged.",
					Ours: true,
					reasons: map[Outcome]words{
						"declined": {
							"en": "This has already been refunded.",
						},
					},
				},
				"X2": {
					ID:   "X2",
					Text: "Nothing was charged, or the share to give back comes to nothing, so nothing is given back.",
					Ours: true,
					reasons: map[Outcome]words{
						"declined": {
							"en": "What would be refunded comes to less than the smallest amount, so there is nothing to refund.",
						},
					},
				},
				"X3": {
					ID:   "X3",
					Text: "The policy has no rule for this kind of request.",
					Ours: true,
					reasons: map[Outcome]words{
						"in_review": {
							"en": "We couldn't decide this automatically, so our team will review it.",
						},
					},
					ruled: map[Outcome]words{
						"approved": {
							"en": "We reviewed your request and approved it.",
						},
						"declined": {
							"en": "We reviewed your request and couldn't approve a refund.",
						},
					},
				},
			},
			order: []string{
				"R0.1",
				"R0.2",
				"R0.3",
				"R2",
				"R1",
				"R2.1",
				"R3",
				"R4.1",
				"R4.2",
				"R4",
				"R4.3",
				"R5",
				"R6",
				"R6.1",
				"R6.2",
				"R7",
				"R8",
				"R9",
				"R10",
				"R11",
				"R12",
				"R12.1",
				"X1",
				"X2",
				"X3",
			},
			notices: map[Outcome]notice{
				"approved": {
					name: "refunded",
					words: words{
						"en": "Your {credits} AI credits have been refunded.",
					},
					money: words{
						"en": "We've approved your refund of {amount} to {method}.",
					},
					kinds: map[Kind]words{
						"not_credited": {
							"en": "We've added {credits} AI credits to your balance.",
						},
					},
				},
				"declined": {
					name: "thanks_for_feedback",
					words: words{
						"en": "Thank you for your feedback. Your AI credits are not refunded.",
					},
					kinds: map[Kind]words{
						"abnormal_charge": {
							"en": "We couldn't approve your refund request.",
						},
						"change_of_mind": {
							"en": "We couldn't approve your refund request.",
						},
						"duplicate_charge": {
							"en": "We couldn't approve your refund request.",
						},
						"not_credited": {
							"en": "We couldn't approve your refund request.",
						},
						"outage": {
							"en": "We couldn't approve your refund request.",
						},
						"technical_failure": {
							"en": "Your generation wasn't completed, and its AI credits aren't refunded.",
						},
					},
					names: map[Kind]string{
						"abnormal_charge":   "not_refunded",
						"change_of_mind":    "not_refunded",
						"duplicate_charge":  "not_refunded",
						"not_credited":      "not_refunded",
						"outage":            "not_refunded",
						"technical_failure": "not_refunded",
					},
				},
				"in_review": {
					name: "in_review",
					words: words{
						"en": "We've received your request and will let you know.",
					},
				},
			},
			appealNotice: notice{
				name: "appeal_received",
				words: words{
					"en": "We've received your appeal. A member of our team who wasn't involved in the first decision will review it.",
				},
			},
			messages: map[Message]words{
				"case": {
					"en": "Case",
				},
				"failed": {
					"en": "We couldn't pay your refund of {amount} to {method}. Our team is looking into it.",
				},
				"paid": {
					"en": "Your refund of {amount} was paid to {method} on {on}.",
				},
				"partial": {
					"en": "{came} of {outputs} results came. You weren't charged the {credits} AI credits for the rest.",
				},
				"partial_free": {
					"en": "{came} of {outputs} results came.",
				},
				"partial_none": {
					"en": "No result came, so you weren't charged.",
				},
				"purchase": {
					"en": "Purchase",
				},
				"standing_good": {
					"en": "Your account is in good standing again, so you can use AI features and request refunds.",
				},
				"standing_restricted": {
					"en": "Your access is restricted, so you can't use AI features, and refunds for results aren't available.",
				},
				"standing_terminated": {
					"en": "Your account was terminated. You can't use AI features, and refunds for results aren't available.",
				},
				"unpaid": {
					"en": "We approved your refund of {amount}, but couldn't pay it to {method}.",
				},
			},
		},
	}
}

// revisions2 are those of popcustoms.
func revisions2() []Revision {
	return []Revision{
		{
			Name:     "popcustoms",
			Revision: "2026-01-01",
			Title:    "AI Mockups Refund Policy",
			Digest:   "sha256:a3176dd3b5112a33",
			Unit: Unit{
				Name:  "USD",
				Scale: 4,
			},
			ReportWindow: 86400 * time.Second,
			AppealWindow: 1209600 * time.Second,
			ExpiredLot: ledger.ExpiredLot{
				Rule:       "extend",
				ExtendDays: 30,
			},
			Modes: []Mode{
				"paid",
				"free",
				"own_key",
			},
			Surfaces: Surfaces{
				Editor:  true,
				Batch:   true,
				Catalog: true,
			},
			Duplicates: Duplicates{
				Same: 600 * time.Second,
				Look: 86400 * time.Second,
			},
			Abuse: Abuse{
				RequestsOver:       20,
				RefundsOverPercent: 30,
				FromGenerations:    10,
			},
			Response: Response{
				Calendar: "weekdays",
				Respond: Days{
					From: 1,
					To:   3,
				},
			},
			Evidence: Evidence{
				Decides: []evidence.Name{
					"empty",
					"undecodable",
					"truncated",
					"blank",
					"wrong_size",
					"failure_card",
					"same_as_unusable",
					"unchanged",
				},
				AdjudicatorCap: 395,
				Stops: Stops{
					WronglyPaidPercent: 5,
					From:               20,
				},
			},
			packages: []payment.Package{
				{
					Name:    "topup-10",
					Credits: 100000,
					Price: money.Amount{
						Currency: "USD",
						Minor:    1000,
					},
				},
			},
			features: []Feature{
				{
					Feature: generation.Feature{
						Name:  "virtual-try-on",
						Price: 395,
						Modes: []string{
							"paid",
							"free",
							"own_key",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Virtual Try-On",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
					MustChange: true,
				},
				{
					Feature: generation.Feature{
						Name:  "change-background",
						Price: 395,
						Modes: []string{
							"paid",
							"free",
							"own_key",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Change Background",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
					MustChange: true,
				},
				{
					Feature: generation.Feature{
						Name:  "pet",
						Price: 395,
						Modes: []string{
							"paid",
							"free",
							"own_key",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Pet",
					Reportable: Platforms{
						IOS:     true,
						Android: true,
						Web:     true,
					},
					MustChange: true,
				},
				{
					Feature: generation.Feature{
						Name:  "remove-background",
						Price: 395,
						Modes: []string{
							"paid",
							"free",
							"own_key",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Remove Background",
				},
				{
					Feature: generation.Feature{
						Name:  "product-scene",
						Price: 395,
						Modes: []string{
							"paid",
							"free",
							"own_key",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Product Scene",
				},
				{
					Feature: generation.Feature{
						Name:  "upscale",
						Price: 395,
						Modes: []string{
							"paid",
							"free",
							"own_key",
						},
						ResultWithin: 300 * time.Second,
					},
					Title: "Upscale",
				},
			},
			rules: map[Kind][]rule{
				"abnormal_charge": {
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "P3.8",
						answer: "in_review",
					},
				},
				"bad_result": {
					{
						clause: "X2",
						when: when{
							Mode: []Mode{
								"own_key",
							},
						},
						answer: "declined",
						reason: words{
							"en": "This was made with your own key, so we charged nothing for it and there is nothing to refund.",
						},
					},
					{
						clause: "P6.2",
						when: when{
							Standing: []ledger.Standing{
								"restricted",
							},
						},
						answer: "declined",
						reason: words{
							"en": "Refunds aren't available while your account is restricted.",
						},
					},
					{
						clause: "P6.2",
						when: when{
							Standing: []ledger.Standing{
								"terminated",
							},
						},
						answer: "declined",
						reason: words{
							"en": "Refunds aren't available because your account was terminated.",
						},
					},
					{
						clause: "P4.4",
						when: when{
							Mode: []Mode{
								"free",
							},
						},
						answer: "declined",
					},
					{
						clause: "P1",
						when: when{
							FeatureReportable: new(false),
						},
						answer: "declined",
					},
					{
						clause: "P5.1",
						when: when{
							RequestedLate: new(true),
						},
						answer: "declined",
					},
					{
						clause: "P4.5",
						when: when{
							Used: []Use{
								"bulk_downloaded",
							},
						},
						answer: "declined",
						reason: words{
							"en": "This image was downloaded in bulk, so it isn't refundable.",
						},
					},
					{
						clause: "P4.5",
						when: when{
							Used: []Use{
								"commercial_use",
							},
						},
						answer: "declined",
						reason: words{
							"en": "This image was used commercially, so it isn't refundable.",
						},
					},
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "X2",
						when: when{
							NothingCharged: new(true),
						},
						answer: "declined",
						reason: words{
							"en": "This wasn't charged, so there is nothing to refund.",
						},
					},
					{
						clause: "P6.1",
						when: when{
							OverAbuseLimits: new(true),
						},
						answer: "in_review",
					},
					{
						clause: "P3.7",
						when: when{
							Defects: []string{
								"empty",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "A system error left an empty file, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.7",
						when: when{
							Defects: []string{
								"undecodable",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "A system error left an image that can't be opened, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.7",
						when: when{
							Defects: []string{
								"truncated",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "A system error left an image that is cut off, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.7",
						when: when{
							Defects: []string{
								"blank",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "A system error left an image that is blank, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.7",
						when: when{
							Defects: []string{
								"failure_card",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "A system error put an error picture in place of your image, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.7",
						when: when{
							Defects: []string{
								"same_as_unusable",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "A system error left an image that we had found unusable before, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P4.2",
						when: when{
							Issue: []Issue{
								"taste",
							},
						},
						answer: "declined",
					},
					{
						clause: "P4.1",
						when: when{
							Input: []Input{
								"poor",
							},
						},
						answer: "declined",
					},
					{
						clause: "P4.3",
						when: when{
							WithinExamples: new(true),
						},
						answer: "declined",
					},
					{
						clause: "P3.1",
						when: when{
							Issue: []Issue{
								"deviates",
							},
							Evidence: []evidence.Verdict{
								"unusable",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
					},
					{
						clause: "P3.2",
						when: when{
							Issue: []Issue{
								"off_template",
							},
							Evidence: []evidence.Verdict{
								"unusable",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
					},
					{
						clause: "P3.3",
						when: when{
							Issue: []Issue{
								"wrong_subject",
							},
							Evidence: []evidence.Verdict{
								"unusable",
							},
							Defects: []string{
								"unchanged",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "The result is the same as your upload, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.3",
						when: when{
							Issue: []Issue{
								"wrong_subject",
							},
							Evidence: []evidence.Verdict{
								"unusable",
							},
							Defects: []string{
								"wrong_size",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "The result isn't of the size that was ordered, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.3",
						when: when{
							Issue: []Issue{
								"wrong_subject",
							},
							Evidence: []evidence.Verdict{
								"unusable",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
					},
					{
						clause: "P3.4",
						when: when{
							Issue: []Issue{
								"distortion",
								"other",
								"none",
							},
							Evidence: []evidence.Verdict{
								"unusable",
							},
							Defects: []string{
								"unchanged",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "The result is the same as your upload, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.4",
						when: when{
							Issue: []Issue{
								"distortion",
								"other",
								"none",
							},
							Evidence: []evidence.Verdict{
								"unusable",
							},
							Defects: []string{
								"wrong_size",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "The result isn't of the size that was ordered, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.4",
						when: when{
							Issue: []Issue{
								"distortion",
								"other",
								"none",
							},
							Evidence: []evidence.Verdict{
								"unusable",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
					},
					{
						clause: "P5.3",
						answer: "in_review",
					},
				},
				"duplicate_charge": {
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "P3.8",
						when: when{
							OriginalKnown: new(true),
							CreditsSpent:  new(false),
						},
						answer: "approved",
						gives:  "amount",
						to:     "payment_method",
						share:  100,
					},
					{
						clause: "P3.8",
						answer: "in_review",
					},
				},
				"technical_failure": {
					{
						clause: "X2",
						when: when{
							Mode: []Mode{
								"own_key",
							},
						},
						answer: "declined",
						reason: words{
							"en": "This was made with your own key, so we charged nothing for it and there is nothing to refund.",
						},
					},
					{
						clause: "P4.4",
						when: when{
							Mode: []Mode{
								"free",
							},
						},
						answer: "declined",
					},
					{
						clause: "X1",
						when: when{
							AlreadyRefunded: new(true),
						},
						answer: "declined",
					},
					{
						clause: "X2",
						when: when{
							NothingCharged: new(true),
						},
						answer: "declined",
						reason: words{
							"en": "This wasn't charged, so there is nothing to refund.",
						},
					},
					{
						clause: "P4.1",
						when: when{
							FailureCause: []generation.Cause{
								"input",
							},
						},
						answer: "declined",
						reason: words{
							"en": "Your image couldn't be generated from the uploaded image, so this isn't refundable.",
						},
					},
					{
						clause: "P3.5",
						when: when{
							FailureCause: []generation.Cause{
								"platform",
							},
							FailedAttemptsFrom: new(3),
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
					},
					{
						clause: "P3.5",
						when: when{
							FailureCause: []generation.Cause{
								"safety",
							},
							FailedAttemptsFrom: new(3),
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "Our safety filter stopped your image several times, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.6",
						when: when{
							FailureCause: []generation.Cause{
								"platform",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
					},
					{
						clause: "P3.6",
						when: when{
							FailureCause: []generation.Cause{
								"safety",
							},
						},
						answer: "approved",
						gives:  "price",
						to:     "balance",
						share:  100,
						reason: words{
							"en": "Our safety filter stopped your image, so we've returned {credits} to your balance.",
						},
					},
					{
						clause: "P3.6",
						when: when{
							FailureCause: []generation.Cause{
								"cancelled",
							},
						},
						answer: "declined",
					},
				},
			},
			clauses: map[string]Clause{
				"P1": {
					ID:   "P1",
					Text: "The following template features are eligible under this refund policy:\n• Virtual Try-On\n• Change Background\n• Pet",
					reasons: map[Outcome]words{
						"declined": {
							"en": "This template isn't covered by the AI Mockups Refund Policy.",
						},
					},
				},
				"P1.1": {
					ID:      "P1.1",
					Heading: "1. Scope",
					Text:    "This policy applies to users utilizing AI-generated image services on this platform.",
					Binds:   "terms",
				},
				"P2": {
					ID:    "P2",
					Text:  "Users must ensure that uploaded materials meet platform requirements, including but not limited to: sufficient resolution, clear subject, minimal obstruction, and appropriate angles.",
					Binds: "upload",
				},
				"P2.1": {
					ID:      "P2.1",
					Heading: "2. Service Description",
					Text:    "AI-generated images are digital content created by algorithms. Results may vary due to input materials, parameter settings, and model characteristics, and may involve randomness and uncertainty.",
					Binds:   "service",
				},
				"P3": {
					ID:      "P3",
					Heading: "3. Eligible Refund Conditions",
					Text:    "Users may request a refund when using the above templates under the following circumstances:",
					Binds:   "terms",
				},
				"P3.1": {
					ID:      "P3.1",
					Heading: "Unsatisfactory Results (Functional Issues)",
					Text:    "Output significantly deviates from expected results",
					reasons: map[Outcome]words{
						"approved": {
							"en": "The result was far from what you could expect, so we've returned {credits} to your balance.",
						},
					},
				},
				"P3.2": {
					ID:   "P3.2",
					Text: "Generated result does not match the core function of the selected template",
					reasons: map[Outcome]words{
						"approved": {
							"en": "The result doesn't match what the template is for, so we've returned {credits} to your balance.",
						},
					},
				},
				"P3.3": {
					ID:   "P3.3",
					Text: "Subject (e.g., person or pet) cannot be properly recognized",
					reasons: map[Outcome]words{
						"approved": {
							"en": "The subject of your image wasn't recognized, so we've returned {credits} to your balance.",
						},
					},
				},
				"P3.4": {
					ID:   "P3.4",
					Text: "Obvious defects such as distortion or missing key elements",
					reasons: map[Outcome]words{
						"approved": {
							"en": "The result has obvious defects, so we've returned {credits} to your balance.",
						},
					},
				},
				"P3.5": {
					ID:      "P3.5",
					Heading: "System or Model Errors",
					Text:    "Repeated generation failures",
					reasons: map[Outcome]words{
						"approved": {
							"en": "Your image failed to generate several times, so we've returned {credits} to your balance.",
						},
					},
				},
				"P3.6": {
					ID:   "P3.6",
					Text: "Failure to generate images",
					reasons: map[Outcome]words{
						"approved": {
							"en": "Your image failed to generate, so we've returned {credits} to your balance.",
						},
						"declined": {
							"en": "You canceled this generation, so it isn't refundable.",
						},
					},
				},
				"P3.7": {
					ID:   "P3.7",
					Text: "System errors resulting in unusable outputs",
					ruled: map[Outcome]words{
						"approved": {
							"en": "We found that a system error made this result unusable, and approved your refund.",
						},
					},
				},
				"P3.8": {
					ID:      "P3.8",
					Heading: "Billing Issues",
					Text:    "Duplicate charges or abnormal billing",
					reasons: map[Outcome]words{
						"approved": {
							"en": "You were charged twice for the same purchase, so we've approved a full refund of {amount}.",
						},
						"in_review": {
							"en": "We're reviewing this charge and will reply by {by}.",
						},
					},
					ruled: map[Outcome]words{
						"approved": {
							"en": "We reviewed this charge and approved your refund.",
						},
						"declined": {
							"en": "We reviewed this charge and couldn't approve a refund.",
						},
					},
				},
				"P4": {
					ID:      "P4",
					Heading: "4. Non-Refundable Cases",
					Text:    "Refunds will not be granted under the following conditions:",
					Binds:   "terms",
				},
				"P4.1": {
					ID:   "P4.1",
					Text: "Poor results caused by user-uploaded materials (e.g., low quality, obstruction, improper angles)",
					reasons: map[Outcome]words{
						"declined": {
							"en": "The problem came from the uploaded image (for example low quality, obstruction or angle), so this isn't refundable.",
						},
					},
				},
				"P4.2": {
					ID:   "P4.2",
					Text: "Dissatisfaction due to personal preference or aesthetic judgment",
					reasons: map[Outcome]words{
						"declined": {
							"en": "Personal preference isn't covered by our refund policy.",
						},
					},
				},
				"P4.3": {
					ID:   "P4.3",
					Text: "Results falling within a reasonable range of the provided examples",
					reasons: map[Outcome]words{
						"declined": {
							"en": "The result is within a reasonable range of the template's examples, so it isn't refundable.",
						},
					},
				},
				"P4.4": {
					ID:   "P4.4",
					Text: "Images generated in free mode",
					reasons: map[Outcome]words{
						"declined": {
							"en": "Images in free mode aren't refundable.",
						},
					},
				},
				"P4.5": {
					ID:   "P4.5",
					Text: "Images that have been downloaded in bulk or used for commercial purposes",
					ruled: map[Outcome]words{
						"declined": {
							"en": "This image was downloaded in bulk or used commercially, so it isn't refundable.",
						},
					},
				},
				"P5.1": {
					ID:      "P5.1",
					Heading: "5. Refund Process",
					Text:    "Refund requests must be submitted within 24 hours after generation",
					reasons: map[Outcome]words{
						"declined": {
							"en": "You reported this more than 24 hours after it was generated, which is past our time limit.",
						},
					},
				},
				"P5.2": {
					ID:    "P5.2",
					Text:  "Users must provide:\n• Description of the issue",
					Binds: "request",
				},
				"P5.3": {
					ID:   "P5.3",
					Text: "The platform will review requests within 1–3 business days",
					reasons: map[Outcome]words{
						"in_review": {
							"en": "We've received your report and will review it by {by}.",
						},
					},
					ruled: map[Outcome]words{
						"approved": {
							"en": "We reviewed this result and approved your refund.",
						},
						"declined": {
							"en": "We reviewed this result, and it doesn't qualify for a refund.",
						},
					},
				},
				"P5.4": {
					ID:    "P5.4",
					Text:  "Approved refunds will be issued to the original payment method or credited to the user’s account balance",
					Binds: "remedy",
				},
				"P6.1": {
					ID:      "P6.1",
					Heading: "6. Additional Terms",
					Text:    "The platform reserves the right to review suspicious or abnormal orders",
					reasons: map[Outcome]words{
						"in_review": {
							"en": "We need to review this request before we can decide, and will reply by {by}.",
						},
					},
				},
				"P6.2": {
					ID:   "P6.2",
					Text: "Abuse of the refund policy (e.g., frequent or malicious requests) may result in restricted access to related services",
				},
				"P6.3": {
					ID:    "P6.3",
					Text:  "This policy supplements the platform’s main Terms of Service and holds equal legal effect",
					Binds: "terms",
				},
				"P7": {
					ID:      "P7",
					Heading: "7. Final Interpretation",
					Text:    "The platform reserves the right of final interpretation of this policy.",
					Binds:   "terms",
				},
				"P8.1": {
					ID:      "P8.1",
					Heading: "Q: How to get AI API Key for AI Mockups",
					Text:    "We’re using “Gemini 2.5 Flash Image Preview (Nano Banana)” AI to create mockups. We choose https://openrouter.ai/ as the service provider. You’ll sign up, buy credits and get api key from openrouter to use AI mockups at popcustoms.com.",
					Binds:   "service",
				},
				"P8.2": {
					ID:    "P8.2",
					Text:  "Here is the step-by-step tutorial:\n1, select gmail to sign in. It’ll sign you up if the account doesn’t exist.\n2, grab api key\nProfile (right top) -> Keys -> Create API Key\nfill popcustoms as name and then hit create\ncopy and paste into popcustoms",
					Binds: "steps",
				},
				"P8.3": {
					ID:    "P8.3",
					Text:  "3, back to openrouter, you’ll add credits to openrouter\nan image is about $0.0395",
					Binds: "service",
				},
				"P8.4": {
					ID:    "P8.4",
					Text:  "4, Check the credit usage activities",
					Binds: "steps",
				},
				"P8.5": {
					ID:    "P8.5",
					Text:  "5, for advanced users, you can bring your own keys into openrouter.\nopenrouter is using google AI studio and google vertext as providers of the Gemini 2.5 Flash Image Preview aka, nano banana.\nYou can get api key from google, and then paste into openrouter BYOK",
					Binds: "steps",
				},
				"X1": {
					ID:   "X1",
					Text: "One refund for one output, and never more than was charged.",
					Ours: true,
					reasons: map[Outcome]words{
						"declined": {
							"en": "This has already been refunded.",
						},
					},
				},
				"X2": {
					ID:   "X2",
					Text: "Nothing was charged, or the share to give back comes to nothing, so nothing is given back.",
					Ours: true,
					reasons: map[Outcome]words{
						"declined": {
							"en": "What would be refunded comes to less than the smallest amount, so there is nothing to refund.",
						},
					},
				},
				"X3": {
					ID:   "X3",
					Text: "The policy has no rule for this kind of request.",
					Ours: true,
					reasons: map[Outcome]words{
						"in_review": {
							"en": "We couldn't decide this automatically, so our team will review it.",
						},
					},
					ruled: map[Outcome]words{
						"approved": {
							"en": "We reviewed your request and approved it.",
						},
						"declined": {
							"en": "We reviewed your request and couldn't approve a refund.",
						},
					},
				},
			},
			order: []string{
				"P1.1",
				"P1",
				"P2.1",
				"P2",
				"P3",
				"P3.1",
				"P3.2",
				"P3.3",
				"P3.4",
				"P3.5",
				"P3.6",
				"P3.7",
				"P3.8",
				"P4",
				"P4.1",
				"P4.2",
				"P4.3",
				"P4.4",
				"P4.5",
				"P5.1",
				"P5.2",
				"P5.3",
				"P5.4",
				"P6.1",
				"P6.2",
				"P6.3",
				"P7",
				"P8.1",
				"P8.2",
				"P8.3",
				"P8.4",
				"P8.5",
				"X1",
				"X2",
				"X3",
			},
			notices: map[Outcome]notice{
				"approved": {
					name: "refunded",
					words: words{
						"en": "We've returned {credits} to your balance.",
					},
					money: words{
						"en": "We've approved your refund of {amount} to {method}.",
					},
					kinds: map[Kind]words{
						"technical_failure": {
							"en": "Your image failed to generate. We've returned {credits} to your balance.",
						},
					},
				},
				"declined": {
					name: "not_refunded",
					words: words{
						"en": "We couldn't approve your refund request.",
					},
					kinds: map[Kind]words{
						"technical_failure": {
							"en": "Your image wasn't generated, and this failure isn't refundable.",
						},
					},
				},
				"in_review": {
					name: "in_review",
					words: words{
						"en": "We've received your request and will answer by {by}.",
					},
				},
			},
			appealNotice: notice{
				name: "appeal_received",
				words: words{
					"en": "We've received your appeal. A member of our team who wasn't involved in the first decision will review it and answer by {by}.",
				},
			},
			messages: map[Message]words{
				"case": {
					"en": "Case",
				},
				"failed": {
					"en": "We couldn't pay your refund of {amount} to {method}. Our team is looking into it.",
				},
				"paid": {
					"en": "Your refund of {amount} was paid to {method} on {on}.",
				},
				"partial": {
					"en": "{came} of {outputs} images came. You weren't charged the {credits} for the rest.",
				},
				"partial_free": {
					"en": "{came} of {outputs} images came.",
				},
				"partial_none": {
					"en": "No image came, so you weren't charged.",
				},
				"purchase": {
					"en": "Purchase",
				},
				"standing_good": {
					"en": "Your access to AI Mockups is no longer restricted, so you can generate images and request refunds.",
				},
				"standing_restricted": {
					"en": "Your access to AI Mockups is restricted, so you can't generate images, and refunds for results aren't available.",
				},
				"standing_terminated": {
					"en": "Your account was terminated. You can't generate images, and refunds for results aren't available.",
				},
				"unpaid": {
					"en": "We approved your refund of {amount}, but couldn't pay it to {method}.",
				},
			},
		},
	}
}

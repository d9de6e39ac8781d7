package memory

import (
	"context"
	"reflect"
	"slices"
	"strconv"

	"makegood/shared/assessment"
	"makegood/shared/attachment"
	"makegood/shared/erasure"
	"makegood/shared/generation"
	"makegood/shared/ledger"
	"makegood/shared/refund"
)

// ErasePage implements erasure.Store.
func (s *Store) ErasePage(
	_ context.Context, customer ledger.CustomerID, part erasure.Part, after string, limit int, dry bool,
) (erasure.Page, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	keys, erase := s.personal(customer, part)
	slices.Sort(keys)
	keys = slices.DeleteFunc(keys, func(key string) bool { return key <= after })
	page := erasure.Page{Rows: min(limit, len(keys))}
	for _, key := range keys[:page.Rows] {
		page.Tally = page.Tally.Plus(erase(key, dry))
	}
	if len(keys) > limit {
		page.After = keys[limit-1]
	}
	return page, nil
}

// personal returns the keys of a part's rows, and what erases one of them.
func (s *Store) personal(customer ledger.CustomerID, part erasure.Part) (keys []string, erase func(key string, dry bool) erasure.Tally) {
	key := customer.Key()
	switch part {
	case erasure.PartCases:
		for id := range s.cases {
			if id.CustomerKey() == key {
				keys = append(keys, string(id))
			}
		}
		return keys, s.forgetCase
	case erasure.PartAttachments:
		for id := range s.attachments {
			if id.CustomerKey() == key {
				keys = append(keys, string(id))
			}
		}
		return keys, s.forgetAttachment
	case erasure.PartGenerations:
		for id := range s.generations {
			if id.CustomerKey() == key {
				keys = append(keys, string(id))
			}
		}
		return keys, s.forgetGeneration
	case erasure.PartStandings:
		for n := range s.standings[customer] {
			keys = append(keys, strconv.Itoa(1000+n)) // of one length: they sort as their places do
		}
		return keys, func(key string, dry bool) erasure.Tally { return s.forgetStanding(customer, key, dry) }
	case erasure.PartInbox:
		if _, there := s.read[key]; there {
			keys = append(keys, key)
		}
		return keys, s.forgetInbox
	default:
		for id := range s.evidence {
			if id.CustomerKey() == key {
				keys = append(keys, string(id))
			}
		}
		return keys, s.forgetEvidence
	}
}

func (s *Store) forgetCase(key string, dry bool) erasure.Tally {
	row := s.cases[refund.CaseID(key)]
	after := row.item.Forget()
	tally := erasure.Tally{OpenCases: count(row.item.Open()), Cases: count(differ(row.item, after))}
	if !dry {
		row.item = after
		s.cases[refund.CaseID(key)] = row
	}
	return tally
}

func (s *Store) forgetAttachment(key string, dry bool) erasure.Tally {
	if !dry {
		delete(s.attachments, attachment.ID(key))
	}
	return erasure.Tally{Attachments: 1}
}

func (s *Store) forgetGeneration(key string, dry bool) erasure.Tally {
	row := s.generations[generation.ID(key)]
	after := row.item.Forget()
	tally := erasure.Tally{OpenGenerations: count(row.item.State == generation.StateHeld), Generations: count(differ(row.item, after))}
	if !dry {
		row.item = after
		s.generations[generation.ID(key)] = row
	}
	return tally
}

func (s *Store) forgetStanding(customer ledger.CustomerID, key string, dry bool) erasure.Tally {
	place, err := strconv.Atoi(key)
	if err != nil {
		return erasure.Tally{}
	}
	changes := slices.Clone(s.standings[customer])
	tally := erasure.Tally{Standings: count(changes[place-1000].Note != "")}
	if !dry {
		changes[place-1000].Note = ""
		s.standings[customer] = changes
	}
	return tally
}

func (s *Store) forgetEvidence(key string, dry bool) erasure.Tally {
	if !dry {
		delete(s.evidence, refund.CaseID(key))
		s.imprints = slices.DeleteFunc(s.imprints, func(one assessment.Imprint) bool { return string(one.Case) == key })
	}
	return erasure.Tally{Evidence: 1}
}

// differ compares by what a row would hold: no list and an empty one are the same there.
func differ[T any](before, after T) bool { return !reflect.DeepEqual(before, after) }

func count(is bool) int {
	if is {
		return 1
	}
	return 0
}

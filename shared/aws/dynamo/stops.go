package dynamo

import "sync"

// stops remembers where scans stopped at a limit, so that the next one of the same process goes on
// there. A process that begins anew begins at the start: that costs time, and loses nothing.
type stops struct {
	mu sync.Mutex
	at map[string]item // by index
}

// take returns where the last scan of the index stopped, nil for its start, and forgets it.
func (s *stops) take(index string) item {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.at[index]
	delete(s.at, index)
	return key
}

func (s *stops) put(index string, key item) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at == nil {
		s.at = map[string]item{}
	}
	s.at[index] = key
}

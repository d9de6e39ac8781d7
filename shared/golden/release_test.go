package golden_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"makegood/shared/golden"
)

// recorder is a test whose failures are counted.
type recorder struct {
	testing.TB
	failures int
}

func (*recorder) Helper() {}

func (r *recorder) Errorf(string, ...any) { r.failures++ }

func TestWhatIsMissingOrWrittenOtherwiseIsToldFromWhatIsMore(t *testing.T) {
	const former = `{"pk": {"S": "a"}, "facts": {"S": "{\"kind\":\"outage\",\"list\":[1,2]}"}}`
	for now, holds := range map[string]bool{
		former: true,
		`{"pk": {"S": "a"}, "facts": {"S": "{\"list\":[1,2],\"kind\":\"outage\",\"more\":1}"}, "later": {"N": "1"}}`: true,
		`{"pk": {"S": "a"}}`: false,
		`{"pk": {"N": "1"}, "facts": {"S": "{\"kind\":\"outage\",\"list\":[1,2]}"}}`:  false,
		`{"pk": {"S": "a"}, "facts": {"S": "{\"kind\":\"outages\",\"list\":[1,2]}"}}`: false,
		`{"pk": {"S": "a"}, "facts": {"S": "{\"kind\":\"outage\",\"list\":[1]}"}}`:    false,
		`{"pk": {"S": "a"}, "facts": {"S": "plain"}}`:                                 false,
	} {
		r := &recorder{TB: t}
		golden.Holds(r, "row", read(t, former), read(t, now))
		assert.Equal(t, holds, r.failures == 0, now)
	}
}

func read(t *testing.T, text string) any {
	t.Helper()
	var value any
	require.NoError(t, json.Unmarshal([]byte(text), &value))
	return value
}

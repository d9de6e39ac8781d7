package refund_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"makegood/shared/fault"
	"makegood/shared/refund"
)

func TestARegionIsABoxWithinThePictureAndWhatIsWrongWithItIsNamed(t *testing.T) {
	for want, region := range map[string]refund.Region{
		"region.x":      {X: 1000, Y: -1, Width: 1, Height: 1},
		"region.y":      {Y: -1, Width: 1, Height: 0},
		"region.width":  {X: 999, Width: 2, Height: 1},
		"region.height": {Width: 1000},
	} {
		var refused *fault.Error
		require.ErrorAs(t, region.Validate("region"), &refused)
		require.Equal(t, []any{fault.KindInvalid, want}, []any{refused.Kind, refused.Field})
	}
}

func TestALawOfRegionsWhatIsTakenLiesInThePictureAndNothingElseIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(-2, 1002)
		r := refund.Region{X: side.Draw(t, "x"), Y: side.Draw(t, "y"), Width: side.Draw(t, "width"), Height: side.Draw(t, "height")}
		inside := r.X >= 0 && r.Y >= 0 && r.Width >= 1 && r.Height >= 1 && r.X+r.Width <= 1000 && r.Y+r.Height <= 1000
		require.Equal(t, inside, r.Validate("region") == nil, "%+v", r)
	})
}

func TestARegionTellsAReportFromAnotherUnderItsKey(t *testing.T) {
	s := made(1)
	report := s.reported(0, "k")
	report.Statement.Region = &refund.Region{X: 1, Y: 2, Width: 3, Height: 4}
	_, err := s.file(t, report, noon)
	require.NoError(t, err)
	again, err := s.file(t, report, noon.Add(time.Minute))
	require.NoError(t, err)
	require.True(t, again.Replayed)
	require.Equal(t, report.Statement.Region, s.found.Case.Statement.Region)
	for _, other := range []*refund.Region{nil, {X: 12, Y: 3, Width: 4, Height: 5}} {
		report.Statement.Region = other
		_, err = s.file(t, report, noon)
		require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
	}
	report.Statement.Region = &refund.Region{}
	_, err = s.file(t, report, noon)
	var refused *fault.Error
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "region.width", refused.Field)
}

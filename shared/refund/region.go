package refund

import "makegood/shared/fault"

// wholeSide is how many parts each side of a picture has that a region counts in.
const wholeSide = 1000

// Region is the part of a picture that is wrong: a box, in thousandths of the picture's width and
// height, from its upper left corner. So it is the same box on every copy of the picture, however
// large. Why: infra/decisions/0085.
type Region struct {
	// X and Y are where its upper left corner is, 0 to 999.
	X int `json:"x"`
	Y int `json:"y"`
	// Width and Height are at least 1, and end within the picture.
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Validate returns a KindInvalid error that names the field at fault below field: region.width.
func (r Region) Validate(field string) error {
	for _, side := range []struct {
		start, extent         string
		startsAt, extendsOver int
	}{{"x", "width", r.X, r.Width}, {"y", "height", r.Y, r.Height}} {
		if side.startsAt < 0 || side.startsAt >= wholeSide {
			return fault.Invalid(field+"."+side.start, "must be 0 to %d thousandths of the picture", wholeSide-1)
		}
		if most := wholeSide - side.startsAt; side.extendsOver < 1 || side.extendsOver > most {
			return fault.Invalid(field+"."+side.extent, "must be 1 to %d thousandths of the picture from %s %d on", most, side.start, side.startsAt)
		}
	}
	return nil
}

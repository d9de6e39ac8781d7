package browsertest

import (
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// Point is a place on an element, in shares of its width and height from its upper left corner.
type Point struct{ X, Y float64 }

// Drag scrolls to what a JavaScript expression finds, presses the mouse at a point of it, and
// releases it at another, which may lie outside.
func (p *Page) Drag(element string, from, to Point) {
	p.t.Helper()
	box := Value[struct{ X, Y, Width, Height float64 }](p, "("+element+").scrollIntoView({block: 'center'}), ("+element+").getBoundingClientRect().toJSON()")
	mouse := func(kind input.DispatchMouseEventType, at Point) chromedp.Action[chromedp.Void] {
		return command(input.DispatchMouseEvent, input.DispatchMouseEventParams{
			Type: kind, X: box.X + at.X*box.Width, Y: box.Y + at.Y*box.Height, Button: input.MouseButtonLeft, Buttons: 1, ClickCount: 1,
		})
	}
	middle := Point{(from.X + to.X) / 2, (from.Y + to.Y) / 2}
	p.do("dragging over "+element,
		mouse(input.DispatchMouseEventTypeMousePressed, from), mouse(input.DispatchMouseEventTypeMouseMoved, middle),
		mouse(input.DispatchMouseEventTypeMouseMoved, to), mouse(input.DispatchMouseEventTypeMouseReleased, to),
	)
}

package browsertest

import (
	"context"
	"encoding/json"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
)

// Spoken returns what a screen reader finds on the page, in its order: each node that has a role
// and a name, as "role: name".
func (p *Page) Spoken() (nodes []string) {
	p.t.Helper()
	p.within("what a screen reader finds", func(ctx context.Context) error {
		answer, err := chromedp.Call(ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		for _, node := range answer.Nodes {
			if node.Ignored || node.Role == nil || node.Name == nil {
				continue
			}
			var role, name string
			if json.Unmarshal(node.Role.Value, &role) == nil && json.Unmarshal(node.Name.Value, &name) == nil && name != "" {
				nodes = append(nodes, role+": "+name)
			}
		}
		return err
	})
	return nodes
}

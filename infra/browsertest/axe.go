package browsertest

import (
	"archive/zip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"makegood/infra/local"
)

// finding is one rule of axe that a page breaks.
type finding struct {
	ID    string `json:"id"`
	Help  string `json:"help"`
	Nodes []struct {
		HTML           string `json:"html"`
		FailureSummary string `json:"failureSummary"`
	} `json:"nodes"`
}

// judgement is WCAG 2.2 at AA and what axe holds to be good practice besides.
const judgement = `axe.run(document, {resultTypes: ["violations"],
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}).then(found => found.violations)`

// Axe demands that axe-core finds nothing against the page as it is shown now: WCAG 2.2 AA and good
// practice. It needs JavaScript.
func (p *Page) Axe() {
	p.t.Helper()
	for _, broken := range p.axe() {
		for _, node := range broken.Nodes {
			p.t.Errorf("axe: %s (%s): %s\n%s", broken.Help, broken.ID, node.HTML, node.FailureSummary)
		}
	}
}

// axe runs beside the page's own script, in a world of its own: the page's content security policy
// need not let it in.
func (p *Page) axe() (found []finding) {
	p.t.Helper()
	source, err := p.browser.axe()
	require.NoError(p.t, err, "axe-core")
	p.within("axe", func(ctx context.Context) error {
		tree, err := chromedp.Call(ctx, page.GetFrameTree, struct{}{})
		if err != nil {
			return err
		}
		world, err := chromedp.Call(ctx, page.CreateIsolatedWorld, page.CreateIsolatedWorldParams{FrameID: tree.FrameTree.Frame.ID, WorldName: "axe"})
		if err != nil {
			return err
		}
		inside := func(e *runtime.EvaluateParams) { e.ContextID = world.ExecutionContextID }
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](source, inside)); err != nil {
			return err
		}
		found, err = chromedp.Run(ctx, chromedp.Evaluate[[]finding](judgement, inside, chromedp.EvalAwaitPromise))
		return err
	})
	return found
}

// axeOnce reads axe's source with the first test that asks for it.
func axeOnce() func() (string, error) {
	return sync.OnceValues(func() (string, error) {
		folder, err := local.Axe(context.Background(), os.Stderr)
		if err != nil {
			return "", err
		}
		jars, err := filepath.Glob(filepath.Join(folder, "*.jar"))
		if err != nil || len(jars) != 1 {
			return "", fmt.Errorf("%s is to hold one jar: %v %w", folder, jars, err)
		}
		jar, err := zip.OpenReader(jars[0])
		if err != nil {
			return "", err
		}
		defer func() { _ = jar.Close() }()
		file, err := jar.Open("axe.min.js")
		if err != nil {
			return "", err
		}
		source, err := io.ReadAll(file)
		return string(source), err
	})
}

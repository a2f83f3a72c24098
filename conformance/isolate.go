package conformance

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/extensions/globals"
	"github.com/onsi/ginkgo/v2/formatter"
	"github.com/onsi/ginkgo/v2/types"
)

// ginkgoLock guards Ginkgo's globals: one suite is built and run at a time.
var ginkgoLock sync.Mutex

// verdict stands in for a test: Ginkgo only ever tells it that it failed.
type verdict struct{ failed bool }

func (v *verdict) Fail() { v.failed = true }

// isolated builds a suite in a Ginkgo of its own, runs it quietly and returns
// its report; tell may add entries to it in the end. No flag of the process has
// an influence on it.
func isolated(name string, suite types.SuiteConfig, build, tell func()) (report types.Report) {
	ginkgoLock.Lock()
	defer ginkgoLock.Unlock()
	suiteBefore, reporterBefore := ginkgo.GinkgoConfiguration()
	outBefore := formatter.ColorableStdOut
	formatter.ColorableStdOut = io.Discard
	globals.Reset()
	defer func() {
		globals.Reset()
		// PreviewSpecs is the only way to hand Ginkgo a configuration without
		// running anything.
		ginkgo.PreviewSpecs("", suiteBefore, reporterBefore)
		globals.Reset()
		formatter.ColorableStdOut = outBefore
	}()
	unlint := ginkgo.AddTreeConstructionNodeArgsTransformer(lint)
	defer unlint()
	reporter := types.NewDefaultReporterConfig()
	reporter.Succinct, reporter.NoColor = true, true
	// The container is entered when the tree is built, within RunSpecs.
	ginkgo.Describe("conformance", build)
	ginkgo.AfterSuite(tell)
	ginkgo.ReportAfterSuite("collect", func(r ginkgo.Report) { report = r })
	ginkgo.RunSpecs(&verdict{}, name, suite, reporter)
	return report
}

// grace is how long a request may go on when the run is stopped. Without its
// answer nobody knows what it made.
const grace = 2 * time.Second

// withEither returns a context of the first that ends with the second, too, some
// time after it.
func withEither(first, second context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(first)
	stop := context.AfterFunc(second, func() {
		if pause(ctx, grace) == nil {
			cancel()
		}
	})
	return ctx, func() { stop(); cancel() }
}

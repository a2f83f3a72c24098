package conformance

import (
	"context"
	"io"
	"sync"

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
// its report. No flag of the process has an influence on it.
func isolated(name string, seed int64, build func()) (report types.Report) {
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
	suite, reporter := types.NewDefaultSuiteConfig(), types.NewDefaultReporterConfig()
	suite.FailOnEmpty, suite.RandomizeAllSpecs, suite.RandomSeed = true, true, seed
	reporter.Succinct, reporter.NoColor = true, true
	// The container is entered when the tree is built, within RunSpecs.
	ginkgo.Describe("conformance", build)
	ginkgo.ReportAfterSuite("collect", func(r ginkgo.Report) { report = r })
	ginkgo.RunSpecs(&verdict{}, name, suite, reporter)
	return report
}

// withEither returns a context of the first that ends with the second, too.
func withEither(first, second context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(first)
	stop := context.AfterFunc(second, cancel)
	return ctx, func() { stop(); cancel() }
}

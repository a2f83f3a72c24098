package conformance

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/ginkgo/v2/types"

	"github.com/cfimages/cfimages/runtime/contract"
)

// suite receives the clauses of every group. It either makes Ginkgo specs of
// them or, without a run, only takes notice of them.
type suite struct {
	run *run
	// dry only counts the specs.
	dry     bool
	planned int
	// seen are the clauses that the suite implements.
	seen map[string]bool
}

// group is a part of the suite.
type group struct {
	name string
	fill func(s *suite)
}

// groups lists the whole suite in the order of the catalogue.
func groups() []group {
	return []group{
		{"ENV", everyOperation},
		{"V1L", listByNumber},
		{"V1G", getImage},
		{"V1C", uploadImage},
		{"V1E", editImage},
		{"V1D", deleteImage},
		{"BLB", downloadImage},
		{"KYL", listKeys},
		{"KYU", putKey},
		{"KYD", deleteKey},
		{"STA", statistics},
		{"VRL", listVariants},
		{"VRG", getVariant},
		{"VRC", createVariant},
		{"VRE", editVariant},
		{"VRD", deleteVariant},
		{"V2L", listByToken},
		{"DUC", createDirectUpload},
		{"DUU", postDirectUpload},
		{"STM", overTime},
		{"CON", concurrently},
		{"generated client", withClient},
	}
}

// implementedClauses walks the suite, once, without running it.
var implementedClauses = sync.OnceValue(func() map[string]bool {
	s := &suite{seen: map[string]bool{}}
	s.fill()
	return s.seen
})

func (s *suite) fill() {
	for _, g := range groups() {
		g.fill(s)
	}
}

// register makes a container for every group.
func (s *suite) register() {
	for _, g := range groups() {
		ginkgo.Describe(g.name, func() { g.fill(s) })
	}
}

// clause makes a spec that checks a clause.
func (s *suite) clause(id string, check func(t *spec), needs ...need) {
	s.row(id, "", check, needs...)
}

// row makes a spec that checks one case of a clause. A clause holds when all
// its rows do.
func (s *suite) row(id, name string, check func(t *spec), needs ...need) {
	c, ok := clauseByID(id)
	if !ok {
		panic("there is no clause " + id)
	}
	if c.Safety == Special && len(needs) == 0 {
		panic(id + " is special and must say what it needs")
	}
	s.seen[id] = true
	needs = append([]need{demands(c.Safety)}, needs...)
	if s.run == nil || !s.run.selected(c, needs) {
		return
	}
	s.planned++
	if s.dry {
		return
	}
	text := id
	if name != "" {
		text += " [" + name + "]"
	}
	serial := slices.ContainsFunc(needs, func(n need) bool { return n.alone || n.class == Account || n.class == Special })
	s.it(text, c, serial, check)
}

// it makes a spec. What changes or counts things the whole account shares runs
// alone when there are several processes.
func (s *suite) it(text string, c Clause, serial bool, check func(t *spec)) {
	labels := ginkgo.Label("clause:"+c.ID, "level:"+string(c.Level), "safety:"+string(c.Safety))
	args := []any{labels, ginkgo.SpecTimeout(s.run.limit()), func(ctx ginkgo.SpecContext) { s.run.check(ctx, c, check) }}
	if serial {
		args = append(args, ginkgo.Serial)
	}
	ginkgo.It(text, args...)
}

// check runs one spec, and deletes what it made whatever happens.
func (r *run) check(ctx ginkgo.SpecContext, c Clause, check func(t *spec)) {
	if r.ctx.Err() != nil {
		ginkgo.AbortSuite(stopped + ": " + r.ctx.Err().Error())
	}
	if cause := r.gate.stopped(); cause != nil {
		r.halt(cause)
	}
	if r.hosted {
		if err := r.enter(); err != nil {
			r.halt(err)
		}
	}
	own, cancel := withEither(ctx, r.ctx)
	defer cancel()
	t := r.newSpec(own, c)
	r.progress.checking(c.ID)
	ginkgo.DeferCleanup(func(ctx ginkgo.SpecContext) {
		r.progress.checked(ctx.SpecReport().Failed())
		t.cover()
		t.tellRequests()
		r.watchTarget(t.trace.last())
		r.clean(ctx, t.ledger)
	}, ginkgo.NodeTimeout(r.limit()))
	check(t)
	if n := t.trace.repeated(); n > 0 && r.policy.Strict {
		t.failf("%d answers asked to come again (429 or 503), which a strict run does not excuse", n)
	}
}

const clauseLabel = "clause:"

// lint refuses a spec that does not say which clause it checks, how it is
// classed and how long it may take.
func lint(node types.NodeType, _ ginkgo.Offset, text string, args []any) (string, []any, []error) {
	if node != types.NodeTypeIt {
		return text, args, nil
	}
	var labels []string
	timed := false
	for _, arg := range args {
		switch arg := arg.(type) {
		case ginkgo.Labels:
			labels = append(labels, arg...)
		case ginkgo.SpecTimeout:
			timed = arg > 0
		}
	}
	if err := lintLabels(labels); err != nil {
		return text, args, []error{fmt.Errorf("spec %q: %w", text, err)}
	}
	if !timed {
		return text, args, []error{fmt.Errorf("spec %q has no timeout", text)}
	}
	return text, args, nil
}

func lintLabels(labels []string) error {
	c, ok := clauseByID(labelled(labels, clauseLabel))
	switch {
	case !ok:
		return errors.New("it names no clause of the catalogue")
	case labelled(labels, "level:") != string(c.Level):
		return errors.New("its level is not that of " + c.ID)
	case labelled(labels, "safety:") != string(c.Safety):
		return errors.New("its safety class is not that of " + c.ID)
	}
	return nil
}

// labelled returns what follows the prefix in the first label that has it.
func labelled(labels []string, prefix string) string {
	i := slices.IndexFunc(labels, func(l string) bool { return strings.HasPrefix(l, prefix) })
	if i < 0 {
		return ""
	}
	return strings.TrimPrefix(labels[i], prefix)
}

// operations is the table that clauses about every operation run over.
func (s *suite) operations() []*contract.Operation {
	if s.run == nil {
		return defaultOperations()
	}
	if s.run.target.Has(FeatureV1List) {
		return s.run.target.Operations
	}
	return slices.DeleteFunc(slices.Clone(s.run.target.Operations), func(op *contract.Operation) bool { return op.Deprecated })
}

package lower

import (
	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// root notes a schema that a caller of the API sees.
func (l *lowering) root(s load.Schema) { l.roots = append(l.roots, s) }

// models lists the components that become Go types: all that are reached from
// what callers see. Envelopes, forms and failures are not among them.
func (l *lowering) models() {
	reached := map[string]bool{}
	for _, s := range l.roots {
		reach(s, reached)
	}
	l.unused()
	l.checkSchemas()
	for _, c := range l.doc.Components() {
		if reached[c.Ref] {
			l.api.Models = append(l.api.Models, c.Ref)
			l.declare(goname.Exported(c.Ref), c.Node.Pos())
		}
	}
}

func reach(s load.Schema, reached map[string]bool) {
	if !s.Ok() {
		return
	}
	if s.Ref != "" {
		if reached[s.Ref] {
			return
		}
		reached[s.Ref] = true
	}
	for _, p := range s.Members() {
		reach(p.Schema, reached)
	}
	reach(s.Item(), reached)
	reach(s.Values(), reached)
}

// checkSchemas checks extensions on schemas wherever they are, since requests
// do not reach all of them.
func (l *lowering) checkSchemas() {
	l.doc.Walk(func(k load.Kind, n load.Node) {
		if k == load.KindSchema {
			l.errorName(n.Get(ext.KeyViolation))
		}
	})
	for _, c := range l.doc.Components() {
		if raw := c.Node.Get(ext.KeyRaw); raw.Ok() && !c.Free() {
			l.addf(raw.Pos(), "%s belongs on a free-form object", ext.KeyRaw)
		}
	}
}

// unused reports components that nothing refers to.
func (l *lowering) unused() {
	if !l.doc.Complete() {
		return // a misspelt reference leaves a schema without the one it means
	}
	used := map[string]bool{}
	l.doc.Walk(func(k load.Kind, n load.Node) {
		switch {
		case k == load.KindSchema:
			used[n.Ref()] = true
		case k == load.KindOperation:
			used[componentRef+n.Get(ext.KeyUpload, "result").Text()] = true
		}
	})
	for _, c := range l.doc.Components() {
		if !used[componentRef+c.Ref] {
			l.addf(c.Use.Pos(), "schema %q is not used", c.Ref)
		}
	}
}

const componentRef = "#/components/schemas/"

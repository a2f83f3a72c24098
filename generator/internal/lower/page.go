package lower

import (
	"reflect"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// page lowers x-gen-page.
func (l *lowering) page(op load.Operation, o ir.Operation, a answer) *ir.Page {
	p, ok := ext.Get[ext.Page](op.Node, ext.KeyPage)
	if !ok {
		return nil
	}
	out := &ir.Page{
		All: goname.Exported(p.All), Token: p.Style == "token", Items: p.Items,
		ItemsField: goname.Exported(p.Items), Size: p.Size,
	}
	if o.Result.Kind != ir.ResultJSON || op.Node.Get(ext.KeyResult).Ok() {
		l.addf(p.Node.Pos(), "a paginated operation must return the envelope's result itself")
		return nil
	}
	l.pageItems(p, a, out)
	l.pageField(o, p.Node.Get("size"), ir.FieldInt)
	if out.Token {
		l.pageTokens(o, p, a, out)
	} else {
		l.pageNumber(o, p, out)
	}
	return out
}

func (l *lowering) pageItems(p ext.Page, a answer, out *ir.Page) {
	n := p.Node.Get("items")
	items, ok := a.result.Member(p.Items)
	switch {
	case !a.result.Ok():
	case !ok:
		l.addf(n.ValuePos(), "items names %q, which schema %q does not have%s",
			p.Items, a.result.Ref, having(propertyNames(a.result)))
	case !items.Is("array") || items.Item().Ref == "" || pointer(items):
		l.addf(n.ValuePos(), "items names %q, which is not a required list of a component", p.Items)
	default:
		out.ItemType = goname.Exported(items.Item().Ref)
	}
}

func (l *lowering) pageTokens(o ir.Operation, p ext.Page, a answer, out *ir.Page) {
	l.wantFields(p.Node, "token_in", "token_out")
	l.refuseFields(p.Node, "number")
	out.TokenIn, out.TokenInField = p.TokenIn, goname.Exported(p.TokenIn)
	out.TokenOut, out.TokenOutField = p.TokenOut, goname.Exported(p.TokenOut)
	l.pageField(o, p.Node.Get("token_in"), ir.FieldText)
	n := p.Node.Get("token_out")
	token, ok := a.result.Member(p.TokenOut)
	switch {
	case !n.Ok() || !a.result.Ok():
	case !ok:
		l.addf(n.ValuePos(), "token_out names %q, which schema %q does not have%s",
			p.TokenOut, a.result.Ref, having(propertyNames(a.result)))
	case !token.Is("string"):
		l.addf(n.ValuePos(), "token_out names %q, which is not a string", p.TokenOut)
	default:
		out.TokenOutPtr = pointer(token)
	}
}

func (l *lowering) pageNumber(o ir.Operation, p ext.Page, out *ir.Page) {
	l.wantFields(p.Node, "number")
	l.refuseFields(p.Node, "token_in", "token_out")
	out.Number, out.NumberField = p.Number, goname.Exported(p.Number)
	l.pageField(o, p.Node.Get("number"), ir.FieldInt)
}

// pageField wants the query parameter that a node names to be of a kind.
func (l *lowering) pageField(o ir.Operation, n load.Node, kind ir.FieldKind) {
	if !n.Ok() {
		return
	}
	var names []string
	if o.Query != nil {
		for _, f := range o.Query.Fields {
			if f.Wire == n.Text() {
				l.checkPageField(f, n, kind)
				return
			}
			names = append(names, f.Wire)
		}
	}
	l.addf(n.ValuePos(), "%s names %q, which is not a query parameter%s", n.Name(), n.Text(), having(names))
}

func (l *lowering) checkPageField(f ir.Field, n load.Node, kind ir.FieldKind) {
	switch {
	case f.Kind == kind:
	case kind == ir.FieldInt:
		l.addf(n.ValuePos(), "%s names %q, which is not an integer of at least 1", n.Name(), n.Text())
	default:
		l.addf(n.ValuePos(), "%s names %q, which is not a string", n.Name(), n.Text())
	}
}

func (l *lowering) wantFields(n load.Node, names ...string) {
	for _, name := range names {
		if !n.Get(name).Ok() {
			l.addf(n.Pos(), "pages of style %s need the field %q", n.Get("style").Text(), name)
		}
	}
}

func (l *lowering) refuseFields(n load.Node, names ...string) {
	for _, name := range names {
		if m := n.Get(name); m.Ok() {
			l.addf(m.Pos(), "pages of style %s have no field %q", n.Get("style").Text(), name)
		}
	}
}

// filtered lowers x-gen-filter and reports whether the operation has one.
func (l *lowering) filtered(op load.Operation) bool {
	f, ok := ext.Get[ext.Filter](op.Node, ext.KeyFilter)
	if !ok {
		return false
	}
	switch {
	case l.filter == nil:
		l.filter = &f
		l.api.Filter = l.lowerFilter(f)
	case !reflect.DeepEqual(l.api.Filter, quiet(f)):
		l.addf(f.Node.Pos(), "this filter differs from the one on line %d; an API has one", l.filter.Node.Pos().Line)
	}
	for _, p := range op.Params {
		if p.In == "query" && goname.Exported(p.Name) == "Filter" {
			l.addf(p.Node.Pos(), "parameter %q takes the name of the filter's field", p.Name)
		}
	}
	return true
}

// quiet lowers a filter without looking for mistakes.
func quiet(f ext.Filter) *ir.Filter { return (&lowering{}).lowerFilter(f) }

func (l *lowering) lowerFilter(f ext.Filter) *ir.Filter {
	out := &ir.Filter{
		Prefix: f.Prefix, MaxTerms: f.MaxTerms, MaxLevels: f.MaxLevels, MaxElements: f.MaxElements,
		MaxPath: f.MaxPath, Segment: f.Segment, Separator: f.Separator,
	}
	seen := takenByFilter()
	for _, o := range f.Operators {
		op := ir.FilterOperator{
			Name: o.Name, GoName: goname.Exported(o.Name), Match: "Match" + goname.Exported(o.Match), List: o.List,
			Doc: doc(o.Doc),
		}
		for _, t := range o.Types {
			op.Types = append(op.Types, goname.Exported(t))
		}
		if seen[op.GoName] {
			l.addf(o.Node.Get("name").ValuePos(), "operator %q gives a Go name that is already taken", o.Name)
		}
		seen[op.GoName] = true
		out.Operators = append(out.Operators, op)
	}
	return out
}

// takenByFilter are the names that package filter has beside its operators.
func takenByFilter() map[string]bool {
	taken := map[string]bool{}
	for _, name := range []string{"Filter", "Term", "All", "Parse", "ParseJSON", "Path", "Text"} {
		taken[name] = true
	}
	for _, typ := range []string{"String", "Number", "Boolean"} {
		for _, suffix := range []string{"", "Field", "ListField"} {
			taken[typ+suffix] = true
		}
	}
	return taken
}

// upload lowers x-gen-upload.
func (l *lowering) upload(op load.Operation, a answer) *ir.Upload {
	u, ok := ext.Get[ext.Upload](op.Node, ext.KeyUpload)
	if !ok {
		return nil
	}
	if p, ok := a.result.Member(u.URL); !ok && a.result.Ok() {
		l.addf(u.Node.Get("url").ValuePos(), "url names %q, which the result does not have%s",
			u.URL, having(propertyNames(a.result)))
	} else if ok && (!p.Is("string") || pointer(p)) {
		l.addf(u.Node.Get("url").ValuePos(), "url names %q, which is not a required string", u.URL)
	}
	if result, ok := l.doc.Component(u.Result); ok {
		l.answered(result)
	} else {
		l.addf(u.Node.Get("result").ValuePos(), "result names %q, which is not a component", u.Result)
	}
	return &ir.Upload{
		Name: goname.Exported(u.Name), Field: goname.Exported(u.URL), Part: u.Part,
		Result: goname.Exported(u.Result), Schema: l.partSchema(u.Part),
	}
}

// partSchema returns what a file part must satisfy: what the API's own forms
// demand of the part with the same name, if any has it.
func (l *lowering) partSchema(part string) ir.Schema {
	for _, op := range l.doc.Operations() {
		for _, m := range op.Body() {
			p, ok := m.Schema.Member(part)
			if m.Type == mediaForm && ok && p.Format == "binary" {
				return l.validation(p.Schema)
			}
		}
	}
	return ir.Schema{Type: "Binary"}
}

package lower

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// binds finds the parameters that are given once. Every operation must have
// all of them, since the interface has no place for those that differ.
func (l *lowering) binds() {
	l.bound = map[string]bool{}
	ops := l.doc.Operations()
	for i, op := range ops {
		var names []string
		for _, p := range l.boundParams(op) {
			names = append(names, p.Name)
			if i == 0 {
				l.bound[p.Name] = true
				l.api.Binds = append(l.api.Binds, l.arg(p))
			}
		}
		if want := bindNames(l.api.Binds); !slices.Equal(names, want) {
			l.addf(op.Node.Pos(), "%s is on [%s] here, but on [%s] for the operation on line %d; all operations share them",
				ext.KeyBind, strings.Join(names, " "), strings.Join(want, " "), ops[0].Node.Pos().Line)
		}
	}
}

// boundParams returns the path parameters of an operation that are given once.
func (l *lowering) boundParams(op load.Operation) []load.Parameter {
	for _, p := range op.Params {
		if isBound(p) && p.In != "path" {
			l.addf(p.Node.Get(ext.KeyBind).Pos(), "%s on %q, which is not a path parameter", ext.KeyBind, p.Name)
		}
	}
	var bound []load.Parameter
	for _, p := range pathParams(op) {
		if isBound(p) {
			bound = append(bound, p)
		}
	}
	return bound
}

func bindNames(args []ir.Arg) []string {
	var names []string
	for _, a := range args {
		names = append(names, a.Wire)
	}
	return names
}

func isBound(p load.Parameter) bool {
	bind, _ := ext.Get[bool](p.Node, ext.KeyBind)
	return bind
}

// pathParams returns the path parameters in the order of the path.
func pathParams(op load.Operation) []load.Parameter {
	var params []load.Parameter
	for _, m := range regexp.MustCompile(`\{([^{}]+)\}`).FindAllStringSubmatch(op.Path, -1) {
		for _, p := range op.Params {
			if p.In == "path" && p.Name == m[1] {
				params = append(params, p)
			}
		}
	}
	return params
}

func (l *lowering) arg(p load.Parameter) ir.Arg {
	if !p.Schema.Is("string") && !p.Schema.Broken() {
		l.addf(p.Node.Pos(), "path parameter %q must be a string", p.Name)
	}
	l.root(p.Schema)
	return ir.Arg{
		Wire: p.Name, GoName: ir.ArgName(goname.Unexported(p.Name)), Field: goname.Exported(p.Name),
		Doc: doc(p.Description), Schema: l.validation(p.Schema),
	}
}

func (l *lowering) operation(op load.Operation) ir.Operation {
	name := goname.Exported(op.OperationID)
	o := ir.Operation{
		ID: op.OperationID, Name: name, Var: "Op" + name, Method: op.Method, Path: op.Path,
		Doc: operationDoc(op), Errors: l.errorNames(op.Node.Get(ext.KeyErrors)),
	}
	if op.Deprecated {
		o.Deprecated = op.Node.Get(ext.KeyReason).Text()
	}
	for _, p := range pathParams(op) {
		if !l.bound[p.Name] {
			o.Args = append(o.Args, l.arg(p))
		}
	}
	o.Filtered = l.filtered(op)
	o.Query = l.query(op, o.Filtered)
	o.Body = l.body(op)
	if o.Query != nil && o.Body != nil {
		l.addf(op.Node.Pos(), "an operation cannot have both query parameters and a body")
	}
	answer := l.answer(op)
	o.Result = l.result(op, answer)
	o.Page = l.page(op, o, answer)
	o.Upload = l.upload(op, answer)
	o.Example = answer.example(o.Result)
	l.declareMethods(op, o)
	return o
}

// declareMethods reports methods whose names two things would have.
func (l *lowering) declareMethods(op load.Operation, o ir.Operation) {
	at := op.Node.Nearest("operationId").ValuePos()
	l.method(o.Name, at)
	if _, twice := l.types[o.Var]; !twice { // a second operation is reported already
		l.declare(o.Var, at)
	}
	if o.Page != nil {
		l.method(o.Page.All, op.Node.Get(ext.KeyPage).Nearest("all").ValuePos())
	}
	if o.Upload != nil {
		l.method(o.Upload.Name, op.Node.Get(ext.KeyUpload).Nearest("name").ValuePos())
	}
}

func (l *lowering) method(name string, at load.Position) {
	if slices.Contains(ir.ReservedMethods, name) {
		l.addf(at, "the Go method %s is taken: every client or mock has it", name)
		return
	}
	if first, twice := l.methods[name]; twice && !l.reported(at) {
		l.addf(at, "the Go method %s is already made from line %d", name, first.Line)
	} else if !twice {
		l.methods[name] = at
	}
}

// reported tells whether there is a problem at a place already, of which
// another one would only be the consequence.
func (l *lowering) reported(at load.Position) bool {
	return slices.ContainsFunc(l.problems, func(p load.Problem) bool { return p.Position == at })
}

func operationDoc(op load.Operation) string {
	if op.Description != "" {
		return doc(op.Description)
	}
	return doc(op.Summary)
}

// doc returns a description as the text of a comment.
func doc(description string) string { return strings.TrimSpace(description) }

// query lowers the query parameters.
func (l *lowering) query(op load.Operation, filtered bool) *ir.Input {
	in := &ir.Input{
		GoName: goname.Exported(op.OperationID) + "Params",
		Doc:    fmt.Sprintf("Holds the query parameters of %s.", goname.Exported(op.OperationID)),
		Filter: filtered,
	}
	token := op.Node.Get(ext.KeyPage, "token_in").Text()
	for _, p := range op.Params {
		if p.In != "query" || !p.Schema.Ok() {
			continue
		}
		l.root(p.Schema)
		f := l.field(p.Name, p.Schema, p.Node, p.Name == token && token != "")
		f.Doc, f.Required = doc(p.Description), p.Required
		if f.Kind == ir.FieldFile || f.Kind == ir.FieldObject {
			l.addf(p.Node.Pos(), "query parameter %q cannot be an object or a file", p.Name)
		}
		in.Fields = append(in.Fields, f)
	}
	if len(in.Fields) == 0 && !filtered {
		return nil
	}
	l.declare(in.GoName, op.Node.Nearest("operationId").ValuePos())
	l.api.Inputs = append(l.api.Inputs, *in)
	return in
}

// body lowers the request body.
func (l *lowering) body(op load.Operation) *ir.Body {
	media := op.Body()
	if len(media) == 0 {
		return nil
	}
	if len(media) > 1 {
		l.addf(media[1].Node.Pos(), "a request body with more than one media type is not supported")
	}
	m := media[0]
	if m.Schema.Broken() {
		return nil
	}
	if m.Schema.Ref == "" {
		l.addf(m.Node.Pos(), "the schema of a request body must be a $ref to a component")
		return nil
	}
	b := &ir.Body{
		Required: op.RequestBody.Value.Required, Type: goname.Exported(m.Schema.Ref),
		Schema: l.validation(m.Schema),
	}
	switch m.Type {
	case mediaForm:
		b.Form = true
		b.Input = l.form(m.Schema)
	case mediaJSON:
		l.root(m.Schema)
	default:
		l.addf(m.Node.Pos(), "request bodies of type %s are not supported, only %s and %s", m.Type, mediaJSON, mediaForm)
	}
	return b
}

const (
	mediaJSON = "application/json"
	mediaForm = "multipart/form-data"
)

// form lowers a multipart schema; two operations may share it.
func (l *lowering) form(s load.Schema) *ir.Input {
	name := goname.Exported(s.Ref)
	for i := range l.api.Inputs {
		if l.api.Inputs[i].GoName == name {
			return &l.api.Inputs[i]
		}
	}
	if !s.Is("object") {
		l.addf(s.Node.Pos(), "the schema of a form must be an object")
	}
	in := ir.Input{GoName: name, Doc: doc(s.Description), Form: true}
	for _, p := range s.Members() {
		if p.Ref != "" {
			l.root(p.Schema)
		}
		f := l.field(p.Name, p.Schema, p.Use, false)
		f.Doc, f.Required = doc(p.Description), p.Required
		in.Fields = append(in.Fields, f)
	}
	l.declare(name, s.Node.Pos())
	l.api.Inputs = append(l.api.Inputs, in)
	return &in
}

// declare reports Go names that two things would have.
func (l *lowering) declare(name string, at load.Position) {
	first, twice := l.types[name]
	switch {
	case slices.Contains(ir.ReservedTypes, name):
		l.addf(at, "the Go name %s is taken: every API has it", name)
		return
	case twice && first == at:
		l.addf(at, "the Go type %s cannot be both a form and a part of requests or answers in JSON", name)
		return
	case twice && !l.reported(at):
		l.addf(at, "the Go type %s is already made from line %d", name, first.Line)
		return
	}
	l.types[name] = at
}

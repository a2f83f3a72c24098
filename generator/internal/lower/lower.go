// Package lower turns a specification into the model that the emitters write:
// it decides every Go name and type, and finds what cannot be decided.
package lower

import (
	"strings"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// Lower returns the model of a specification. The error is of type
// [load.Problems] and holds every mistake in the specification, those of
// [load.Document.Lint] and [ext.Check] included.
func Lower(d *load.Document) (*ir.API, error) {
	l := &lowering{
		doc: d, api: &ir.API{Source: d.Path}, schemas: map[string]progress{},
		types: map[string]load.Position{}, methods: map[string]load.Position{},
	}
	l.problems = append(l.problems, d.Lint()...)
	l.problems = append(l.problems, ext.Check(d)...)
	l.document()
	l.catalogue()
	l.security()
	l.binds()
	l.env()
	for _, op := range d.Operations() {
		l.api.Operations = append(l.api.Operations, l.operation(op))
	}
	l.models()
	l.scans()
	l.problems = append(l.problems, d.Validate(l.problems)...)
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	return l.api, nil
}

// lowering is the state of one [Lower].
type lowering struct {
	doc      *load.Document
	api      *ir.API
	problems load.Problems
	envelope ext.Envelope
	// bound are the wire names of the parameters that are given once.
	bound map[string]bool
	// schemas are the components that have been lowered for validation.
	schemas map[string]progress
	// filter is the first operation's filter, whose position is told when
	// another differs.
	filter *ext.Filter
	// roots are the schemas from which all others that become Go types are
	// reached.
	roots []load.Schema
	// results are those of the roots that are answered.
	results []load.Schema
	// types and methods are the Go names declared so far, with their positions.
	types, methods map[string]load.Position
}

func (l *lowering) addf(at load.Position, format string, args ...any) {
	l.problems.Addf(at, format, args...)
}

func (l *lowering) document() {
	root, doc := l.doc.Root(), l.doc.Doc
	if doc.Info != nil {
		l.api.Title, l.api.Version = doc.Info.Title, doc.Info.Version
	}
	if len(doc.Servers) > 0 {
		l.api.BaseURL = strings.TrimRight(doc.Servers[0].URL, "/")
	} else {
		l.addf(l.doc.Pos("servers"), "servers is missing; the first one is the real service")
	}
	env, ok := ext.Get[ext.Envelope](root, ext.KeyEnvelope)
	if !root.Get(ext.KeyEnvelope).Ok() {
		l.addf(root.Pos(), "%s is missing from the document", ext.KeyEnvelope)
	}
	if ok {
		l.envelope = env
		l.api.Envelope = ir.Envelope(env)
	}
}

// security lowers the document's ways to authenticate.
func (l *lowering) security() {
	for _, requirement := range l.doc.Root().Get("security").Items() {
		var schemes []ir.Scheme
		for _, use := range requirement.Members() {
			if s, ok := l.scheme(use); ok {
				schemes = append(schemes, s)
			}
		}
		l.api.Security = append(l.api.Security, schemes)
	}
}

func (l *lowering) scheme(use load.Node) (ir.Scheme, bool) {
	name := use.Name()
	node := l.doc.Root().Get("components", "securitySchemes", name).Deref()
	s := ir.Scheme{Name: name, Arg: goname.Unexported(name)}
	switch typ := node.Get("type").Text(); {
	case !node.Ok():
		l.addf(use.Pos(), "security scheme %q is not described", name)
		return s, false
	case typ == "http" && strings.EqualFold(node.Get("scheme").Text(), "bearer"):
		s.Bearer, s.Header = true, "Authorization"
	case typ == "apiKey" && node.Get("in").Text() == "header":
		s.Header = node.Get("name").Text()
	default:
		l.addf(node.Pos(), "security scheme %q is neither a bearer token nor a key in a header", name)
		return s, false
	}
	return s, true
}

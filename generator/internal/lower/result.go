package lower

import (
	"strings"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/goname"
	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/load"
)

// answer is an operation's successful answer.
type answer struct {
	media  load.Media
	stream bool
	// result is the schema of the envelope's result; not Ok for a stream.
	result load.Schema
	// resultKey is the wire name of the envelope's result.
	resultKey string
}

// answer finds the successful answer of an operation.
func (l *lowering) answer(op load.Operation) answer {
	a := answer{
		resultKey: l.envelope.Result,
		stream:    op.Node.Get(ext.KeyEnvelope).Text() == ext.None,
	}
	for _, r := range op.Answers() {
		if r.Status == "200" {
			l.checkPlain(r)
			a.media = l.successMedia(r, a.stream)
		} else {
			l.checkFailure(r)
		}
	}
	if a.stream || a.media.MediaType == nil {
		return a
	}
	l.checkEnvelope(a.media)
	if p, ok := a.media.Schema.Member(l.envelope.Result); ok {
		switch {
		case p.Broken():
		case p.Ref == "":
			l.addf(p.Use.Pos(), "%q must be a $ref to a component: it becomes a Go type", p.Name)
		default:
			a.result = p.Schema
		}
	}
	return a
}

// checkPlain refuses what would give the server's response type another shape.
func (l *lowering) checkPlain(r load.Response) {
	if r.Node.Ref() != "" {
		l.addf(r.Node.Pos(), "a successful answer must be written in its operation, not as a $ref")
	}
	if n := r.Node.Deref().Get("headers"); n.Ok() {
		l.addf(n.Pos(), "headers of a successful answer are not supported")
	}
}

// successMedia returns the only format of a successful answer.
func (l *lowering) successMedia(r load.Response, stream bool) load.Media {
	if len(r.Media) != 1 {
		l.addf(r.Node.Pos(), "a successful answer must have exactly one media type")
		return load.Media{}
	}
	m := r.Media[0]
	if m.Schema.Ok() && stream && (!m.Schema.Is("string") || m.Schema.Format != "binary") {
		l.addf(m.Node.Pos(), "the schema of an answer without an envelope must be a string of format binary")
	}
	if stream && typed(m.Type) {
		l.addf(m.Node.Pos(), "media type %s cannot be answered without an envelope", m.Type)
	}
	if !stream && m.Type != mediaJSON {
		l.addf(m.Node.Pos(), "media type %s needs %s: %s; only %s has an envelope",
			m.Type, ext.KeyEnvelope, ext.None, mediaJSON)
		return load.Media{}
	}
	return m
}

// typed reports whether oapi-codegen makes a Go type of bodies of the media
// type, and not a stream.
func typed(mediaType string) bool {
	return strings.HasPrefix(mediaType, "multipart/") || strings.HasSuffix(mediaType, "json") ||
		mediaType == "text/plain" || mediaType == "application/x-www-form-urlencoded"
}

// checkFailure wants answers other than 200 to be failures in a format that
// the server writes.
func (l *lowering) checkFailure(r load.Response) {
	if strings.HasPrefix(r.Status, "2") || strings.HasPrefix(r.Status, "3") {
		l.addf(r.Node.Pos(), "status %s is not supported; an operation succeeds with 200", r.Status)
	}
	for _, m := range r.Media {
		if m.Type != mediaJSON && !strings.HasPrefix(m.Type, "text/") {
			l.addf(m.Node.Pos(), "a failure is answered as %s or as text, not as %s", mediaJSON, m.Type)
		}
	}
}

func (l *lowering) checkEnvelope(m load.Media) {
	if m.Schema.Ref == "" {
		l.addf(m.Node.Pos(), "the schema of an answer must be a $ref to a component")
		return
	}
	if m.Schema.Broken() {
		return
	}
	l.checkMember(m.Schema, l.envelope.Result, "")
	l.checkMember(m.Schema, l.envelope.Success, "boolean")
	l.checkMember(m.Schema, l.envelope.Errors, "array")
	l.checkMember(m.Schema, l.envelope.Messages, "array")
}

// checkMember wants the envelope to have a required property of a type.
func (l *lowering) checkMember(envelope load.Schema, name, typ string) {
	p, ok := envelope.Member(name)
	switch {
	case name == "":
	case !ok:
		l.addf(envelope.Use.Pos(), "schema %q is not an envelope: property %q is missing", envelope.Ref, name)
	case typ != "" && !p.Is(typ):
		l.addf(p.Use.Pos(), "property %q of an envelope must be of type %s", name, typ)
	case pointer(p):
		l.addf(p.Use.Pos(), "property %q of an envelope must be required and not nullable", name)
	}
}

func (l *lowering) result(op load.Operation, a answer) ir.Result {
	r := ir.Result{Kind: ir.ResultJSON, MediaType: a.media.Type}
	name := goname.Exported(op.OperationID)
	if a.stream {
		r.Kind = ir.ResultStream
		r.Reply = name + "200" + goname.Exported(a.media.Type) + "Response"
		return l.pick(op, a, r)
	}
	r.MediaType = ""
	r.Reply = name + "200JSONResponse"
	r.ReplyFields = l.replyFields()
	if a.result.Ok() {
		l.answered(a.result)
		r.Type = goname.Exported(a.result.Ref)
	}
	return l.pick(op, a, r)
}

func (l *lowering) replyFields() ir.Envelope {
	return ir.Envelope{
		Result:   goname.Exported(l.envelope.Result),
		Success:  goname.Exported(l.envelope.Success),
		Errors:   goname.Exported(l.envelope.Errors),
		Messages: goname.Exported(l.envelope.Messages),
	}
}

// pick applies x-gen-result.
func (l *lowering) pick(op load.Operation, a answer, r ir.Result) ir.Result {
	n := op.Node.Get(ext.KeyResult)
	switch {
	case !n.Ok():
		return r
	case a.stream:
		l.addf(n.Pos(), "%s needs an envelope", ext.KeyResult)
		return r
	case n.Text() == ext.None:
		r.Kind = ir.ResultNone
		return r
	case !a.result.Ok():
		return r
	}
	p, ok := a.result.Member(n.Text())
	if !ok {
		l.addf(n.ValuePos(), "%s names %q, which schema %q does not have%s",
			ext.KeyResult, n.Text(), a.result.Ref, having(propertyNames(a.result)))
		return r
	}
	if pointer(p) {
		l.addf(n.ValuePos(), "%s names %q, which may be absent; make it required", ext.KeyResult, n.Text())
	}
	r.Member, r.MemberField = p.Name, goname.Exported(p.Name)
	r.MemberType = l.memberType(p)
	return r
}

// pointer reports whether oapi-codegen holds the property by a pointer.
func pointer(p load.Property) bool {
	if skip, _ := ext.Get[bool](p.Node, ext.KeySkipPointer); skip {
		return false
	}
	return !p.Required || p.Nullable || p.ReadOnly || p.WriteOnly
}

func (l *lowering) memberType(p load.Property) ir.Type {
	switch {
	case p.Ref != "":
		return l.named(ir.TypeNamed, p.Schema)
	case p.Is("array"):
		return l.named(ir.TypeSlice, p.Item())
	case p.Is("object") && p.Values().Ok():
		return l.named(ir.TypeMap, p.Values())
	default:
		return l.named(ir.TypeNamed, p.Schema)
	}
}

func (l *lowering) named(kind ir.TypeKind, s load.Schema) ir.Type {
	t := ir.Type{Kind: kind}
	switch {
	case s.Ref != "":
		t.Name = goname.Exported(s.Ref)
	case s.Is("string") && (s.Format == "" || s.Format == "uri"):
		t.Basic = "string"
	case s.Is("integer"):
		t.Basic = "int64"
	case s.Is("number"):
		t.Basic = "float64"
	case s.Is("boolean"):
		t.Basic = "bool"
	case s.Ok():
		l.addf(s.Use.Pos(), "a method cannot return this: it needs a component of its own")
	}
	return t
}

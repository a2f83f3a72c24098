package clientgen

import (
	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

func methods(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("client", "")
	for _, op := range api.Operations {
		f.Add(jenx.Doc(jenx.MethodDoc(op),
			jen.Func().Params(receiver()).Id(op.Name).Add(w.Signature(op)).Block(body(w, op)...)))
		f.Line()
		if op.Page != nil {
			iterator(f, w, op)
		}
		if op.Upload != nil {
			upload(f, w, op)
		}
	}
	return f
}

func receiver() jen.Code { return jen.Id("c").Op("*").Id("Client") }

// body is one call of the transport.
//
//	return rest.JSON[api.Image](ctx, c.core, contract.Request{…})
func body(w *jenx.Words, op ir.Operation) []jen.Code {
	args := []jen.Code{jen.Id("ctx"), jen.Id("c").Dot("core"), w.Request(op)}
	r := op.Result
	switch {
	case r.Kind == ir.ResultStream:
		return []jen.Code{jen.Return(jenx.Run("rest", "Stream").Call(args...))}
	case r.Kind == ir.ResultNone:
		return []jen.Code{jen.Return(jenx.Run("rest", "None").Call(args...))}
	case r.Member == "":
		return []jen.Code{jen.Return(jenx.Run("rest", "JSON").Types(w.API(r.Type)).Call(args...))}
	default:
		return member(w, op, args)
	}
}

// member returns a member of the result instead of the result.
//
//	out, err := rest.JSON[api.VariantResult](…)
//	return rest.Member(out, err, func(r *api.VariantResult) *api.Variant { return &r.Variant })
func member(w *jenx.Words, op ir.Operation, args []jen.Code) []jen.Code {
	r := op.Result
	value := jen.Id("r").Dot(r.MemberField)
	if r.MemberType.Kind == ir.TypeNamed && r.MemberType.Basic == "" {
		value = jen.Op("&").Add(value)
	}
	pick := jen.Func().Params(jen.Id("r").Op("*").Add(w.API(r.Type))).Add(w.Result(op)).Block(jen.Return(value))
	return []jen.Code{
		jen.List(jen.Id("out"), jen.Err()).Op(":=").Add(jenx.Run("rest", "JSON")).Types(w.API(r.Type)).Call(args...),
		jen.Return(jenx.Run("rest", "Member").Call(jen.Id("out"), jen.Err(), pick)),
	}
}

// iterator walks all pages of a list.
//
//	func (c *Client) AllImages(ctx context.Context, in api.ListImagesParams) iter.Seq2[*api.Image, error] {
//		return rest.Tokens(ctx, c.core, api.OpListImages, in.ContinuationToken, func(ctx context.Context, token string) (*api.ImagePage, error) {
//			in := in
//			in.ContinuationToken = token
//			return c.ListImages(ctx, in)
//		}, …)
//	}
func iterator(f *jen.File, w *jenx.Words, op ir.Operation) {
	p := op.Page
	item := w.API(p.ItemType)
	pageType := w.Result(op)
	in := jen.Id("in")
	cursor, field, style := jen.Id("token").String(), p.TokenInField, "Tokens"
	start := []jen.Code{jen.Id("ctx"), jen.Id("c").Dot("core"), w.API(op.Var), in.Clone().Dot(p.TokenInField)}
	if !p.Token {
		cursor, field, style = jen.Id("number").Int64(), p.NumberField, "Numbers"
		start = []jen.Code{jen.Id("ctx"), jen.Id("c").Dot("core"), w.API(op.Var), in.Clone().Dot(p.NumberField)}
	}
	names := jenx.Names(op)
	name := jen.Id("token")
	if !p.Token {
		name = jen.Id("number")
	}
	fetch := jen.Func().Params(jenx.Context(), cursor).Params(pageType, jen.Error()).Block(
		jen.Id("in").Op(":=").Id("in"),
		jen.Id("in").Dot(field).Op("=").Add(name),
		jen.Return(jen.Id("c").Dot(op.Name).Call(append([]jen.Code{jen.Id("ctx")}, names...)...)),
	)
	items := jen.Func().Params(jen.Id("p").Add(pageType)).Index().Add(item).Block(jen.Return(jen.Id("p").Dot(p.ItemsField)))
	args := append(start, fetch, items)
	if p.Token {
		args = append(args, next(p, pageType))
	}
	doc := p.All + " walks all pages of " + op.Name + ", from the one that in names. An error is yielded once, last, with a nil item: that of a page's call, of the context, or of a list that would not end, such as ErrRepeatedToken."
	if op.Deprecated != "" {
		doc += "\n\nDeprecated: " + op.Deprecated
	}
	f.Add(jenx.Doc(doc, jen.Func().Params(receiver()).Id(p.All).
		Params(append([]jen.Code{jenx.Context()}, w.Params(op)...)...).
		Qual("iter", "Seq2").Types(jen.Op("*").Add(item), jen.Error()).Block(
		jen.Return(jenx.Run("rest", style).Add(jenx.Lines("(", ")", args...))))))
	f.Line()
}

// next reads the token of the following page, nil when there is none. Where the
// token must be there, it is empty then.
func next(p *ir.Page, pageType *jen.Statement) *jen.Statement {
	token := jen.Id("p").Dot(p.TokenOutField)
	if !p.TokenOutPtr {
		token = jenx.Contract("NonZero").Call(token)
	}
	return jen.Func().Params(jen.Id("p").Add(pageType)).Op("*").String().Block(jen.Return(token))
}

// upload posts a file to a URL that an operation answered.
//
//	func UploadTo(ctx context.Context, url string, file *api.File, opts ...Option) (*api.Image, error) {
//		return rest.Upload[api.Image](ctx, api.Contract, "UploadTo", url, api.UploadToBody, file, opts...)
//	}
func upload(f *jen.File, w *jenx.Words, op ir.Operation) {
	u := op.Upload
	f.Add(jenx.Doc(u.Name+" posts a file to a one-time upload URL, such as "+op.Name+" answers, without credentials: those among the options are not sent.",
		jen.Func().Id(u.Name).Params(jenx.Context(), jen.Id("url").String(), jen.Id("file").Op("*").Add(w.API("File")), jen.Id("opts").Op("...").Id("Option")).
			Params(jen.Op("*").Add(w.API(u.Result)), jen.Error()).Block(
			jen.Return(jenx.Run("rest", "Upload").Types(w.API(u.Result)).Call(jen.Id("ctx"), w.API("Contract"), jen.Lit(u.Name), jen.Id("url"),
				w.API(u.Name+"Body"), jen.Id("file"), jen.Id("opts").Op("..."))))))
	f.Line()
}

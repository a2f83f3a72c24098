package clientgen

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// option is an option of the transport, under a name that needs no second import.
type option struct {
	name, arg string
	typ       jen.Code
	doc       string
}

// options makes the options a caller may give.
func options(w *jenx.Words, api *ir.API) *jen.File {
	f := w.File("client", "")
	f.Add(jenx.Doc("Option changes how a client is made, or how one is derived from another.",
		jen.Type().Id("Option").Op("=").Add(jenx.Run("rest", "Option"))))
	f.Line()
	if slices.ContainsFunc(api.Operations, func(op ir.Operation) bool { return op.Page != nil }) {
		f.Add(lists())
		f.Line()
	}
	for _, alternative := range api.Security {
		credentials(f, alternative)
	}
	for _, list := range [][]option{whereTo(), howOften(), watching()} {
		for _, o := range list {
			f.Add(o.function())
			f.Line()
		}
	}
	f.Add(header())
	f.Line()
	f.Add(jenx.Doc("WithoutChecks sends forms and bodies that the service would refuse for sure, to see what it says. By default they fail "+
		"before a byte is sent. A proxy passes them on with it, whatever its own clock says. A filter that has no spelling still fails.", jen.Func().Id("WithoutChecks").Params().Id("Option").Block(
		jen.Return(jenx.Run("rest", "WithoutChecks").Call()))))
	return f
}

// lists makes the errors of lists that would not end.
//
//	var (
//		ErrRepeatedToken = rest.ErrRepeatedToken
//	)
func lists() jen.Code {
	var defs []jen.Code
	for _, e := range []struct{ name, doc string }{
		{"ErrRepeatedToken", "says that a page named a page that was fetched already."},
		{"ErrEmptyToken", "says that a page has a token, and that it is empty: the list may be longer."},
		{"ErrRepeatedPage", "says that two pages in a row held the same items."},
		{"ErrTooManyPages", "says that a list has more than a million pages."},
	} {
		defs = append(defs, jenx.Doc(e.name+" "+e.doc, jen.Id(e.name).Op("=").Add(jenx.Run("rest", e.name))))
	}
	return jenx.Doc("Errors that end a walk through a list. They are the Err of an *api.Error.", jen.Var().Defs(defs...))
}

// function makes an option with one argument.
//
//	func WithRetries(n int) Option { return rest.WithRetries(n) }
func (o option) function() jen.Code {
	return jenx.Doc(o.name+" "+o.doc, jen.Func().Id(o.name).Params(jen.Id(o.arg).Add(o.typ)).Id("Option").Block(
		jen.Return(jenx.Run("rest", o.name).Call(jen.Id(o.arg)))))
}

// header makes the option with two arguments.
func header() jen.Code {
	return jenx.Doc("WithHeader sends a header with every request. Credentials have options of their own, and what describes the "+
		"body and the connection is not the caller's to choose: an error.",
		jen.Func().Id("WithHeader").Params(jen.List(jen.Id("name"), jen.Id("value")).String()).Id("Option").Block(
			jen.Return(jenx.Run("rest", "WithHeader").Call(jen.Id("name"), jen.Id("value")))))
}

func whereTo() []option {
	roundTripper := jen.Qual("net/http", "RoundTripper")
	return []option{
		{"WithBaseURL", "base", jen.String(), "sends requests to another address. The default is the service's own."},
		{"WithHTTPClient", "hc", jen.Op("*").Qual("net/http", "Client"), "uses an HTTP client of the caller's, which follows no " +
			"redirects here whatever its own policy. The default is http.DefaultClient, which has no timeout: use contexts or WithTimeout."},
		{"WithMiddleware", "wrap", jen.Func().Params(roundTripper).Add(roundTripper), "puts middleware around the transport of the HTTP " +
			"client; what is given first is outermost. It sees every attempt as it is sent, credentials included."},
		{"WithUserAgent", "agent", jen.String(), `names the calling program. The default is "cfimages-go".`},
	}
}

func howOften() []option {
	duration := jen.Qual("time", "Duration")
	return []option{
		{"WithRetries", "n", jen.Int(), "sets how often a failed request is sent again: only idempotent operations, only after a lost " +
			"connection, an answer that breaks off, or one of 408, 429, 502, 503 or 504. The default is 2; 0 turns it off. A deletion that is sent again is answered that there " +
			"is nothing to delete when the first request had arrived."},
		{"WithMaxWait", "d", duration, "caps the wait before a request is sent again; a Retry-After above it ends the retries. The " +
			"default is one minute."},
		{"WithTimeout", "d", duration, "limits how long a call may take, with all its attempts and the waits between them, until its " +
			"answer is read; for a download, until its first byte. There is no limit by default, beside that of the context."},
		{"WithAttemptTimeout", "d", duration, "limits in the same way how long one attempt may take. An attempt that is too slow may be " +
			"made again, as if the connection had been lost. There is no limit by default."},
		{"WithLimiter", "limiter", jenx.Run("rest", "Limiter"), "waits for the limiter before every attempt, retries included; package " +
			"runtime/limit makes one that keeps to the documented rate. There is none by default."},
	}
}

func watching() []option {
	return []option{
		{"WithHook", "hook", jenx.Run("rest", "Hook"), "lets a hook watch all calls; package runtime/logs makes one that writes to a log. " +
			"Hooks are told in the order they are given."},
		{"WithPrefetch", "on", jen.Bool(), "fetches the next page of a list while the loop works on the one before, which keeps two pages " +
			"in memory instead of one. It is off by default."},
	}
}

// credentials makes the option for one way to authenticate: WithToken for a
// bearer token, WithKey for credentials in headers of their own.
func credentials(f *jen.File, alternative []ir.Scheme) {
	if len(alternative) == 1 && alternative[0].Bearer {
		f.Add(jenx.Doc("WithToken authenticates with an API token.",
			jen.Func().Id("WithToken").Params(jen.Id("token").String()).Id("Option").Block(
				jen.Return(jenx.Run("rest", "WithToken").Call(jen.Id("token"))))))
		f.Line()
		return
	}
	var params, pairs []jen.Code
	var headers []string
	for _, s := range alternative {
		params = append(params, jen.Id(s.Arg))
		pairs = append(pairs, jen.Lit(s.Header), jen.Id(s.Arg))
		headers = append(headers, s.Header)
	}
	params[len(params)-1] = jen.Id(alternative[len(alternative)-1].Arg).String()
	f.Add(jenx.Doc("WithKey authenticates with "+strings.Join(headers, " and ")+".",
		jen.Func().Id("WithKey").Params(params...).Id("Option").Block(
			jen.Return(jenx.Run("rest", "WithHeaders").Call(pairs...)))))
	f.Line()
}

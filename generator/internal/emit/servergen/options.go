package servergen

import (
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/cfimages/cfimages/generator/internal/ir"
	"github.com/cfimages/cfimages/generator/internal/jenx"
)

// setting is an option of the server, which package serve has under the same
// name.
type setting struct {
	name, arg string
	typ       jen.Code
	doc       string
}

// settings are the options that need no second import, with their defaults.
func settings() []setting {
	around := jen.Op("...").Func().Params(jen.Qual("net/http", "Handler")).Qual("net/http", "Handler")
	return []setting{
		{"WithBasePath", "path", jen.String(), `serves the API below a path such as "/v1". The default is the root.`},
		{"WithAuth", "auth", jen.Id("Auth"), "decides who may use what. The default lets everybody in who has credentials."},
		{"WithLogger", "log", jen.Op("*").Qual("log/slog", "Logger"), "reports panics and unexpected errors, without credentials. " +
			"The default discards them."},
		{"WithMiddleware", "around", around, "puts handlers around the API, the first outermost. Their panics are answered, too. " +
			"The default is none."},
		{"WithLimits", "limits", jen.Id("Limits"), "bounds what a request may hold beside its files. Zeros are the defaults of Limits."},
		{"WithSpool", "memory", jen.Int64(), "keeps every file until its form is complete, in memory up to so many bytes and in a " +
			"temporary file beyond, so that the parts of a form may come in any order. By default a file of more than 32 KiB is " +
			"handed on while it arrives if texts came before it, and then all of them must; a file that comes first is kept in a " +
			"temporary file."},
		{"WithLenient", "", nil, "takes forms that the service refuses, and says so in a header Warning: an object in parts such as " +
			"\"metadata.key\", a file under another name, and a form without parts. By default they are refused."},
		{"WithStrictQuery", "", nil, "refuses query parameters that the operation does not have. By default they are ignored."},
		{"WithNegotiation", "", nil, "answers 406 where the header Accept excludes the type of the answer. By default it is only " +
			"asked whether failures are wanted as text."},
		{"WithHEAD", "", nil, "answers HEAD as GET without a body. By default HEAD is not a method of the API."},
		{"WithCORS", "origins", jen.Op("...").String(), "lets scripts of other origins use the API, such as " +
			"\"https://example.com\"; \"*\" lets all. It also answers OPTIONS. By default none may."},
		{"WithLimiter", "limiter", jen.Id("Limiter"), "asks a limiter about every request that is authenticated, and writes what it " +
			"says into the headers Ratelimit and Ratelimit-Policy. The default is none; package limit makes one."},
		{"WithGzip", "least", jen.Int(), "compresses JSON results of at least so many bytes for clients that accept it. By default " +
			"none are."},
	}
}

// options gives the transport's options names that need no second import.
func options(f *jen.File, w *jenx.Words, api *ir.API) {
	for _, alias := range []struct{ name, doc string }{
		{"Option", "changes how a handler is made."},
		{"Auth", "decides who may use what; binds are the bound parameters. Its error is answered as it is."},
		{"Credentials", "are what a request authenticates with."},
		{"Limits", "bound what a request may hold beside its files."},
		{"Limiter", "decides whether a request may be served now."},
		{"Quota", "is what a Limiter says of one request."},
		{"Login", "is credentials and what they open."},
	} {
		f.Add(jenx.Doc(alias.name+" "+alias.doc, jen.Type().Id(alias.name).Op("=").Add(jenx.Run("serve", alias.name))))
		f.Line()
	}
	for _, s := range settings() {
		f.Add(jenx.Doc(s.name+" "+s.doc, setter(s)))
		f.Line()
	}
	logins(f, w, api)
}

// setter makes the function of an option.
func setter(s setting) jen.Code {
	var params, args []jen.Code
	if s.arg != "" {
		params = append(params, jen.Id(s.arg).Add(s.typ))
		arg := jen.Id(s.arg)
		if s.name == "WithMiddleware" || s.name == "WithCORS" {
			arg = arg.Op("...")
		}
		args = append(args, arg)
	}
	return jen.Func().Id(s.name).Params(params...).Id("Option").Block(
		jen.Return(jenx.Run("serve", s.name).Call(args...)))
}

// logins makes the option that takes logins, and a function for each way to
// authenticate.
//
//	func Token(token string, accounts ...string) Login { … }
//	func Key(apiEmail, apiKey string, accounts ...string) Login { … }
func logins(f *jen.File, w *jenx.Words, api *ir.API) {
	if len(api.Security) == 0 {
		return
	}
	f.Add(jenx.Doc("WithLogins lets in who has one of the logins, to the accounts it opens. They are compared in constant time.",
		jen.Func().Id("WithLogins").Params(jen.Id("logins").Op("...").Id("Login")).Id("Option").Block(
			jen.Return(jenx.Run("serve", "WithAuth").Call(
				jenx.Run("serve", "Logins").Call(w.API("Contract"), jen.Id("logins").Op("...")))))))
	f.Line()
	for _, schemes := range api.Security {
		f.Add(login(schemes))
		f.Line()
	}
}

// login makes the function for one way to authenticate: Token for a bearer
// token, Key for credentials in headers of their own.
func login(schemes []ir.Scheme) jen.Code {
	accounts := jen.Id("accounts").Op("...").String()
	if len(schemes) == 1 && schemes[0].Bearer {
		return jenx.Doc("Token is the login of an API token. No accounts means all.",
			jen.Func().Id("Token").Params(jen.Id("token").String(), accounts).Id("Login").Block(
				jen.Return(jenx.Run("serve", "Token").Call(jen.Id("token"), jen.Id("accounts").Op("...")))))
	}
	var names []string
	var params []jen.Code
	args := []jen.Code{jen.Id("accounts")}
	for _, s := range schemes {
		names = append(names, s.Header)
		params = append(params, jen.Id(s.Arg))
		args = append(args, jen.Lit(s.Header), jen.Id(s.Arg))
	}
	return jenx.Doc("Key is the login of "+strings.Join(names, " and ")+". No accounts means all.",
		jen.Func().Id("Key").Params(jen.List(params...).String(), accounts).Id("Login").Block(
			jen.Return(jenx.Run("serve", "Headers").Call(args...))))
}

package serve

import (
	"context"
	"net/http"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/form"
)

// Upload returns a handler for one-time upload URLs: it takes a POST of a form
// with a file, without credentials, and answers what accept returns in an
// envelope. accept is given the escaped path of the URL; a large file is still
// arriving then, so that a URL nobody handed out is refused before it is read.
func Upload[T any](c *contract.Contract, body *contract.Body, part string,
	accept func(ctx context.Context, url string, file *contract.File) (*T, error), opts ...Option,
) http.Handler {
	h := newHandler(c, opts)
	post := &endpoint{op: &contract.Operation{Name: "upload", Method: http.MethodPost, Body: body}}
	methods := []string{http.MethodPost}
	if h.cors != nil {
		methods = []string{http.MethodOptions, http.MethodPost}
	}
	return h.entrance(func(r *Request) error {
		if r.http.Method != http.MethodPost {
			return r.otherMethod(methods)
		}
		r.endpoint = post
		out, err := Form(r, func(v *form.Values) (*T, error) {
			return accept(r.http.Context(), r.http.URL.EscapedPath(), v.File(part))
		})
		if err != nil {
			return err
		}
		return r.succeed(out)
	})
}

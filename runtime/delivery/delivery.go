// Package delivery gets images from where their visitors get them: it knows the
// form of delivery URLs and fetches them, without credentials.
package delivery

import (
	"context"
	"net/http"

	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/rest"
)

// service is what is known of the delivery host. It fails in plain text, at times
// in the API's envelope.
var service = &contract.Contract{
	Title:    "Delivery",
	BaseURL:  "https://" + Host,
	Envelope: contract.Envelope{Result: "result", Success: "success", Errors: "errors", Messages: "messages"},
}

var fetch = &contract.Operation{
	ID: "fetch", Name: "Fetch", Method: http.MethodGet, Path: "/{account_hash}/{image_id}/{variant}",
	Result: contract.Result{Kind: contract.ResultStream, MediaType: "image/*"},
}

// Fetch gets the image at a delivery URL, such as one of an image's variants or a
// signed one. The caller closes the stream. The format is negotiated: what the
// option WithHeader says for Accept decides between AVIF, WebP and the rest.
//
// Credentials among the options are not sent, and no redirect is followed: its
// target would learn the signature. The URL's query is in no error. A failure is a
// [*contract.Error] with the code of the answer's text, such as 9425 for an image
// that is private or does not have the variant.
func Fetch(ctx context.Context, imageURL string, opts ...rest.Option) (*contract.Stream, error) {
	return rest.Fetch(ctx, service, fetch, imageURL, opts...)
}

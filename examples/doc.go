// Package examples shows how the parts of this module are used; there is nothing in
// it to import. Its examples run in the tests, against the mock.
//
// # Making a client
//
//	c, err := client.New(accountID, client.WithToken(token))
//	c, err := client.FromEnv() // CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN
//
// A client is an api.Service, as the mock is and every implementation of a
// server, so a program that takes one runs on any of them. It is safe for
// concurrent use, and one is enough.
//
// # Options, and what holds without them
//
//	WithToken, WithKey      credentials; none are sent to upload and delivery URLs
//	WithBaseURL             the service's own address
//	WithHTTPClient          http.DefaultClient, which has no time limit
//	WithMiddleware          none; wraps the transport, and sees every attempt
//	WithHeader, WithUserAgent  "cfimages-go"
//	WithTimeout             none; of a call, until its answer is read
//	WithAttemptTimeout      none; of one attempt
//	WithRetries             2; only what is idempotent and can be sent again whole
//	WithMaxWait             a minute; a Retry-After above it ends the retries
//	WithLimiter             none; limit.Documented keeps to 1,200 in five minutes
//	WithHook                none; logs.Hook and tracing.Hook are some
//	WithPrefetch            off; fetches the next page of a list ahead
//	WithoutChecks           what the service refuses for sure fails unsent
//
// Options of a single call are those of a client derived for it:
//
//	img, err := c.With(client.WithTimeout(time.Second)).GetImage(ctx, id)
//
// # Uploads
//
// A file is one of api.OpenFile, api.Bytes and api.Reader; or the service
// fetches a URL. Where the size is known, the length is sent; where it is not, the
// body is sent in chunks. Nothing is held in memory, and no upload is sent twice:
// it may have arrived.
//
// # Errors
//
// Every failed call returns an *api.Error. errors.Is finds the API's catalogue
// in it, such as api.ErrImageNotFound. Its Status is 0 when there was no answer,
// or nothing was sent.
package examples

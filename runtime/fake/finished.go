package fake

import "github.com/cfimages/cfimages/gen/api"

// WithFinished calls a function for each draft that has got its file, once it is
// an image, before the uploader has its answer. Nothing is locked meanwhile.
// [documented] The service can tell a webhook of direct uploads.
func WithFinished(finished func(account string, image api.Image)) Option {
	return option(func(c *config) { c.finished = finished })
}

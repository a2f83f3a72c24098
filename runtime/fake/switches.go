package fake

import (
	"net/http"
	"strings"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/metafilter"
)

// The options of this file, with WithMaxKeys, WithLastKeyRefused and
// WithStableIDs, choose the other side where the sources contradict each other.

// WithConsistencyDelay lets gets, downloads and lists of images, drafts, variants
// and signing keys show a change only so much later, by the world's clock. What
// changes something acts on the present state at once, as delivery and
// statistics do. [observed] Reads of variants and of signing keys are behind by
// seconds up to more than a minute. [assumed] Reads of images are behind, too. The default, 0, is no delay.
func WithConsistencyDelay(d time.Duration) Option {
	return option(func(c *config) { c.lag = d })
}

// WithPlainTextErrors lets the handlers of the world answer some failures as the
// text "ERROR <code>: <message>" instead of an envelope: those of a GET of a
// variant, and those of an upload URL unless the client asks for JSON. [observed]
// The service answers some failures as text, against its schema. By default clients that prefer text
// get it, and no others.
func WithPlainTextErrors() Option {
	return option(func(c *config) { c.plainErrors = true })
}

// WithoutV1List refuses the deprecated list of images with [api.ErrNoRoute].
// [documented] The V1 list is deprecated. By default it answers.
func WithoutV1List() Option {
	return option(func(c *config) { c.noV1List = true })
}

// WithoutRanges refuses filters with the operators gt, gte, lt and lte.
// [documented] An older text of the documentation has eq and in only. By default
// all are there, as a newer one has them.
func WithoutRanges() Option {
	return option(func(c *config) { c.noRanges = true })
}

// WithPublicDeleteRefused refuses the deletion of the variant named public.
// [documented] The variant named public cannot be deleted. By default the deletion succeeds and the
// variant stays, as was observed.
func WithPublicDeleteRefused() Option {
	return option(func(c *config) { c.keepPublic = true })
}

// WithMetadataHidden leaves metadata out of what an upload URL answers.
// [documented] Metadata is not shown to end users. By default it is there, as was
// observed.
func WithMetadataHidden() Option {
	return option(func(c *config) { c.hideMeta = true })
}

// WithoutPlan makes accounts that have not bought storage: an upload, also to an
// upload URL, the statistics, and what lists or puts signing keys are refused with
// [api.ErrNotEntitled]. [observed] Everything else answers as ever on such an
// account. By default accounts have storage.
func WithoutPlan() Option {
	return option(func(c *config) { c.noPlan = true })
}

// entitled refuses what takes a plan where accounts have none.
func (w *World) entitled() error {
	if w.noPlan {
		return api.ErrNotEntitled.New() // [observed] Uploads, keys and statistics take a plan.
	}
	return nil
}

// checkOperators refuses the operators that the world lacks.
//
// [documented] The message about an unknown operator names it.
func (w *World) checkOperators(f metafilter.Filter) error {
	if !w.noRanges {
		return nil
	}
	for _, t := range f.Terms() {
		switch name := t.Operator(); name {
		case "gt", "gte", "lt", "lte":
			return api.ErrBadRequest.With("Unsupported metadata filter operator: '%s'", name)
		}
	}
	return nil
}

// plain returns a request whose failure is answered as text where
// [WithPlainTextErrors] says so. It asks for text rather than JSON: the layer
// that writes failures heeds that.
func (w *World) plain(r *http.Request) *http.Request {
	if !w.plainErrors || !readsVariant(r) && (wantsJSON(r) || !w.takesUpload(r)) {
		return r
	}
	q := r.WithContext(r.Context())
	q.Header = r.Header.Clone()
	q.Header.Set("Accept", "text/plain, */*;q=0.5")
	return q
}

func readsVariant(r *http.Request) bool {
	return r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/images/v1/variants/")
}

func wantsJSON(r *http.Request) bool {
	return strings.Contains(strings.Join(r.Header["Accept"], ","), "json")
}

// takesUpload reports whether a request goes to an upload URL.
func (w *World) takesUpload(r *http.Request) bool {
	a, _, err := w.addressee(r.URL.EscapedPath())
	return r.Method == http.MethodPost && a != nil && err == nil
}

// Package deliver serves the images of a service to their visitors, as the
// delivery host does: by variants or by options in the URL, public or signed, in
// the format a browser asks for. What is stored comes from an [origin.Service].
package deliver

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/cfimages/cfimages/runtime/fake"
	"github.com/cfimages/cfimages/runtime/imaging"
	"github.com/cfimages/cfimages/runtime/origin"
)

// Option changes what [New] returns.
type Option func(*host)

// WithLimits bounds the memory and the processors that delivery takes. The
// defaults are those of [imaging.Limits].
func WithLimits(l imaging.Limits) Option {
	return func(h *host) { h.engine = imaging.NewEngine(l) }
}

// New returns a handler for delivery URLs, whose paths are
//
//	/<account hash>/<image id>/<variant>
//	/cdn-cgi/imagedelivery/<account hash>/<image id>/<variant>
//
// Where the account allows it, options such as "w=400,fit=cover" stand in place
// of a variant. A refusal is text with a code, "ERROR 9425: …", which the header
// Cf-Resized repeats. [documented]
//
// Signatures cover the path of the request as it arrives, so the handler must not
// be mounted below another path.
func New(source origin.Service, opts ...Option) http.Handler {
	h := &host{source: source}
	for _, o := range opts {
		o(h)
	}
	if h.engine == nil {
		h.engine = imaging.NewEngine(imaging.Limits{})
	}
	return h
}

// Over serves the delivery URLs of a service's images, and all else by rest.
func Over(source origin.Service, rest http.Handler, opts ...Option) http.Handler {
	images := New(source, opts...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if Owns(r.URL.EscapedPath()) {
			images.ServeHTTP(w, r)
			return
		}
		rest.ServeHTTP(w, r)
	})
}

// Beside lets a mock deliver its images, so that the URLs in its answers work:
//
//	m := mock.Start(t, deliver.Beside())
//
// Options of [New] may follow.
func Beside(opts ...Option) fake.Option {
	return fake.WithDelivery(func(images origin.Service, rest http.Handler) http.Handler {
		return Over(images, rest, opts...)
	})
}

type host struct {
	source origin.Service
	engine *imaging.Engine
}

// ServeHTTP answers a GET or HEAD request.
func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		// [assumed] A method other than GET and HEAD is a bad request.
		refuse(w, &refusal{9432, http.StatusMethodNotAllowed, "Bad request: the method must be GET or HEAD"})
		return
	}
	o, err := h.order(r)
	if err == nil {
		err = h.fill(w, r, o)
	}
	if err != nil && r.Context().Err() == nil {
		refuse(w, err)
	}
}

// order is what a request asks for, and may have.
type order struct {
	transform
	image origin.Image
	// keep is the Cache-Control of the answer.
	keep string
}

// fill answers an order.
func (h *host) fill(w http.ResponseWriter, r *http.Request, o order) error {
	file := imaging.File{Sum: o.image.Sum, Open: o.image.Open}
	if o.info {
		return h.describe(w, r, o, file)
	}
	if o.Format == imaging.Auto {
		w.Header().Set("Vary", "Accept")
		o.WebP = accepts(r.Header.Values("Accept"), o.fast)
	}
	result, known, err := h.engine.Transform(r.Context(), file, o.Options)
	if err != nil {
		w.Header().Del("Vary")
		return err
	}
	header := w.Header()
	header.Set("Content-Type", result.Format.MediaType())
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", o.keep)
	header.Set("ETag", etag(o))
	// [sdk] A miss of the cache is internal=ok/m. [assumed] A hit is internal=ok/h.
	header.Set("Cf-Resized", "internal=ok/"+map[bool]string{true: "h", false: "m"}[known])
	if result.Format == imaging.SVG {
		// A second lock behind the sanitiser: nothing runs, nothing is loaded.
		header.Set("Content-Security-Policy", "default-src 'none'; img-src data:; style-src 'unsafe-inline'; sandbox")
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(result.Data))
	return nil
}

// etag is the same whenever the result is.
func etag(o order) string {
	sum := sha256.Sum256(fmt.Appendf(o.image.Sum[:], "%+v", o.Options))
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// describe answers with what is known of an image, in place of the image.
// [sdk] format=json tells about an image. [assumed] The members have these names.
func (h *host) describe(w http.ResponseWriter, r *http.Request, o order, file imaging.File) error {
	header, size, err := h.engine.Inspect(r.Context(), file)
	if err != nil {
		return err
	}
	width, height, err := imaging.Measure(header, o.Options)
	if err != nil {
		return err
	}
	type original struct {
		FileSize int64  `json:"file_size"`
		Width    int    `json:"width"`
		Height   int    `json:"height"`
		Format   string `json:"format"`
	}
	body, err := json.Marshal(struct {
		Width    int      `json:"width"`
		Height   int      `json:"height"`
		Original original `json:"original"`
	}{width, height, original{size, header.Width, header.Height, header.Format.MediaType()}})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", o.keep)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

// refusal is an answer without an image.
type refusal struct {
	code, status int
	text         string
}

func (e *refusal) Error() string { return "ERROR " + strconv.Itoa(e.code) + ": " + e.text }

// refuse writes an error. [documented] It is text, with the code in a header.
func refuse(w http.ResponseWriter, err error) {
	e, ok := errors.AsType[*refusal](err)
	if !ok {
		e = refusalOf(err)
	}
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=utf-8")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store") // [assumed] Nobody keeps a refusal.
	header.Set("Cf-Resized", "err="+strconv.Itoa(e.code))
	w.WriteHeader(e.status)
	_, _ = w.Write([]byte(e.Error()))
}

// refusalOf says what a failure of imaging is to a visitor. [documented]
// Failures have codes of 94xx. [assumed] Each of these has the code that is nearest.
func refusalOf(err error) *refusal {
	switch {
	case errors.Is(err, imaging.ErrFormat):
		return &refusal{9412, http.StatusUnsupportedMediaType, "The file is not an image of a supported format"}
	case errors.Is(err, imaging.ErrTooLarge):
		return &refusal{9413, http.StatusForbidden, "The image is too large"}
	case errors.Is(err, imaging.ErrDamaged):
		return &refusal{9420, http.StatusUnsupportedMediaType, "The image cannot be decoded"}
	default:
		return &refusal{9523, http.StatusInternalServerError, "The image could not be processed"}
	}
}

package deliver

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/origin"
	"github.com/cfimages/cfimages/runtime/sign"
)

const (
	// [documented] Browsers keep what is public for two days.
	defaultTTL = 48 * time.Hour
	// [documented] For two hours more they may show what a variant with a time of
	// its own made, while they ask again. [assumed] So they may for other variants.
	stale = 2 * time.Hour
	// [assumed] Browsers keep what was signed for ever for an hour.
	privateTTL = time.Hour
)

// denied is a refusal of access. [observed] The texts are the service's own where
// they are about variants and signatures that do not match.
func denied(text string) *refusal {
	return &refusal{9425, http.StatusForbidden, "Image access denied: " + text}
}

var (
	errPath = &refusal{9426, http.StatusForbidden, "The URL must be that of an account, an image and a variant"}
	// [assumed] An unknown account is answered as another one.
	errAccount  = &refusal{9427, http.StatusForbidden, "The account of this URL is not known"}
	errFlexible = &refusal{9429, http.StatusForbidden, "Flexible variants are not enabled for this account"}
	errNoImage  = &refusal{9431, http.StatusNotFound, "Image not found"}
	errVariant  = denied("This account doesn't have variant with this name")
	errSigned   = denied("options cannot be used with an image that requires signed URLs")
	errMissing  = denied("The URL is not signed")
	errExpired  = denied("The URL has expired")
	errMismatch = denied("check failed: Malformed data found: The URL signature does not match. " +
		"Expecting SHA-256 HMAC of the path without domain nor query string")
)

// order finds what a request is about, and whether it may have it.
func (h *host) order(r *http.Request) (order, error) {
	a, ok := parsePath(r.URL.EscapedPath())
	if !ok {
		return order{}, errPath
	}
	account, ok := h.source.AccountByHash(a.hash)
	if !ok {
		return order{}, errAccount
	}
	if a.flexible() {
		return h.flexible(r, account, a)
	}
	v, ok := account.Variant(a.variant)
	if !ok {
		return order{}, errVariant
	}
	o := order{transform: named(v.Options)}
	var err error
	if o.image, err = image(r, account, a.id); err != nil {
		return order{}, err
	}
	o.keep = public(v.Options, account.Settings())
	// [documented] An image that requires it is shown with a valid signature, or by
	// a variant that never does.
	if o.image.Private && !v.NeverRequireSignedURLs {
		o.keep, err = h.checkSignature(r, account)
	}
	return o, err
}

// flexible is order for options in place of a variant. [documented] They are off
// by default, and not for images that require signatures, even with one.
func (h *host) flexible(r *http.Request, account origin.Account, a address) (order, error) {
	settings := account.Settings()
	if !settings.FlexibleVariants {
		return order{}, errFlexible
	}
	t, err := parseOptions(a.variant)
	if err != nil {
		return order{}, &refusal{9401, http.StatusBadRequest, "Invalid options: " + err.Error()}
	}
	img, err := image(r, account, a.id)
	if err != nil {
		return order{}, err
	}
	if img.Private {
		return order{}, errSigned
	}
	return order{transform: t, image: img, keep: public(api.VariantOptions{}, settings)}, nil
}

func image(r *http.Request, account origin.Account, id string) (origin.Image, error) {
	img, err := account.Image(r.Context(), id)
	if errors.Is(err, origin.ErrNotFound) {
		return img, errNoImage
	}
	return img, err
}

// public is the Cache-Control of what anybody may see. [documented] The variant's
// time goes before the account's.
func public(v api.VariantOptions, s origin.Settings) string {
	ttl := defaultTTL
	if s.BrowserTTL > 0 {
		ttl = s.BrowserTTL
	}
	if v.BrowserTTL != nil && *v.BrowserTTL > 0 {
		return maxAge("public", *v.BrowserTTL) + ", stale-while-revalidate=" + seconds(stale)
	}
	return maxAge("public", int64(ttl/time.Second)) + ", stale-while-revalidate=" + seconds(stale)
}

// checkSignature wants the request to be signed by any key of the account, and
// returns its Cache-Control. [documented] Browsers keep a signed image until the
// signature expires.
func (h *host) checkSignature(r *http.Request, account origin.Account) (string, error) {
	now := h.source.Now()
	switch err := sign.Verify(r.RequestURI, now, account.SigningKeys()...); {
	case errors.Is(err, sign.ErrMissing):
		return "", errMissing
	case errors.Is(err, sign.ErrExpired):
		return "", errExpired
	case err != nil:
		return "", errMismatch
	}
	ttl := int64(privateTTL / time.Second)
	if exp, err := strconv.ParseInt(r.URL.Query().Get("exp"), 10, 64); err == nil {
		ttl = exp - now.Unix()
	}
	return maxAge("private", ttl), nil
}

func maxAge(who string, ttl int64) string { return who + ", max-age=" + strconv.FormatInt(ttl, 10) }

func seconds(d time.Duration) string { return strconv.FormatInt(int64(d/time.Second), 10) }

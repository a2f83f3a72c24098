// Package origin is what a delivery host asks of the service that has the
// images. Package fake answers; package deliver asks.
package origin

import (
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/sign"
)

// ErrNotFound says that an account has no such image. A draft is none.
var ErrNotFound = errors.New("origin: no such image")

// Service is the service of all accounts. It is safe for concurrent use.
type Service interface {
	// Now is the time by which signatures expire.
	Now() time.Time
	// AccountByHash returns the account that a delivery URL names.
	AccountByHash(hash string) (Account, bool)
}

// Account is one account. It is safe for concurrent use.
type Account interface {
	// Settings are the present ones.
	Settings() Settings
	// SigningKeys are the keys that are valid at present.
	SigningKeys() []sign.Key
	// Variant returns a variant by its name.
	Variant(name string) (api.Variant, bool)
	// Image returns an image, or [ErrNotFound].
	Image(ctx context.Context, id string) (Image, error)
}

// Settings are what an account has set for all of its images.
type Settings struct {
	// FlexibleVariants lets URLs name options in place of a variant.
	FlexibleVariants bool
	// BrowserTTL is how long browsers may keep images, 0 for the default.
	BrowserTTL time.Duration
}

// Image is a stored image.
type Image struct {
	// Private tells that its URLs must be signed.
	Private bool
	// Sum is the SHA-256 of the file.
	Sum [sha256.Size]byte
	// Open returns the file as it was uploaded. The caller closes it.
	Open func() (io.ReadCloser, error)
}

package delivery

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// Host delivers the images of every account. [documented]
const Host = "imagedelivery.net"

// prefix is before the path on a domain of one's own. [documented]
const prefix = "/cdn-cgi/imagedelivery"

// ErrAddress says that a URL is none of a delivered image.
var ErrAddress = errors.New("delivery: not a delivery URL")

// Address is a delivery URL in its parts.
type Address struct {
	// Base is what comes before the account, "https://" and [Host] when it is empty.
	Base string
	// Hash names the account. It is not the account's id; the variants of any image
	// show it.
	Hash string
	// ID is the image's id, not escaped.
	ID string
	// Variant is the name of a variant. Where an account allows it, it is a list of
	// options such as "w=400,sharpen=3", for images that need no signature.
	Variant string
}

// Parse takes a delivery URL apart. Ids may hold slashes, also several in a row, so
// the last segment is the variant. [assumed] A signature is left out.
func Parse(rawURL string) (Address, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return Address{}, fmt.Errorf("%w: it cannot be parsed", ErrAddress) // its query may be secret
	}
	if u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Contains(u.Host, "%") || u.User != nil {
		return Address{}, fmt.Errorf("%w: it must have a scheme and a host and no user", ErrAddress)
	}
	a := Address{Base: u.Scheme + "://" + u.Host}
	path := u.EscapedPath()
	if rest, ok := strings.CutPrefix(path, prefix+"/"); ok {
		a.Base, path = a.Base+prefix, "/"+rest
	}
	var found bool
	path = strings.TrimPrefix(path, "/")
	if a.Hash, path, found = strings.Cut(path, "/"); !found {
		return Address{}, errParts
	}
	last := strings.LastIndexByte(path, '/')
	if last < 0 {
		return Address{}, errParts
	}
	a.ID, err = url.PathUnescape(path[:last])
	a.Variant = path[last+1:]
	if err != nil || a.ID == "" || strings.Contains(a.Hash+a.Variant, "%") || a.Hash == "" || a.Variant == "" {
		return Address{}, errParts
	}
	return a, nil
}

var errParts = fmt.Errorf("%w: the path must be that of an account, an image and a variant", ErrAddress)

// String returns the URL. A slash of the id stays one, and a percent sign becomes
// %25. [documented]
func (a Address) String() string {
	base := a.Base
	if base == "" {
		base = "https://" + Host
	}
	return base + "/" + a.Hash + (&url.URL{Path: "/" + a.ID}).EscapedPath() + "/" + a.Variant
}

// As returns the address of another variant of the image.
func (a Address) As(variant string) Address {
	a.Variant = variant
	return a
}

// On returns the address of the image on a domain of one's own that the service
// proxies. [documented]
func (a Address) On(domain string) Address {
	a.Base = "https://" + domain + prefix
	return a
}

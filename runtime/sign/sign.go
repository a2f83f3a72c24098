// Package sign makes and checks the signed URLs by which private images are
// delivered. The signature is the HMAC-SHA256 of the URL's path and, if the
// URL expires, "?exp=" and the second of its expiry. Scheme and host are not
// signed.
package sign

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Errors of what cannot be signed.
var (
	// ErrNotSignable says that a URL is not a plain delivery URL.
	ErrNotSignable = errors.New("sign: not a delivery URL")
	// ErrFlexible says that the variant is a list of options, such as
	// "w=400": the service refuses those for private images.
	ErrFlexible = errors.New("sign: flexible variants cannot be signed")
)

// URL returns the variant's URL with a signature that is valid before expires,
// or forever when expires is the zero time. A fraction of a second is dropped.
// An expiry in the past is signed all the same.
//
// The URL must be absolute and have neither a query nor a fragment nor a user.
// The path is signed percent-encoded, as it will be requested; characters that
// a URL cannot hold are encoded first. On a domain of one's own the whole path
// is signed, which the service does not document.
func (k Key) URL(variantURL string, expires time.Time) (string, error) {
	u, err := url.Parse(variantURL)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotSignable, err)
	}
	if u.Scheme == "" || u.Host == "" || u.User != nil {
		return "", fmt.Errorf("%w: it must have a scheme and a host and no user", ErrNotSignable)
	}
	signed, err := k.signed(u, expires)
	if err != nil {
		return "", err
	}
	return u.Scheme + "://" + u.Host + signed, nil
}

// Path is [Key.URL] for a path without scheme and host, such as
// "/hash/image/variant". It returns the path and the signed query.
func (k Key) Path(path string, expires time.Time) (string, error) {
	u, err := url.Parse(path)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotSignable, err)
	}
	if u.Scheme != "" || u.Host != "" {
		return "", fmt.Errorf("%w: it must be a path alone", ErrNotSignable)
	}
	return k.signed(u, expires)
}

// signed returns the path of u with its query.
func (k Key) signed(u *url.URL, expires time.Time) (string, error) {
	if k == "" {
		return "", ErrNoKey
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" {
		return "", fmt.Errorf("%w: it must have no query and no fragment", ErrNotSignable)
	}
	path := u.EscapedPath()
	if err := checkPath(path); err != nil {
		return "", err
	}
	if expires.IsZero() {
		return path + "?sig=" + k.mac(path), nil
	}
	if expires.Unix() < 0 {
		return "", fmt.Errorf("%w: it cannot expire before 1970", ErrNotSignable)
	}
	text := path + "?exp=" + strconv.FormatInt(expires.Unix(), 10)
	return text + "&sig=" + k.mac(text), nil
}

// checkPath refuses paths that would not be requested as they are signed, and
// variants that are not named ones.
func checkPath(path string) error {
	if len(path) < 2 || path[0] != '/' {
		return fmt.Errorf("%w: it must have a path that starts with a slash", ErrNotSignable)
	}
	for segment := range strings.SplitSeq(path, "/") {
		s, err := url.PathUnescape(segment)
		if err != nil || s == "." || s == ".." {
			return fmt.Errorf("%w: the path must not have dot segments", ErrNotSignable)
		}
	}
	if strings.Contains(path[strings.LastIndexByte(path, '/'):], "=") {
		return ErrFlexible
	}
	return nil
}

// mac returns the signature of text in lower-case hex.
func (k Key) mac(text string) string {
	h := hmac.New(sha256.New, []byte(k))
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

package deliver

import (
	"net/url"
	"strings"
	"unicode/utf8"
)

// prefix stands before the path on a domain of one's own. [documented] Images are
// delivered below /cdn-cgi/imagedelivery there, too.
const prefix = "/cdn-cgi/imagedelivery"

// hashLength is that of every account's hash. [documented] The hash of an account
// has 22 characters in every sample.
const hashLength = 22

// Owns reports whether a path looks like that of a delivery URL, so that a server
// which has other paths, too, can pass it on.
func Owns(path string) bool {
	if strings.HasPrefix(path, prefix+"/") {
		return true
	}
	hash, _, more := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return more && len(hash) == hashLength && strings.Trim(hash, hashAlphabet) == ""
}

const hashAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

// address is a delivery URL in its parts.
type address struct{ hash, id, variant string }

// flexible reports whether options stand in place of a variant. [assumed] They
// are known by an equals sign.
func (a address) flexible() bool { return strings.Contains(a.variant, "=") }

// parsePath takes a path apart that is percent-encoded. Ids may hold slashes, so
// the variant is the last segment. [assumed] Everything is decoded once.
func parsePath(path string) (address, bool) {
	if rest, ok := strings.CutPrefix(path, prefix+"/"); ok {
		path = "/" + rest
	}
	path, ok := strings.CutPrefix(path, "/")
	hash, path, found := strings.Cut(path, "/")
	last := strings.LastIndexByte(path, '/')
	if !ok || !found || last < 1 || hash == "" {
		return address{}, false
	}
	id, err := url.PathUnescape(path[:last])
	if err != nil || !utf8.ValidString(id) {
		return address{}, false
	}
	variant, err := url.PathUnescape(path[last+1:])
	if err != nil || variant == "" {
		return address{}, false
	}
	return address{hash, id, variant}, true
}

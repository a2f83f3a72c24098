package sign

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Why a URL is not accepted.
var (
	// ErrMissing says that the URL is not signed.
	ErrMissing = errors.New("sign: the URL has no signature")
	// ErrMismatch says that no key made the signature, or that the query is
	// not of the form this package makes.
	ErrMismatch = errors.New("sign: the signature does not match")
	// ErrExpired says that the signature is good and its time is over.
	ErrExpired = errors.New("sign: the URL has expired")
)

// Verify checks the signature of an absolute URL, or of a path with its query,
// and that it has not expired at now; at the very second of its expiry it has.
// Any of the keys may have made the signature, and empty ones made none. The
// time it takes does not depend on how much of a signature is right.
//
// The URL must be as it was requested: the path is compared in its
// percent-encoded form. A server passes [http.Request.RequestURI]. An exp or
// sig that occurs twice, and upper-case hex, are refused with [ErrMismatch].
func Verify(rawURL string, now time.Time, keys ...Key) error {
	s, err := split(rawURL)
	if err != nil {
		return err
	}
	ok := 0
	for _, k := range keys {
		if k != "" {
			ok |= subtle.ConstantTimeCompare([]byte(k.mac(s.text)), []byte(s.sig))
		}
	}
	switch {
	case ok == 0:
		return ErrMismatch
	case s.expires && now.Unix() >= s.exp:
		return ErrExpired
	default:
		return nil
	}
}

// statement is a signed URL in its parts.
type statement struct {
	text    string // what is signed
	sig     string
	expires bool
	exp     int64 // seconds since 1970
}

func split(rawURL string) (statement, error) {
	path, query, _ := strings.Cut(target(rawURL), "?")
	var s statement
	var rest []string
	signed := false
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		switch {
		case name != "sig":
			rest = append(rest, pair)
		case signed:
			return s, fmt.Errorf("%w: sig is given twice", ErrMismatch)
		default:
			signed, s.sig = true, value
		}
	}
	if s.sig == "" {
		return s, ErrMissing
	}
	s.text = path
	if len(rest) > 0 {
		s.text += "?" + strings.Join(rest, "&")
	}
	return s, s.readExpiry(rest)
}

// readExpiry takes exp from the parameters other than sig.
func (s *statement) readExpiry(params []string) error {
	for _, pair := range params {
		value, ok := strings.CutPrefix(pair, "exp=")
		if !ok {
			continue
		}
		if s.expires {
			return fmt.Errorf("%w: exp is given twice", ErrMismatch)
		}
		n, err := strconv.ParseUint(value, 10, 63)
		if err != nil {
			return fmt.Errorf("%w: exp is not a number of seconds", ErrMismatch)
		}
		s.expires, s.exp = true, int64(n)
	}
	return nil
}

// target drops the scheme and the host of an absolute URL.
func target(rawURL string) string {
	if strings.HasPrefix(rawURL, "/") {
		return rawURL
	}
	_, rest, ok := strings.Cut(rawURL, "://")
	if i := strings.IndexAny(rest, "/?"); ok && i >= 0 {
		return rest[i:]
	}
	return rawURL
}

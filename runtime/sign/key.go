package sign

import (
	"errors"
	"fmt"
	"log/slog"
)

// redacted is how a key prints.
const redacted = "sign.Key(…)"

// Key is the value of a signing key as the keys API shows it. The text is used
// as it is: it may look like base64 and is not decoded.
//
// A Key does not print its value in any format of package fmt, in JSON or in a
// log. The exceptions are an unexported field of a struct, which package fmt
// prints without asking, and a key of a JSON map.
type Key string

// ErrNoKey says that a key is empty.
var ErrNoKey = errors.New("sign: the key is empty")

// String returns a placeholder.
func (k Key) String() string { return redacted }

// GoString returns a placeholder.
func (k Key) GoString() string { return redacted }

// Format writes a placeholder, whatever the verb.
func (k Key) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

// MarshalText returns a placeholder, so that a key does not get into JSON.
func (k Key) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// LogValue returns a placeholder.
func (k Key) LogValue() slog.Value { return slog.StringValue(redacted) }

package fake

import (
	crand "crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
)

// source makes the ids and key values of one account. It is not safe for
// concurrent use.
type source struct {
	rand *rand.ChaCha8
	// drawn says that something was made since the state was last saved.
	drawn bool
}

// newSource returns the source of an account: the same for the same seed, an
// unpredictable one without.
func newSource(seed *uint64, accountID string) source {
	var key [32]byte
	if seed == nil {
		_, _ = crand.Read(key[:]) // never fails
	} else {
		b := binary.BigEndian.AppendUint64(nil, *seed)
		key = sha256.Sum256(append(b, accountID...))
	}
	return source{rand: rand.NewChaCha8(key)}
}

// imageID returns an id in the form the service generates.
//
// [observed] Generated ids look like UUIDs whose last byte is 00 and whose variant bits
// are not those of a UUID.
func (s *source) imageID() string {
	s.drawn = true
	var b [16]byte
	_, _ = s.rand.Read(b[:15]) // never fails
	b[6] = b[6]&0x0f | 0x40
	text := make([]byte, 0, 36)
	for i, n := range []int{4, 2, 2, 2, 6} {
		if i > 0 {
			text = append(text, '-')
		}
		from := []int{0, 4, 6, 8, 10}[i]
		text = hex.AppendEncode(text, b[from:from+n])
	}
	return string(text)
}

// keyValue returns the secret of a signing key.
//
// [documented] In samples the value of a key is 32 lowercase hexadecimal digits.
func (s *source) keyValue() string {
	s.drawn = true
	var b [16]byte
	_, _ = s.rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// state returns what [source.restore] goes on from.
func (s *source) state() []byte {
	text, _ := s.rand.MarshalBinary() // never fails
	return text
}

// restore makes the source go on from a state.
func (s *source) restore(state []byte) error {
	r := new(rand.ChaCha8)
	if err := r.UnmarshalBinary(state); err != nil {
		return err
	}
	*s = source{rand: r}
	return nil
}

package rest

import (
	"bytes"
	"io"
	"net/http"
	"sync"

	"github.com/cfimages/cfimages/runtime/contract"
)

// scan reads an envelope that says success, without reflection. It returns
// false for every other text, and for what its scanner gives up on: of those
// encoding/json says what they are.
func scan[T any](names contract.Envelope, text []byte) (*T, bool) {
	if _, ok := any((*T)(nil)).(contract.Scannable); !ok {
		return nil, false
	}
	var result *T
	var success bool
	s := contract.NewScanner(text)
	o := s.Object([]string{names.Result, names.Success, names.Errors})
	for o.Next() {
		switch o.Name {
		case names.Result:
			contract.ScanPointer(&result, s, scanValue[T])
		case names.Success:
			contract.ScanBool(&success, s)
		case names.Errors:
			scanErrors(s)
		}
	}
	return result, s.End() && success && result != nil
}

func scanValue[T any](v *T, s *contract.Scanner) { any(v).(contract.Scannable).ScanJSON(s) }

// scanErrors goes over the errors of a success, which may be of any kind.
func scanErrors(s *contract.Scanner) {
	if !s.IsArray() {
		s.GiveUp()
	}
	s.Skip()
}

const (
	usualAnswer  = 4 << 10 // for which memory is asked at once, in bytes
	trustedSize  = 1 << 20 // up to which a declared length is believed
	retainedSize = 4 << 20 // up to which memory is used again
)

// answers are buffers that wait for the next answer. Nothing that is decoded
// refers to the text in them.
var answers = sync.Pool{New: func() any { return bytes.NewBuffer(make([]byte, 0, usualAnswer)) }}

// readAnswer reads an answer, but no more than a byte beyond maxAnswer. The text
// is valid until it is released.
func readAnswer(resp *http.Response) (text []byte, release func(), err error) {
	b := answers.Get().(*bytes.Buffer)
	if n := resp.ContentLength; n > 0 {
		b.Grow(int(min(n, trustedSize)) + bytes.MinRead)
	}
	_, err = b.ReadFrom(io.LimitReader(resp.Body, maxAnswer+1))
	return b.Bytes(), func() { keep(b) }, err
}

// keep puts a buffer back, empty of what may be a secret.
func keep(b *bytes.Buffer) {
	if b.Cap() > retainedSize {
		return
	}
	clear(b.Bytes())
	b.Reset()
	answers.Put(b)
}

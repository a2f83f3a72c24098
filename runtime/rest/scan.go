package rest

import (
	"bytes"
	"io"
	"net/http"
	"reflect"
	"sync"

	"github.com/cfimages/cfimages/runtime/contract"
)

// scan reads an envelope that says success, without reflection. It returns false for
// every other text and for what its scanner gives up on, of which it may have read a
// part: of those encoding/json says what they are.
func scan(names *contract.Envelope, text []byte, out any) bool {
	value, ok := out.(contract.Scannable)
	if !ok && out != nil {
		return false
	}
	success, result := false, out == nil
	s := contract.NewScanner(text)
	o := s.Object([]string{names.Result, names.Success, names.Errors})
	for o.Next() {
		switch {
		case o.Name == names.Success:
			contract.ScanBool(&success, s)
		case o.Name == names.Errors && !s.IsArray(): // which is not documented
			s.GiveUp()
		case o.Name == names.Errors, out == nil:
			s.Skip()
		default:
			s.Expect()
			value.ScanJSON(s)
			result = s.Met()
		}
	}
	return s.End() && success && result
}

// zero makes what a pointer leads to the zero value.
func zero(out any) {
	if out != nil {
		reflect.ValueOf(out).Elem().SetZero()
	}
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

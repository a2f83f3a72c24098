package fake

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/cfimages/cfimages/gen/api"
)

// A continuation token says after which position a list goes on, and in which
// order: one byte, eight bytes and a checksum, 32 characters in all. Naming a
// position instead of a count is what makes a walk safe against changes.
//
// [documented] Tokens of lists are opaque. [assumed] A token belongs to one account
// and one order, while the other parameters are sent with it again. [assumed] A
// token never expires.
const (
	tokenBody = 1 + 8
	tokenSum  = 15
	tokenLen  = (tokenBody + tokenSum) / 3 * 4
)

// token returns the token of a position, which is that of the last image of
// the page.
func (a *Account) token(position uint64, up bool) string {
	b := make([]byte, 1, tokenBody+tokenSum)
	b[0] = tokenOrder(up)
	b = binary.BigEndian.AppendUint64(b, position)
	return base64.RawURLEncoding.EncodeToString(append(b, a.tokenSum(b)...))
}

// openToken returns the position that a token of the same order holds; 0 when
// there is no token.
func (a *Account) openToken(token string, up bool) (uint64, error) {
	if token == "" {
		return 0, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(token)
	// Of the texts that decode alike one has the right length: the decoder
	// skips line ends.
	if err != nil || len(token) != tokenLen || len(b) != tokenBody+tokenSum || !hmac.Equal(b[tokenBody:], a.tokenSum(b[:tokenBody])) {
		return 0, api.ErrBadRequest.At("continuation_token", "continuation_token: not a token of this list")
	}
	if b[0] != tokenOrder(up) {
		return 0, api.ErrBadRequest.At("continuation_token", "continuation_token: made for another sort_order")
	}
	return binary.BigEndian.Uint64(b[1:tokenBody]), nil
}

func tokenOrder(up bool) byte {
	if up {
		return 'a'
	}
	return 'd'
}

// tokenSum tells tokens of this account from anything else. It is no secret:
// whoever forges a token sees nothing that a list does not show.
func (a *Account) tokenSum(body []byte) []byte {
	mac := hmac.New(sha256.New, []byte("continuation token of "+a.id))
	mac.Write(body)
	return mac.Sum(nil)[:tokenSum]
}

package fake

import (
	"math"
	"strings"
	"testing"

	"github.com/cfimages/cfimages/gen/api"
)

func TestTokens(t *testing.T) {
	a, _ := stocked(t, 3)
	page := ok(a.ListImages(t.Context(), api.ListImagesParams{PerPage: 1}))(t)
	token := *page.ContinuationToken
	if strings.Trim(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		t.Errorf("token %q needs escaping", token)
	}
	b, _ := stocked(t, 3)
	equal(t, "same account", b.Hash(), a.Hash())
	other := New().Account("two")
	for name, in := range map[string]api.ListImagesParams{
		"garbage": {ContinuationToken: "garbage"},
		"space":   {ContinuationToken: " " + token},
		"line":    {ContinuationToken: token + "\n"},
		"short":   {ContinuationToken: token[:len(token)-4]},
		"longer":  {ContinuationToken: token + "AAAA"},
		"changed": {ContinuationToken: "A" + token[1:]},
		"order":   {ContinuationToken: token, SortOrder: api.SortOrderAsc},
	} {
		_, err := a.ListImages(t.Context(), in)
		if err == nil {
			t.Errorf("%s: accepted", name)
			continue
		}
		fails(t, err, api.ErrBadRequest)
	}
	_, err := other.ListImages(t.Context(), api.ListImagesParams{ContinuationToken: token})
	fails(t, err, api.ErrBadRequest)
}

func FuzzToken(f *testing.F) {
	a := New().Account("one")
	for _, p := range []uint64{0, 1, math.MaxUint64} {
		f.Add(a.token(p, true))
		f.Add(a.token(p, false))
	}
	f.Add("")
	f.Add("garbage")
	f.Fuzz(func(t *testing.T, token string) {
		for _, up := range []bool{true, false} {
			position, err := a.openToken(token, up)
			if err != nil {
				fails(t, err, api.ErrBadRequest)
			} else if token != "" {
				equal(t, "token", a.token(position, up), token)
			}
		}
	})
}

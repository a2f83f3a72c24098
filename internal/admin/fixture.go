package admin

import (
	"net/http"

	"github.com/cfimages/cfimages/internal/seed"
)

// seed adds what a fixture names. Where something of it is refused nothing is added.
func (a *control) seed(_ http.ResponseWriter, r *http.Request) (any, error) {
	f, err := seed.Parse(r.Body)
	if err != nil {
		return nil, bad(err.Error())
	}
	n, err := seed.Apply(r.Context(), a.World, f)
	if err != nil {
		return nil, bad(err.Error())
	}
	return n, nil
}

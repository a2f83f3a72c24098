package admin

import (
	_ "embed"
	"net/http"
)

//go:embed coverage.json
var coverage []byte

// coverage tells every rule that the mock keeps to, with how it is known.
func (a *control) coverage(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(coverage)
}

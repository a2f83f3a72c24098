package spell_test

import (
	"testing"

	"github.com/cfimages/cfimages/internal/spell"
)

func TestMeant(t *testing.T) {
	known := []string{"token_in", "token_out", "items", "x-gen-page"}
	for name, want := range map[string]string{
		"itms":        ` (did you mean "items"?)`,
		"tokenin":     ` (did you mean "token_in"?)`,
		"token_ou":    ` (did you mean "token_out"?)`,
		"x-gen-pages": ` (did you mean "x-gen-page"?)`,
		"sizes":       "",
		"":            "",
	} {
		if got := spell.Meant(name, known); got != want {
			t.Errorf("Meant(%q) = %q, want %q", name, got, want)
		}
	}
}

package fake

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/origin"
)

// TestSettings changes them one at a time; each account has its own.
func TestSettings(t *testing.T) {
	t.Parallel()
	w := New(WithBrowserTTL(2 * time.Hour))
	a, other := w.Account("one"), w.Account("two")
	settings := func(a *Account) origin.Settings { return delivered{a}.Settings() }
	for _, step := range []struct {
		edit api.ConfigEdit
		want origin.Settings
	}{
		{api.ConfigEdit{}, origin.Settings{BrowserTTL: 2 * time.Hour}},
		{api.ConfigEdit{FlexibleVariants: new(true)}, origin.Settings{FlexibleVariants: true, BrowserTTL: 2 * time.Hour}},
		{api.ConfigEdit{BrowserTTL: new(int64(3600))}, origin.Settings{FlexibleVariants: true, BrowserTTL: time.Hour}},
		{api.ConfigEdit{FlexibleVariants: new(false), BrowserTTL: new(int64(7200))}, origin.Settings{BrowserTTL: 2 * time.Hour}},
		{api.ConfigEdit{FlexibleVariants: new(true)}, origin.Settings{FlexibleVariants: true, BrowserTTL: 2 * time.Hour}},
	} {
		if err := a.EditConfig(t.Context(), step.edit); err != nil {
			t.Fatal(err)
		}
		equal(t, "settings", settings(a), step.want)
	}
	equal(t, "settings of another account", settings(other), origin.Settings{BrowserTTL: 2 * time.Hour})
	gone, leave := context.WithCancel(t.Context())
	leave()
	if err := a.EditConfig(gone, api.ConfigEdit{FlexibleVariants: new(false)}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	equal(t, "settings after a call that was canceled", settings(a).FlexibleVariants, true)
	a.Reset()
	equal(t, "settings after a reset", settings(a), origin.Settings{BrowserTTL: 2 * time.Hour})
}

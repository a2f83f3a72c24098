package fake

import (
	"context"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
	"github.com/cfimages/cfimages/runtime/origin"
)

// EditConfig changes how the images of the account are delivered, from the next
// request on.
//
// [documented] Flexible variants and the time that browsers keep images can be set,
// one at a time. [assumed] What sets them answers nothing.
func (a *Account) EditConfig(ctx context.Context, in api.ConfigEdit) error {
	if err := a.write(ctx); err != nil {
		return err
	}
	defer a.mu.Unlock()
	next := a.settings
	if in.FlexibleVariants != nil {
		next.FlexibleVariants = *in.FlexibleVariants
	}
	if in.BrowserTTL != nil {
		next.BrowserTTL = time.Duration(*in.BrowserTTL) * time.Second
	}
	if _, err := a.apply(store.Change{Settings: &next}); err != nil {
		return err
	}
	a.settings = next
	return nil
}

// setting returns the settings that were stored, or else those of the world's
// options.
func (w *World) setting(stored *origin.Settings) origin.Settings {
	if stored != nil {
		return *stored
	}
	return origin.Settings{FlexibleVariants: w.flexible, BrowserTTL: w.browserTTL}
}

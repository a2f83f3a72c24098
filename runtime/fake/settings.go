package fake

import (
	"context"
	"time"

	"github.com/cfimages/cfimages/gen/api"
)

// EditConfig changes how the images of the account are delivered, from the next
// request on.
//
// [documented] The two settings, and that they can be changed one at a time. What
// the answer holds is not documented; here it is nothing [assumed].
func (a *Account) EditConfig(ctx context.Context, in api.ConfigEdit) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if in.FlexibleVariants != nil {
		a.settings.FlexibleVariants = *in.FlexibleVariants
	}
	if in.BrowserTTL != nil {
		a.settings.BrowserTTL = time.Duration(*in.BrowserTTL) * time.Second
	}
	return nil
}

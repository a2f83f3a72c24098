package fake

import (
	"context"
	"maps"
	"regexp"
	"slices"

	"github.com/cfimages/cfimages/gen/api"
)

// publicVariant is the variant every account has. [documented]
const publicVariant = "public"

// variants are those of one account. They are not safe for concurrent use.
type variants struct {
	byID map[string]api.Variant
	// names are the ids, in the order in which an image lists its URLs. The
	// slice is replaced, never changed, so whoever holds it may read it.
	names []string
}

// newVariants returns the built-in variant.
//
// [observed] It is listed like any other. Its options are those of the samples
// [assumed].
func newVariants() variants {
	var v variants
	v.set(api.Variant{ID: publicVariant, Options: api.VariantOptions{
		Fit:      api.VariantFitScaleDown,
		Width:    1366,
		Height:   768,
		Metadata: api.VariantMetadataNone,
	}})
	return v
}

// set stores a variant.
func (v *variants) set(variant api.Variant) {
	if v.byID == nil {
		v.byID = map[string]api.Variant{}
	}
	v.byID[variant.ID] = variant
	v.rename()
}

// remove forgets a variant.
func (v *variants) remove(id string) {
	delete(v.byID, id)
	v.rename()
}

// rename orders the ids: the built-in one first, the others by name.
//
// [assumed] No order is documented; this one keeps an image's first URL what it
// is when variants come and go.
func (v *variants) rename() {
	others := maps.Clone(v.byID)
	delete(others, publicVariant)
	v.names = append([]string{publicVariant}, slices.Sorted(maps.Keys(others))...)
}

// get returns a variant.
//
// [observed] One that does not exist is answered with a code of its own.
func (v *variants) get(id string) (api.Variant, error) {
	if variant, ok := v.byID[id]; ok {
		return variant, nil
	}
	return api.Variant{}, api.ErrVariantNotFound.New()
}

// cloneVariant returns a copy that shares nothing with v.
func cloneVariant(v api.Variant) api.Variant {
	v.Options = cloneOptions(v.Options)
	return v
}

func cloneOptions(o api.VariantOptions) api.VariantOptions {
	o.Blur, o.BrowserTTL = clonePointer(o.Blur), clonePointer(o.BrowserTTL)
	return o
}

func clonePointer[T any](p *T) *T {
	if p == nil {
		return nil
	}
	return new(*p)
}

// ListVariants returns every variant by its id.
func (a *Account) ListVariants(ctx context.Context) (map[string]api.Variant, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	out := make(map[string]api.Variant, len(a.variants.byID))
	for id, v := range a.variants.byID {
		out[id] = cloneVariant(v)
	}
	return out, nil
}

// GetVariant returns a variant.
func (a *Account) GetVariant(ctx context.Context, variantID string) (*api.Variant, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	v, err := a.variants.get(variantID)
	if err != nil {
		return nil, err
	}
	return new(cloneVariant(v)), nil
}

// variantID is what a variant may be called. [observed] Hyphens and
// underscores are refused.
var variantID = regexp.MustCompile(`^[a-zA-Z0-9]{1,99}$`)

// CreateVariant makes a variant. The URLs of every image gain one.
func (a *Account) CreateVariant(ctx context.Context, in api.VariantCreate) (*api.Variant, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if !variantID.MatchString(in.ID) {
		return nil, api.ErrBadRequest.At("/id", "id: must be 1 to 99 letters or digits") // [observed]
	}
	v := api.Variant{ID: in.ID, Options: cloneOptions(in.Options)}
	if in.NeverRequireSignedURLs != nil {
		v.NeverRequireSignedURLs = *in.NeverRequireSignedURLs // [documented] The default is false.
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, taken := a.variants.byID[in.ID]; taken {
		return nil, api.ErrResourceExists.New() // [observed]
	}
	// [assumed] The built-in variant counts, and the error is that of other
	// limits.
	if len(a.variants.byID) >= a.world.maxVariants {
		return nil, api.ErrLimitReached.New()
	}
	a.variants.set(v)
	return new(cloneVariant(v)), nil
}

// EditVariant replaces the options of a variant.
//
// [observed] Options are not merged. What is left out beside them stays as it
// is [assumed], and the built-in variant can be edited [assumed].
func (a *Account) EditVariant(ctx context.Context, variantID string, in api.VariantEdit) (*api.Variant, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	v, err := a.variants.get(variantID)
	if err != nil {
		return nil, err
	}
	v.Options = cloneOptions(in.Options)
	if in.NeverRequireSignedURLs != nil {
		v.NeverRequireSignedURLs = *in.NeverRequireSignedURLs
	}
	a.variants.set(v)
	return new(cloneVariant(v)), nil
}

// DeleteVariant removes a variant. The URLs of every image lose one.
//
// [observed] Deleting the built-in variant succeeds, and it stays.
func (a *Account) DeleteVariant(ctx context.Context, variantID string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, err := a.variants.get(variantID); err != nil {
		return err
	}
	if variantID != publicVariant {
		a.variants.remove(variantID)
	}
	return nil
}

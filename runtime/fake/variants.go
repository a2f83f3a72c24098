package fake

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// publicVariant is the variant every account has. [documented] Every
// account has a variant named public.
const publicVariant = "public"

// variants are those of one account. They are replaced, never changed, so
// whoever holds them may read them.
type variants struct {
	byID map[string]api.Variant
	// names are the ids, in the order in which an image lists its URLs.
	names []string
}

// builtinVariants is what an account starts with.
//
// [observed] The built-in variant is listed like any other. [assumed] The options
// of the built-in variant are those of the samples.
func builtinVariants() []api.Variant {
	return []api.Variant{{ID: publicVariant, Options: api.VariantOptions{
		Fit:      api.VariantFitScaleDown,
		Width:    1366,
		Height:   768,
		Metadata: api.VariantMetadataNone,
	}}}
}

// makeVariants orders the ids: the built-in one first, the others by name.
//
// [assumed] An image has its delivery URLs in this order, so that the first one stays
// what it is when variants come and go.
func makeVariants(list []api.Variant) variants {
	v := variants{byID: make(map[string]api.Variant, len(list)), names: []string{publicVariant}}
	for _, variant := range list {
		v.byID[variant.ID] = variant
		if variant.ID != publicVariant {
			v.names = append(v.names, variant.ID)
		}
	}
	slices.Sort(v.names[1:])
	return v
}

// with returns the variants and one more, which may replace one.
func (v *variants) with(variant api.Variant) []api.Variant {
	return append(v.without(variant.ID), variant)
}

// without returns the variants but one.
func (v *variants) without(id string) []api.Variant {
	out := make([]api.Variant, 0, len(v.names)+1)
	for _, name := range v.names {
		if name != id {
			out = append(out, v.byID[name])
		}
	}
	return out
}

// setVariants stores the variants. The lock is held.
func (a *Account) setVariants(list []api.Variant) error {
	slices.SortFunc(list, func(x, y api.Variant) int { return strings.Compare(x.ID, y.ID) })
	if _, err := a.apply(store.Change{Variants: list}); err != nil {
		return err
	}
	if a.world.lag > 0 {
		now, until := a.dueTimes()
		a.late.variants.note(a.variants, now, until)
	}
	a.variants = makeVariants(list)
	return nil
}

// get returns a variant.
//
// [observed] An unknown variant has an error of its own.
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
	if err := a.read(ctx); err != nil {
		return nil, err
	}
	defer a.mu.RUnlock()
	shown := a.late.variants.at(a.world.Now(), a.variants)
	out := make(map[string]api.Variant, len(shown.byID))
	for id, v := range shown.byID {
		out[id] = cloneVariant(v)
	}
	return out, nil
}

// GetVariant returns a variant.
func (a *Account) GetVariant(ctx context.Context, variantID string) (*api.Variant, error) {
	if err := a.read(ctx); err != nil {
		return nil, err
	}
	defer a.mu.RUnlock()
	shown := a.late.variants.at(a.world.Now(), a.variants)
	v, err := shown.get(variantID)
	if err != nil {
		return nil, err
	}
	return new(cloneVariant(v)), nil
}

// variantID is what a variant may be called. [documented] A name of a
// variant has 99 characters at most. [observed] Names of variants have letters and
// digits only; hyphens and underscores are refused.
var variantID = regexp.MustCompile(`^[a-zA-Z0-9]{1,99}$`)

// CreateVariant makes a variant. The URLs of every image gain one.
func (a *Account) CreateVariant(ctx context.Context, in api.VariantCreate) (*api.Variant, error) {
	if !variantID.MatchString(in.ID) {
		return nil, api.ErrBadRequest.At("/id", "id: must be 1 to 99 letters or digits") // [observed] A bad name of a variant is a bad request.
	}
	v := api.Variant{ID: in.ID, Options: cloneOptions(in.Options)}
	if in.NeverRequireSignedURLs != nil {
		v.NeverRequireSignedURLs = *in.NeverRequireSignedURLs // [documented] Variants heed the requirement of signed URLs by default.
	}
	if err := a.write(ctx); err != nil {
		return nil, err
	}
	defer a.mu.Unlock()
	if _, taken := a.variants.byID[in.ID]; taken {
		return nil, api.ErrResourceExists.New() // [observed] A variant is not made twice.
	}
	// [assumed] The built-in variant counts among the 100, and the error is that of
	// other limits.
	if len(a.variants.byID) >= a.world.maxVariants {
		return nil, api.ErrLimitReached.New()
	}
	if err := a.setVariants(a.variants.with(v)); err != nil {
		return nil, err
	}
	return new(cloneVariant(v)), nil
}

// EditVariant replaces the options of a variant.
//
// [observed] An edit of a variant replaces its options and does not merge them.
// [assumed] What is left out beside options stays as it is. [assumed] The built-in
// variant can be edited.
func (a *Account) EditVariant(ctx context.Context, variantID string, in api.VariantEdit) (*api.Variant, error) {
	if err := a.write(ctx); err != nil {
		return nil, err
	}
	defer a.mu.Unlock()
	v, err := a.variants.get(variantID)
	if err != nil {
		return nil, err
	}
	v.Options = cloneOptions(in.Options)
	if in.NeverRequireSignedURLs != nil {
		v.NeverRequireSignedURLs = *in.NeverRequireSignedURLs
	}
	if err := a.setVariants(a.variants.with(v)); err != nil {
		return nil, err
	}
	return new(cloneVariant(v)), nil
}

// DeleteVariant removes a variant. The URLs of every image lose one.
//
// [observed] The deletion of the built-in variant succeeds, and the variant stays.
func (a *Account) DeleteVariant(ctx context.Context, variantID string) error {
	if err := a.write(ctx); err != nil {
		return err
	}
	defer a.mu.Unlock()
	if _, err := a.variants.get(variantID); err != nil {
		return err
	}
	switch {
	case variantID != publicVariant:
		return a.setVariants(a.variants.without(variantID))
	case a.world.keepPublic:
		// [assumed] To delete what cannot be deleted is a bad request.
		return api.ErrBadRequest.With("The variant %s cannot be deleted", publicVariant)
	default:
		return nil
	}
}

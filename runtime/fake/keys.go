package fake

import (
	"context"
	"slices"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// defaultKey is the name of the key an account starts with. [documented] An
// account has a key named default from the start.
const defaultKey = "default"

// ListSigningKeys returns every signing key, in the order they were made.
func (a *Account) ListSigningKeys(ctx context.Context) ([]api.SigningKey, error) {
	if err := a.world.entitled(); err != nil {
		return nil, err
	}
	if err := a.read(ctx); err != nil {
		return nil, err
	}
	defer a.mu.RUnlock()
	return slices.Clone(a.late.keys.at(a.world.Now(), a.keys)), nil
}

// PutSigningKey makes a key or gives an existing one a new value.
//
// [documented] What puts or deletes a key answers every key. [observed] To put an
// existing key gives it a new value. [assumed] A key with
// a new value keeps its place in the list.
func (a *Account) PutSigningKey(ctx context.Context, signingKeyName string) ([]api.SigningKey, error) {
	if err := a.world.entitled(); err != nil {
		return nil, err
	}
	if err := a.write(ctx); err != nil {
		return nil, err
	}
	defer a.mu.Unlock()
	next := slices.Clone(a.keys)
	if i := a.keyNamed(signingKeyName); i >= 0 {
		next[i].Value = a.source.keyValue()
		return a.setKeys(next)
	}
	if most := a.world.maxKeys; most > 0 && len(a.keys) >= most {
		return nil, api.ErrLimitReached.New() // [observed] An account has two keys at most. [assumed] A key too many has the error of other limits.
	}
	return a.setKeys(append(next, api.SigningKey{Name: signingKeyName, Value: a.source.keyValue()}))
}

// DeleteSigningKey removes a key and returns those that remain.
func (a *Account) DeleteSigningKey(ctx context.Context, signingKeyName string) ([]api.SigningKey, error) {
	if err := a.write(ctx); err != nil {
		return nil, err
	}
	defer a.mu.Unlock()
	i := a.keyNamed(signingKeyName)
	switch {
	case i < 0:
		return nil, api.ErrImageNotFound.New() // [observed] An unknown key has the error of an unknown image.
	case len(a.keys) > 1:
		return a.setKeys(slices.Delete(slices.Clone(a.keys), i, i+1))
	case a.world.keepLastKey:
		// [observed] The last key cannot be deleted, one client reports. [assumed] To
		// delete a last key that stays is a bad request.
		return nil, api.ErrBadRequest.With("The last signing key cannot be deleted")
	default:
		// [documented] A new key named default takes the place of the last one.
		return a.setKeys([]api.SigningKey{{Name: defaultKey, Value: a.source.keyValue()}})
	}
}

// setKeys stores the keys and returns a copy. The lock is held.
func (a *Account) setKeys(next []api.SigningKey) ([]api.SigningKey, error) {
	if _, err := a.apply(store.Change{Keys: next}); err != nil {
		return nil, err
	}
	if a.world.lag > 0 {
		now, until := a.dueTimes()
		a.late.keys.note(a.keys, now, until)
	}
	a.keys = next
	return slices.Clone(next), nil
}

// keyNamed returns the index of a key, or -1. The lock is held.
func (a *Account) keyNamed(name string) int {
	return slices.IndexFunc(a.keys, func(k api.SigningKey) bool { return k.Name == name })
}

package fake

// Totals are what all accounts hold together.
type Totals struct {
	Images int64
	// Drafts that have expired count until they are forgotten.
	Drafts int64
	// Bytes is the length of the images' files; one that several share counts for
	// each.
	Bytes int64
}

// Totals returns what all accounts hold. An account whose state cannot be read is
// left out.
func (w *World) Totals() (Totals, error) {
	var t Totals
	ids, err := w.store.Accounts()
	if err != nil {
		return t, w.failed(err)
	}
	for _, id := range ids {
		if err := w.Account(id).addTo(&t); err != nil {
			return Totals{}, w.failed(err)
		}
	}
	return t, nil
}

func (a *Account) addTo(t *Totals) error {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.broken != nil {
		return nil
	}
	bytes, err := a.records.Bytes()
	t.Images += a.records.Images()
	t.Drafts += a.records.Drafts()
	t.Bytes += bytes
	return err
}

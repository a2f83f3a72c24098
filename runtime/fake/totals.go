package fake

// Totals returns how many images and drafts all accounts have. Drafts that have
// expired count until they are forgotten.
func (w *World) Totals() (images, drafts int64, err error) {
	ids, err := w.store.Accounts()
	if err != nil {
		return 0, 0, w.failed(err)
	}
	for _, id := range ids {
		a := w.Account(id)
		a.mu.RLock()
		if a.broken == nil {
			images += a.records.Images()
			drafts += a.records.Drafts()
		}
		a.mu.RUnlock()
	}
	return images, drafts, nil
}

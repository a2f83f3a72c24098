package fault

import "github.com/cfimages/cfimages/runtime/contract"

func listKinds() []*kind {
	row := func(name, description string, about func(call) bool, change edit) *kind {
		return &kind{Kind: Kind{name, HTTP, description, nil, false}, about: about, act: edited(change)}
	}
	return []*kind{
		{
			Kind: Kind{"stale-token", HTTP, "A page but the first is refused, as with a token that is no longer known.", nil, false}, about: continued,
			act:  refuse,
			fail: func(h *hit) *contract.Error { return h.set.contract.Faults.BadRequest.New() },
		},
		row("repeated-token", "A page but the first answers the token that it was asked with.", continued, repeatToken),
		row("empty-page", "A page without items, whose token goes on where there is one.", listed, onPage(func(h *hit, page map[string]any) {
			page[h.call.op.Page.Items] = []any{}
		})),
		row("late-items", "A page without its first item, which is there later.", listed, onPage(func(h *hit, page map[string]any) {
			if items, ok := page[h.call.op.Page.Items].([]any); ok && len(items) > 0 {
				page[h.call.op.Page.Items] = items[1:]
			}
		})),
	}
}

// onPage changes a page of a list.
func onPage(change func(h *hit, page map[string]any)) edit {
	return func(h *hit, a *answer) {
		members := a.envelope()
		if page, ok := members[h.set.contract.Envelope.Result].(map[string]any); ok {
			change(h, page)
		}
		a.write(members)
	}
}

func repeatToken(h *hit, a *answer) {
	page := h.call.op.Page
	token := h.call.request.URL.Query().Get(page.TokenIn)
	onPage(func(_ *hit, result map[string]any) { result[page.TokenOut] = token })(h, a)
}

package fault

import (
	"bytes"
	"cmp"
	"maps"
	"net/http"
	"time"

	"github.com/cfimages/cfimages/runtime/contract"
)

func lifecycleKinds() []*kind {
	row := func(name, description string, about func(call) bool, act action, fields ...string) *kind {
		return &kind{Kind: Kind{name, Lifecycle, description, fields, false}, about: about, act: act}
	}
	hook := func(name, description string, fate func(*hit) Fate) *kind {
		return &kind{Kind: Kind{name, Lifecycle, description, nil, false}, about: func(c call) bool { return c.event }, fate: fate}
	}
	expired := row("upload-url-expired", "An upload URL answers as if it had expired.", posted, refuse)
	expired.fail = gone
	collision := row("id-collision", "A new id is taken already.", create, refuse)
	collision.fail = func(h *hit) *contract.Error { return taken(h.call.op).New() }
	return []*kind{
		row("draft-stuck", "An upload URL answers a success, and the draft never completes.", posted, stuck),
		expired,
		collision,
		row("stale-read", "A read answers what the same read answered up to age ago.", read, staleRead, "age"),
		hook("webhook-lost", "A webhook is not sent.", func(*hit) Fate { return Fate{} }),
		hook("webhook-duplicated", "A webhook is sent twice.", func(*hit) Fate { return Fate{Copies: 2} }),
		hook("webhook-late", "A webhook is sent after delay and jitter, a minute by default.", func(h *hit) Fate {
			late := h.rule.Delay
			if h.rule.Jitter > 0 {
				late += time.Duration(h.rule.random(h.n).Int64N(int64(h.rule.Jitter) + 1))
			}
			return Fate{Copies: 1, Delay: cmp.Or(late, time.Minute)}
		}),
	}
}

// gone is what an upload URL answers that has expired.
func gone(h *hit) *contract.Error {
	if k := errorOf(h.set.contract, "ImageNotFound"); k != nil {
		return k.New()
	}
	return h.set.contract.Faults.NoRoute.New()
}

func stuck(h *hit, w http.ResponseWriter, r *http.Request, _ http.Handler) {
	drain(r)
	names := &h.set.contract.Envelope
	a := answer{status: http.StatusOK, header: w.Header()}
	a.write(map[string]any{names.Result: map[string]any{"id": h.call.resource}, names.Success: true, names.Errors: []any{}})
	a.header.Set("Content-Type", "application/json")
	a.send(w)
}

// maxMemory is how many answers are remembered for stale reads.
const maxMemory = 1000

// memory holds what was answered, by caller, method and address: nobody is told what
// only others may see.
type memory map[string]remembered

type remembered struct {
	at     time.Time
	header http.Header
	body   []byte
}

const defaultAge = time.Minute

func staleRead(h *hit, w http.ResponseWriter, r *http.Request, next http.Handler) {
	who := caller(h.set.contract, r)
	key := string(who[:]) + r.Method + " " + r.URL.RequestURI()
	if old, ok := h.set.recall(key); ok && h.now.Sub(old.at) < cmp.Or(h.rule.Age, defaultAge) {
		maps.Copy(w.Header(), old.header)
		w.Header().Set(Header, h.rule.ID)
		a := answer{status: http.StatusOK, header: w.Header()}
		a.set(old.body)
		a.send(w)
		return
	}
	a := capture(w, r, next)
	if a.status == http.StatusOK {
		h.set.remember(key, remembered{h.now, a.header.Clone(), bytes.Clone(a.body.Bytes())})
	}
	a.send(w)
}

func (s *Set) recall(key string) (remembered, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, ok := s.stale[key]
	return old, ok
}

// remember keeps an answer. When there are too many, all others are forgotten.
func (s *Set) remember(key string, r remembered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stale == nil || len(s.stale) >= maxMemory {
		s.stale = memory{}
	}
	s.stale[key] = r
}

// Fate is what becomes of a webhook.
type Fate struct {
	// Rule decided it; empty where none did.
	Rule string
	// Copies is how often it is sent; 0 is never.
	Copies int
	// Delay passes before that.
	Delay time.Duration
}

// Webhook asks the rules what becomes of a webhook about an image of an account.
// Whoever sends webhooks asks once for each.
func (s *Set) Webhook(account, image string) Fate {
	if !s.active.Load() {
		return Fate{Copies: 1}
	}
	h := s.fire(call{account: account, resource: image, event: true})
	if h == nil {
		return Fate{Copies: 1}
	}
	fate := h.kind.fate(h)
	fate.Rule = h.rule.ID
	return fate
}

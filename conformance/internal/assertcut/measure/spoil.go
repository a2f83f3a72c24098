package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
)

// spoiler is a server that is right but for one of its answers to a clause.
type spoiler struct {
	next http.Handler
	// clause is the one whose requests are counted.
	clause string
	// at is the number of the answer to spoil, from 1, 0 for none.
	at     int
	change fault
	// lasting spoils all later answers to the same method and path as well.
	lasting bool
	spoils  string
	mu      sync.Mutex
	count   int
	// earlier are the answers so far to the same method and path.
	earlier map[string][]*httptest.ResponseRecorder
}

// fault makes an answer wrong; earlier are those to requests like it.
type fault func(rec *httptest.ResponseRecorder, earlier []*httptest.ResponseRecorder)

func (s *spoiler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.Contains(r.UserAgent(), "("+s.clause+";") {
		s.next.ServeHTTP(w, r)
		return
	}
	rec := httptest.NewRecorder()
	s.next.ServeHTTP(rec, r)
	s.pass(r.Method+" "+r.URL.Path, rec)
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	_, _ = io.Copy(w, rec.Body)
}

// pass counts an answer, and spoils it when it is its turn.
func (s *spoiler) pass(to string, rec *httptest.ResponseRecorder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count++
	before := s.earlier[to]
	if s.earlier == nil {
		s.earlier = map[string][]*httptest.ResponseRecorder{}
	}
	s.earlier[to] = append(before, copied(rec))
	if s.count == s.at {
		s.spoils = to
	}
	if s.change != nil && (s.count == s.at || s.lasting && to == s.spoils) {
		s.change(rec, before)
		rec.Header().Del("Content-Length")
	}
}

func copied(rec *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	own := *rec
	own.HeaderMap = rec.Header().Clone() //nolint:staticcheck // the only way to set it
	own.Body = bytes.NewBuffer(bytes.Clone(rec.Body.Bytes()))
	return &own
}

func (s *spoiler) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.count
}

type object = map[string]any

// faults are the ways an answer can be wrong.
func faults(rec *httptest.ResponseRecorder, earlier int) []fault {
	list := []fault{
		answering(500, `{"result":null,"success":false,"errors":[{"code":5500,"message":"it failed"}],"messages":[]}`),
		answering(200, `{"result":{},"success":true,"errors":[],"messages":[]}`),
		answering(400, `{"result":null,"success":false,"errors":[{"code":5498,"message":"no"}],"messages":[]}`),
		answering(400, `{}`), answering(200, `{"result":null,"success":true,"errors":[],"messages":[]}`),
		labelled("text/plain"), labelled("image/png"),
		plainly(func(rec *httptest.ResponseRecorder) { rec.Body.Truncate(rec.Body.Len() / 2) }),
		plainly(func(rec *httptest.ResponseRecorder) { rec.Body.Reset() }),
		plainly(func(rec *httptest.ResponseRecorder) { rec.Body.WriteString("x") }),
		plainly(func(rec *httptest.ResponseRecorder) {
			if b := rec.Body.Bytes(); len(b) > 0 {
				b[len(b)-1] ^= 1
			}
		}),
	}
	for _, status := range []int{200, 400, 401, 403, 404, 409, 422} {
		list = append(list, plainly(func(rec *httptest.ResponseRecorder) { rec.Code = status }))
	}
	for back := 1; back <= min(earlier, maxReplayed); back++ {
		list = append(list, replayed(back))
	}
	if earlier > 0 {
		for i := range len(mixtures(rec.Body.Bytes(), rec.Body.Bytes())) {
			list = append(list, mixed(i))
		}
	}
	for i := range len(variations(rec.Body.Bytes())) {
		list = append(list, varied(i))
	}
	return list
}

// maxReplayed is how far back answers are given once more.
const maxReplayed = 3

func plainly(change func(*httptest.ResponseRecorder)) fault {
	return func(rec *httptest.ResponseRecorder, _ []*httptest.ResponseRecorder) { change(rec) }
}

// replayed gives an earlier answer once more.
func replayed(back int) fault {
	return func(rec *httptest.ResponseRecorder, earlier []*httptest.ResponseRecorder) {
		if back > len(earlier) {
			return
		}
		old := copied(earlier[len(earlier)-back])
		rec.Code, rec.Body = old.Code, old.Body
		maps.Copy(rec.Header(), old.Header())
	}
}

// varied makes the JSON of an answer wrong in one place. The names in it are
// others in every run, the places are not.
func varied(i int) fault {
	return plainly(func(rec *httptest.ResponseRecorder) {
		if texts := variations(rec.Body.Bytes()); i < len(texts) {
			rec.Body = bytes.NewBufferString(texts[i])
		}
	})
}

// mixed takes one field of a result from the answer before.
func mixed(i int) fault {
	return func(rec *httptest.ResponseRecorder, earlier []*httptest.ResponseRecorder) {
		if len(earlier) == 0 {
			return
		}
		if texts := mixtures(rec.Body.Bytes(), earlier[len(earlier)-1].Body.Bytes()); i < len(texts) {
			rec.Body = bytes.NewBufferString(texts[i])
		}
	}
}

// mixtures are copies of an answer with one field of the result of another.
func mixtures(text, other []byte) (texts []string) {
	var own, old struct{ Result object }
	var whole object
	if json.Unmarshal(text, &own) != nil || json.Unmarshal(other, &old) != nil || json.Unmarshal(text, &whole) != nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(own.Result)) {
		result := maps.Clone(own.Result)
		result[name] = old.Result[name]
		whole["result"] = result
		if text, err := json.Marshal(whole); err == nil {
			texts = append(texts, string(text))
		}
	}
	return texts
}

func answering(status int, text string) fault {
	return plainly(func(rec *httptest.ResponseRecorder) {
		rec.Code, rec.Body = status, bytes.NewBufferString(text)
		rec.Header().Set("Content-Type", "application/json")
	})
}

func labelled(contentType string) fault {
	return plainly(func(rec *httptest.ResponseRecorder) { rec.Header().Set("Content-Type", contentType) })
}

// maxVariations of one answer are tried.
const maxVariations = 150

// variations are JSON texts, each of which differs from the text in one place.
func variations(text []byte) (texts []string) {
	var whole any
	if json.Unmarshal(text, &whole) != nil {
		return nil
	}
	vary(whole, func(other any) {
		if text, err := json.Marshal(other); err == nil && len(texts) < maxVariations {
			texts = append(texts, string(text))
		}
	})
	return texts
}

// vary calls use with every value that differs from v in one place.
func vary(v any, use func(any)) {
	switch v := v.(type) {
	case object:
		use(nil)
		additions(v, use)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			without := maps.Clone(v)
			delete(without, name)
			use(without)
			vary(v[name], func(other any) {
				with := maps.Clone(v)
				with[name] = other
				use(with)
			})
		}
	case []any:
		varyList(v, use)
	case string:
		use("")
		use(v + "x")
		use("2001-02-03T04:05:06Z")
	case float64:
		use(v + 1)
		use(v - 1)
		use("x")
	case bool:
		use(!v)
		use("true")
	default:
		use("x")
		use("")
		use(object{})
	}
}

// crowd is more than any page may hold.
const crowd = 1001

// intruder is an image that nobody uploaded.
func intruder(n int) object {
	return object{
		"id": fmt.Sprintf("intruder-%d", n), "filename": "x.png", "uploaded": "2026-01-02T03:04:05Z",
		"requireSignedURLs": false, "variants": []any{},
	}
}

// additions are images a list should not have, and fields an image has in some
// states only.
func additions(v object, use func(any)) {
	if images, list := v["images"].([]any); list {
		for _, n := range []int{1, crowd} {
			with, more := maps.Clone(v), slices.Clone(images)
			for i := range n {
				more = append(more, intruder(i))
			}
			with["images"] = more
			use(with)
		}
	}
	if _, image := v["uploaded"]; !image {
		return
	}
	for _, name := range []string{"creator", "draft"} {
		if _, there := v[name]; !there {
			with := maps.Clone(v)
			with[name] = object{"creator": "x", "draft": true}[name]
			use(with)
		}
	}
}

func varyList(v []any, use func(any)) {
	use(nil)
	if len(v) == 0 {
		use([]any{"x"})
		return
	}
	use([]any{})
	use(v[1:])
	use(append(slices.Clone(v), v[0]))
	turned := slices.Clone(v)
	slices.Reverse(turned)
	use(turned)
	// What is true of all elements is tried on the first and the last.
	for _, i := range slices.Compact([]int{0, len(v) - 1}) {
		vary(v[i], func(other any) {
			with := slices.Clone(v)
			with[i] = other
			use(with)
		})
	}
}

package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/onsi/gomega"
)

// known is what the model knows of an image.
type known struct {
	id, creator string
	value       int
	custom      bool
	private     bool
}

// model is what a target should hold after a sequence of steps: the images, in
// the order of their upload.
type model struct {
	t *spec
	// name is a prefix of the names this sequence uses.
	name   string
	base   int64
	images []known
	// gone are the ids of images that were deleted, in that order.
	gone []string
	// told says what each step did.
	told []string
}

func newModel(t *spec) *model { return &model{t: t, name: t.fresh(), base: t.current()} }

// current is the count of images, or 0 where there are no statistics.
func (t *spec) current() int64 {
	if !t.target.Has(FeatureKeys) {
		return 0
	}
	return t.counts().Current
}

func (m *model) creator(n int) string { return m.name + "-" + strconv.Itoa(n%2) }

func (m *model) tell(format string, args ...any) {
	m.told = append(m.told, fmt.Sprintf(format, args...))
}

// take takes a step. One that needs an image uploads one if there is none.
func (m *model) take(s step) {
	switch s.op {
	case stepDirect:
		m.direct(s)
		return
	case stepBroken:
		m.broken(s)
		return
	case stepLeave:
		m.tell("ask for an upload URL and leave it")
		m.t.draft("creator", m.creator(s.pick))
		return
	case stepGone:
		if len(m.gone) > 0 {
			m.usedAfterDelete(s.pick % len(m.gone))
			return
		}
	}
	if s.op == stepUpload || s.op == stepUploadNamed || len(m.images) == 0 {
		m.upload(s)
		return
	}
	m.touch(s, s.pick%len(m.images))
}

// touch takes a step that is about an image.
func (m *model) touch(s step, at int) {
	k := &m.images[at]
	switch s.op {
	case stepMetadata:
		k.value = s.value % 5
		m.tell("edit the metadata of image %d to v=%d", at+1, k.value)
		m.t.edited(k.id, fmt.Sprintf(`{"metadata":{"v":%d}}`, k.value))
	case stepCreator:
		k.creator = m.creator(s.value)
		m.tell("give image %d to creator %d", at+1, s.value%2)
		m.t.edited(k.id, map[string]any{"creator": k.creator})
	case stepPrivacy:
		m.turn(k, at)
	case stepDelete:
		m.tell("delete image %d", at+1)
		m.t.deleted(k.id)
		m.gone = append(m.gone, k.id)
		m.images = slices.Delete(m.images, at, at+1)
	case stepAgain:
		m.tell("upload with the id of image %d", at+1)
		m.t.refused(m.t.create(m.t.form("id", k.id)))
	case stepStranger, stepGone:
		m.stranger(k, at)
	}
}

func (m *model) upload(s step) {
	k := known{creator: m.creator(s.pick), value: s.value % 5, custom: s.op == stepUploadNamed}
	m.tell("upload by creator %d with v=%d, custom id: %t", s.pick%2, k.value, k.custom)
	f := m.t.form("creator", k.creator, "metadata", fmt.Sprintf(`{"v":%d}`, k.value))
	if k.custom {
		f.text("id", m.t.fresh())
	}
	m.t.wait()
	k.id = m.t.stored(f).ID
	m.images = append(m.images, k)
}

// direct uploads by an upload URL, which is good for one file.
func (m *model) direct(s step) {
	k := known{creator: m.creator(s.pick), value: s.value % 5}
	m.tell("upload by creator %d with v=%d to an upload URL", s.pick%2, k.value)
	m.t.wait()
	d := m.t.anyDraft(m.t.fields("creator", k.creator, "metadata", fmt.Sprintf(`{"v":%d}`, k.value)))
	m.t.ok(m.t.post(d.UploadURL, newForm().image(m.t.picture())))
	m.t.refused(m.t.post(d.UploadURL, newForm().image(m.t.picture())))
	k.id = d.ID
	m.images = append(m.images, k)
}

// broken tries to upload what must be refused. Nothing may be left of it.
func (m *model) broken(s step) {
	id := m.t.fresh()
	m.tell("upload by creator %d with metadata that is cut off", s.pick%2)
	m.t.refused(m.t.create(m.t.form("creator", m.creator(s.pick), "id", id, "metadata", `{"v":`)))
	m.t.notFound(m.t.do(get(imagePath(id))))
}

// usedAfterDelete tries every operation on an image that was deleted.
func (m *model) usedAfterDelete(at int) {
	m.tell("use the image that was deleted as number %d", at+1)
	id := m.gone[at]
	for _, q := range []request{
		get(imagePath(id)), get(blobPath(id)), patch(imagePath(id), `{"metadata":{"v":0}}`), del(imagePath(id)),
	} {
		m.t.notFound(m.t.do(q))
	}
}

// stranger tries to use an image from another account, if there is one.
func (m *model) stranger(k *known, at int) {
	m.tell("use image %d from another account", at+1)
	if m.t.target.Second == nil {
		return
	}
	for _, q := range []request{
		get(imagePath(k.id)), patch(imagePath(k.id), `{"metadata":{"v":9}}`), del(imagePath(k.id)),
	} {
		q.login = m.t.target.Second
		m.t.notFound(m.t.do(q))
	}
	q := get(listPath, "creator", k.creator)
	q.login = m.t.target.Second
	m.t.Expect(idsOf(m.t.pageOf(m.t.do(q)).Images)).To(gomega.BeEmpty(), "what another account lists")
}

// turn makes a public image private or the other way round.
func (m *model) turn(k *known, at int) {
	m.tell("make image %d private: %t", at+1, !k.private)
	body := fmt.Sprintf(`{"requireSignedURLs":%t}`, !k.private)
	if k.custom {
		m.t.refused(m.t.do(patch(imagePath(k.id), body)))
		return
	}
	k.private = !k.private
	k.id = m.t.edited(k.id, body).ID
}

// compare demands that the target shows what the model knows.
func (m *model) compare() {
	n := len(m.told)
	m.t.eventually(func(t *spec) {
		if t.target.Has(FeatureKeys) {
			t.Expect(t.current()-m.base).To(gomega.Equal(int64(len(m.images))), "the count after step %d", n)
		}
		for by := range 2 {
			images := all(t.walked("creator", m.creator(by), "sort_order", "asc", "per_page", "7"))
			t.Expect(shownBy(t, images)).To(gomega.Equal(m.known(by)), "the images of one creator after step %d", n)
		}
		images := t.listed(listPath, "creator", m.creator(n), "meta.v[eq:number]", strconv.Itoa(n%5)).Images
		t.Expect(idsOf(images)).To(gomega.ConsistOf(m.matching(n%5, m.creator(n))), "the filtered images after step %d", n)
	})
}

func (m *model) matching(value int, creator string) []string {
	ids := []string{}
	for _, k := range m.images {
		if k.creator == creator && k.value == value {
			ids = append(ids, k.id)
		}
	}
	return ids
}

func (m *model) known(creator int) []string {
	lines := []string{}
	for _, k := range m.images {
		if k.creator == m.creator(creator) {
			lines = append(lines, fmt.Sprintf(`%s {"v":%d} %t`, k.id, k.value, k.private))
		}
	}
	return lines
}

func shownBy(t *spec, images []image) []string {
	lines := []string{}
	for _, i := range images {
		meta := decode[map[string]any](t, i.Meta)
		lines = append(lines, fmt.Sprintf("%s %s %t", i.ID, marshal(maps.Clone(meta)), i.private()))
	}
	return lines
}

package conformance

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/onsi/gomega"
)

func overTime(s *suite) {
	s.clause("STM-001", func(t *spec) { t.follow(steps(t.run.seed, 80)) }, needThrowaway)
	s.row("STM-002", "generated id", func(t *spec) { t.usedAfterDelete(t.stored(t.form()).ID) })
	s.row("STM-002", "custom id", func(t *spec) { t.usedAfterDelete(t.stored(t.form("id", t.fresh()+"/a")).ID) })
	s.row("STM-002", "finished draft", func(t *spec) {
		d := t.draft()
		t.ok(t.post(d.UploadURL, newForm().image(t.picture())))
		t.usedAfterDelete(d.ID)
	})
	s.clause("STM-003", noPartialEffect)
	for n := range 4 {
		s.row("STM-004", "metadata "+strconv.Itoa(n), func(t *spec) {
			t.findsEveryScalar(rand.New(rand.NewPCG(uint64(t.run.seed), uint64(n))))
		})
	}
	s.clause("STM-005", walksOfAnySize, needThrowaway)
	s.clause("STM-006", func(t *spec) {
		t.Expect(steps(t.run.seed, 200)).To(gomega.Equal(steps(t.run.seed, 200)), "the steps of one seed")
		t.Expect(steps(t.run.seed, 200)).NotTo(gomega.Equal(steps(t.run.seed+1, 200)), "the steps of two seeds")
	}, needThrowaway)
}

// usedAfterDelete deletes an image and tries every operation on it.
func (t *spec) usedAfterDelete(id string) {
	t.fetched(id)
	t.ok(t.do(del(imagePath(id))))
	t.eventually(func(t *spec) {
		for _, q := range []request{get(imagePath(id)), get(blobPath(id)), patch(imagePath(id), `{"metadata":{"a":1}}`), del(imagePath(id))} {
			t.notFound(t.do(q))
		}
	})
	t.notFound(t.do(get(imagePath(id))))
}

// noPartialEffect sends writes that are wrong in one part and right in others.
func noPartialEffect(t *spec) {
	sent := t.picture()
	made := t.stored(t.fields("id", t.fresh(), "metadata", `{"kept":1}`).image(sent))
	open := t.draft()
	seen := func() []string {
		texts := []string{string(t.fetched(made.ID).raw), string(t.fetched(open.ID).raw)}
		for _, path := range t.lists() {
			texts = append(texts, string(t.listed(path, t.mine()...).Raw))
		}
		return texts
	}
	t.eventually(func(t *spec) {
		t.Expect(idsOf(t.listed(listPath, t.mine()...).Images)).To(gomega.ConsistOf(made.ID), "the list")
	})
	before := seen()
	for _, q := range []request{
		t.form("id", made.ID, "metadata", `{"kept":2}`).request(imagesPath),
		t.fields("id", t.fresh()).image(textSample()).request(imagesPath),
		t.form("metadata", `{"cut":`).request(imagesPath),
		t.form("id", t.fresh(), "requireSignedURLs", "true").request(imagesPath),
		patch(imagePath(made.ID), `{"metadata":{"kept":2},"requireSignedURLs":"yes"}`),
		patch(imagePath(made.ID), `{"metadata":{"kept":2},"requireSignedURLs":true}`),
		patch(imagePath(made.ID), `{"creator":"thief","metadata":7}`),
		t.fields("id", made.ID).request(directPath),
		t.fields("id", open.ID, "metadata", `{"kept":2}`).request(directPath),
		posting(open.UploadURL, newForm("metadata", `{"kept":2}`).image(textSample())),
		posting(open.UploadURL, newForm()),
		{method: "POST", url: open.UploadURL, anonymous: true},
	} {
		r := t.do(q)
		t.demand(r.status/100 == 4, "the status should be 4xx and is %d", r.status)
		t.Expect(seen()).To(gomega.Equal(before), "what can be read after a refused write")
	}
	t.holds(made.ID, sent)
}

// leaf is a scalar somewhere in metadata.
type leaf struct{ path, kind, text string }

// findsEveryScalar makes metadata at random, and looks for each scalar in it.
func (t *spec) findsEveryScalar(random *rand.Rand) {
	metadata, leaves := someMetadata(random, "", 1)
	made := t.stored(t.form("metadata", marshal(metadata)))
	t.stored(t.form("metadata", `{"other":true}`))
	t.Expect(t.fetched(made.ID).Meta).To(gomega.MatchJSON(marshal(metadata)), "the metadata")
	for _, l := range leaves {
		t.finds(map[string]string{made.ID: "the image"}, []string{"meta" + l.path + "[eq:" + l.kind + "]", l.text}, "the image")
	}
}

func someMetadata(random *rand.Rand, path string, level int) (map[string]any, []leaf) {
	object := map[string]any{}
	var leaves []leaf
	for i := range 2 + random.IntN(2) {
		name := fmt.Sprintf("k%d_%d", i, random.IntN(100))
		at := path + "." + name
		switch kind := random.IntN(5); {
		case kind == 0 && level < 5:
			inner, more := someMetadata(random, at, level+1)
			object[name] = inner
			leaves = append(leaves, more...)
		case kind <= 1:
			object[name] = random.IntN(2) == 0
			leaves = append(leaves, leaf{at, "boolean", fmt.Sprint(object[name])})
		case kind == 2:
			n := (random.IntN(2_000_001) - 1_000_000)
			object[name] = float64(n) / 8
			leaves = append(leaves, leaf{at, "number", marshal(object[name])})
		default:
			object[name] = []string{"", "true", "12", "a b&c=d", "größe", "ü|x", "[eq]", "%41+"}[random.IntN(8)]
			leaves = append(leaves, leaf{at, "string", object[name].(string)})
		}
	}
	return object, leaves
}

// walksOfAnySize walks lists of growing length in pages of many sizes.
func walksOfAnySize(t *spec) {
	var made []string
	for _, n := range []int{0, 1, 2, 3, 10, 47} {
		for len(made) < n {
			made = append(made, t.imageOf(t.create(t.form())).ID)
		}
		for k := range map[int]bool{1: true, 2: true, 3: true, max(n-1, 1): true, max(n, 1): true, n + 1: true} {
			size := strconv.Itoa(k)
			t.eventually(func(t *spec) {
				t.Expect(idsOf(all(t.walked(t.mine("per_page", size)...)))).To(gomega.ConsistOf(made), "%d images by %d, by token", n, k)
				if t.target.Has(FeatureV1List) {
					t.Expect(idsOf(all(t.counted(t.mine("per_page", size)...)))).To(gomega.ConsistOf(made), "%d images by %d, by number", n, k)
				}
			})
		}
	}
}

// step is one operation of a random sequence. What it is about depends on the
// images there are then.
type step struct {
	op, pick, value int
}

const (
	stepUpload = iota
	stepUploadNamed
	stepMetadata
	stepCreator
	stepPrivacy
	stepDelete
	stepAgain
	stepKinds
)

func steps(seed int64, n int) []step {
	random := rand.New(rand.NewPCG(uint64(seed), 7))
	list := make([]step, n)
	for i := range list {
		list[i] = step{random.IntN(stepKinds), random.IntN(1000), random.IntN(1000)}
		if random.IntN(3) == 0 {
			list[i].op = stepUpload
		}
	}
	return list
}

// known is what the model knows of an image.
type known struct {
	id, creator string
	value       int
	custom      bool
	private     bool
}

// follow takes the steps, and compares the target with a model after each.
func (t *spec) follow(list []step) {
	m := &model{t: t, base: t.current()}
	for i, s := range list {
		m.take(s)
		m.compare(i)
	}
}

// current is the count of images, or 0 where there are no statistics.
func (t *spec) current() int64 {
	if !t.target.Has(FeatureKeys) {
		return 0
	}
	return t.counts().Current
}

// model holds the images in the order of their upload.
type model struct {
	t      *spec
	base   int64
	images []known
}

func (m *model) creator(n int) string { return m.t.name + "-" + strconv.Itoa(n%2) }

func (m *model) take(s step) {
	if s.op == stepUpload || s.op == stepUploadNamed || len(m.images) == 0 {
		m.upload(s)
		return
	}
	at := s.pick % len(m.images)
	k := &m.images[at]
	switch s.op {
	case stepMetadata:
		k.value = s.value % 5
		m.t.edited(k.id, fmt.Sprintf(`{"metadata":{"v":%d}}`, k.value))
	case stepCreator:
		k.creator = m.creator(s.value)
		m.t.edited(k.id, map[string]any{"creator": k.creator})
	case stepPrivacy:
		m.turn(k)
	case stepDelete:
		m.t.deleted(k.id)
		m.images = slices.Delete(m.images, at, at+1)
	case stepAgain:
		m.t.refused(m.t.create(m.t.form("id", k.id)))
	}
}

func (m *model) upload(s step) {
	k := known{creator: m.creator(s.pick), value: s.value % 5}
	f := m.t.form("creator", k.creator, "metadata", fmt.Sprintf(`{"v":%d}`, k.value))
	if k.custom = s.op == stepUploadNamed; k.custom {
		f.text("id", m.t.fresh())
	}
	m.t.wait()
	k.id = m.t.stored(f).ID
	m.images = append(m.images, k)
}

// turn makes a public image private or the other way round.
func (m *model) turn(k *known) {
	body := fmt.Sprintf(`{"requireSignedURLs":%t}`, !k.private)
	if k.custom {
		m.t.refused(m.t.do(patch(imagePath(k.id), body)))
		return
	}
	k.private = !k.private
	k.id = m.t.edited(k.id, body).ID
}

// compare demands that the target shows what the model knows.
func (m *model) compare(step int) {
	m.t.eventually(func(t *spec) {
		if t.target.Has(FeatureKeys) {
			t.Expect(t.current()-m.base).To(gomega.Equal(int64(len(m.images))), "the count after step %d", step)
		}
		for n := range 2 {
			images := all(t.walked("creator", m.creator(n), "sort_order", "asc", "per_page", "7"))
			t.Expect(m.shown(images)).To(gomega.Equal(m.known(n)), "the images of one creator after step %d", step)
		}
		ids := []string{}
		for _, i := range t.listed(listPath, "creator", m.creator(step), "meta.v[eq:number]", strconv.Itoa(step%5)).Images {
			ids = append(ids, i.ID)
		}
		want := []string{}
		for _, k := range m.images {
			if k.creator == m.creator(step) && k.value == step%5 {
				want = append(want, k.id)
			}
		}
		t.Expect(ids).To(gomega.ConsistOf(want), "the filtered images after step %d", step)
	})
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

func (m *model) shown(images []image) []string {
	lines := []string{}
	for _, i := range images {
		meta := decode[map[string]any](m.t, i.Meta)
		lines = append(lines, fmt.Sprintf("%s %s %t", i.ID, marshal(maps.Clone(meta)), i.private()))
	}
	return lines
}

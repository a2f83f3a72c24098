package conformance

import (
	"fmt"

	"github.com/onsi/gomega"
)

// picture returns an image file nobody else has.
func (t *spec) picture() sample { return pngSample(t.run.pictures.Add(1)) }

// form returns the form of an upload by this clause: its own creator, the
// fields given, and a new picture.
func (t *spec) form(namesAndValues ...string) *form {
	return t.fields(namesAndValues...).image(t.picture())
}

// fields is form without the picture.
func (t *spec) fields(namesAndValues ...string) *form {
	f := newForm(namesAndValues...)
	if !f.has("creator") {
		f.text("creator", t.name)
	}
	return f
}

// nobodys is the form of an upload without a creator; its metadata says whose
// it is.
func (t *spec) nobodys() *form {
	return newForm("metadata", marshal(map[string]string{"run": t.name})).image(t.picture())
}

// create posts an upload and writes down what it makes.
func (t *spec) create(f *form) *reply {
	return t.made(f.value("id"), f.request(imagesPath))
}

// made sends a request that makes an image or a draft.
func (t *spec) made(id string, q request) *reply {
	t.ledger.write(kindImage, id)
	return t.do(q)
}

// stored uploads an image and waits until it can be fetched.
func (t *spec) stored(f *form) image {
	made := t.imageOf(t.create(f))
	t.settled(made.ID)
	return made
}

// settled waits until a target that needs time shows an image.
func (t *spec) settled(id string) {
	if t.target.Window > 0 {
		t.eventually(func(t *spec) { t.fetched(id) })
	}
}

// imageOf demands a success whose result is an image.
func (t *spec) imageOf(r *reply) image {
	made := decode[image](t, t.ok(r))
	t.none(made.problems())
	return made
}

// fetched gets an image that must be there.
func (t *spec) fetched(id string) image { return t.imageOf(t.do(get(imagePath(id)))) }

// gone waits until an image is not found.
func (t *spec) gone(id string) {
	t.eventually(func(t *spec) { t.notFound(t.do(get(imagePath(id)))) })
}

// deleted deletes an image that must be there, and waits until it is gone.
func (t *spec) deleted(id string) {
	t.ok(t.do(del(imagePath(id))))
	t.gone(id)
}

// edited edits an image and returns the answer.
func (t *spec) edited(id string, body any) image {
	return t.imageOf(t.do(patch(imagePath(id), body)))
}

// blob downloads an image that must be there.
func (t *spec) blob(id string) *reply {
	r := t.do(get(blobPath(id)))
	t.Expect(r.status).To(gomega.Equal(200), "the status of the blob of %s", id)
	return r
}

// holds demands that an image's blob is the file.
func (t *spec) holds(id string, s sample) {
	t.same(t.blob(id).body, s.body)
}

// same demands equal bytes, without showing them.
func (t *spec) same(got, want []byte) {
	if string(got) == string(want) {
		return
	}
	at := 0
	for at < min(len(got), len(want)) && got[at] == want[at] {
		at++
	}
	t.demand(false, "the bytes should be the same: %d were expected, %d came, the first difference is at %d", len(want), len(got), at)
}

// draft asks for an upload URL under an id of the clause's own: drafts are not
// listed, so that one whose id is lost with its answer cannot be deleted.
func (t *spec) draft(namesAndValues ...string) draft {
	return t.anyDraft(t.named(namesAndValues...))
}

// named are fields with an id.
func (t *spec) named(namesAndValues ...string) *form {
	f := t.fields(namesAndValues...)
	if !f.has("id") {
		f.text("id", t.fresh())
	}
	return f
}

// anyDraft asks for an upload URL with the fields as they are.
func (t *spec) anyDraft(f *form) draft {
	d := decode[draft](t, t.ok(t.askDraft(f)))
	t.demand(d.ID != "" && d.UploadURL != "", "the result should have an id and an uploadURL")
	t.settled(d.ID)
	return d
}

func (t *spec) askDraft(f *form) *reply {
	return t.made(f.value("id"), f.request(directPath))
}

// post sends a form to an upload URL, without credentials.
func (t *spec) post(target string, f *form) *reply {
	return t.do(posting(target, f))
}

func posting(target string, f *form) request {
	q := f.request("")
	q.url, q.anonymous = target, true
	return q
}

// listed gets a page of a list.
func (t *spec) listed(path string, query ...string) page {
	return t.pageOf(t.do(get(path, query...)))
}

func (t *spec) pageOf(r *reply) page {
	result := t.ok(r)
	p := decode[page](t, result)
	p.Raw = result
	t.demand(p.Images != nil, "images should be an array")
	var problems []string
	for i := range p.Images {
		for _, problem := range p.Images[i].problems() {
			problems = append(problems, fmt.Sprintf("images[%d]: %s", i, problem))
		}
	}
	t.none(problems)
	return p
}

// mine narrows a list to the images of this clause.
func (t *spec) mine(query ...string) []string { return append([]string{"creator", t.name}, query...) }

const maxPages = 200 // of a walk over a clause's own images

// walked follows the tokens of a list to its end.
func (t *spec) walked(query ...string) (pages []page) {
	token := ""
	for range maxPages {
		q := query
		if token != "" {
			q = append(append([]string(nil), query...), "continuation_token", token)
		}
		p := t.listed(listPath, q...)
		pages = append(pages, p)
		if token = p.more(); token == "" {
			return pages
		}
	}
	t.demand(false, "the walk should end, and has not after %d pages", maxPages)
	return nil
}

// counted walks a list by page numbers, up to its first empty page.
func (t *spec) counted(query ...string) (pages []page) {
	for n := 1; n <= maxPages; n++ {
		q := append(append([]string(nil), query...), "page", fmt.Sprint(n))
		p := t.listed(imagesPath, q...)
		if len(p.Images) == 0 {
			return pages
		}
		pages = append(pages, p)
	}
	t.demand(false, "the walk should end, and has not after %d pages", maxPages)
	return nil
}

// all joins the images of pages.
func all(pages []page) []image {
	var images []image
	for _, p := range pages {
		images = append(images, p.Images...)
	}
	return images
}

// several uploads n images of this clause, one after the other.
func (t *spec) several(n int) []image {
	images := make([]image, n)
	for i := range n {
		images[i] = t.stored(t.form())
	}
	return images
}

// noTrace demands that a refused upload has left nothing under the clause's
// creator.
func (t *spec) noTrace() {
	t.Expect(idsOf(t.listed(listPath, t.mine()...).Images)).To(gomega.BeEmpty(), "nothing should have been stored")
	if t.target.Has(FeatureV1List) {
		t.Expect(idsOf(t.listed(imagesPath, t.mine()...).Images)).To(gomega.BeEmpty(), "nothing should have been stored")
	}
}

package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// errForeign: a request would name what is not the run's. It is not sent.
var errForeign = errors.New("the request is not sent")

// touch is what a request that may write names.
type touch struct {
	account, path string
	// names are those the request gives or changes.
	names []entry
	// marks are those of an image that gets its id from the target.
	marks []entry
	// draft is the draft whose upload URL it is sent to, if it is to one.
	draft entry
}

// touched reads a request that may write.
func (t *spec) touched(req *http.Request) *touch {
	account, path := t.account(req.URL.String())
	c := &touch{account: account, path: path}
	if req.Method == http.MethodGet || req.Method == http.MethodHead {
		return c
	}
	if k, id := nameIn(path); id != "" {
		c.names = append(c.names, entry{kind: k, id: id, account: account})
	}
	given := given(req)
	k := kindImage
	if strings.HasPrefix(path, variantsPath) {
		k = kindVariant
	}
	for _, id := range given.ids {
		c.names = append(c.names, entry{kind: k, id: id, account: account})
	}
	if len(given.ids) == 0 && makesImage(req) {
		c.mark(given, t.run.id)
	}
	if path == "" {
		c.draft = t.ledger.draft(req.URL.String())
	}
	return c
}

// mark finds the mark of the run in an upload whose id the target chooses.
func (c *touch) mark(g fields, run string) {
	if hasMark(g.creator, run) {
		c.marks = append(c.marks, entry{kind: kindImage, creator: g.creator, account: c.account})
		return
	}
	var m struct{ Run string }
	if json.Unmarshal([]byte(g.metadata), &m) == nil && hasMark(m.Run, run) {
		c.marks = append(c.marks, entry{kind: kindImage, meta: m.Run, account: c.account})
	}
}

// nameIn returns what a path below an account names.
func nameIn(path string) (kind, string) {
	for _, under := range []struct {
		kind kind
		path string
	}{{kindKey, keysPath}, {kindVariant, variantsPath}, {kindImage, imagesPath}} {
		rest, ok := strings.CutPrefix(path, under.path+"/")
		if !ok {
			continue
		}
		rest, _, _ = strings.Cut(rest, "/")
		id, err := url.PathUnescape(rest)
		if err != nil || under.kind == kindImage && reserved(id) {
			return "", ""
		}
		return under.kind, id
	}
	return "", ""
}

// reserved reports whether a path of that name is not an image.
func reserved(id string) bool {
	return id == "keys" || id == "variants" || id == "stats" || id == "config"
}

// fields are what a body says of the names of what it makes.
type fields struct {
	ids               []string
	creator, metadata string
}

const maxField = 64 << 10 // of a form's text that is read, in bytes

// given reads the names in a body, as far as there are any.
func given(req *http.Request) fields {
	if req.GetBody == nil {
		return fields{}
	}
	body, err := req.GetBody()
	if err != nil {
		return fields{}
	}
	defer func() { _ = body.Close() }()
	contentType, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	switch {
	case err != nil:
		return fields{}
	case contentType == "application/json":
		return inJSON(body)
	case contentType == "multipart/form-data":
		return inForm(multipart.NewReader(body, params["boundary"]))
	default:
		return fields{}
	}
}

func inJSON(body io.Reader) (f fields) {
	var v struct{ ID string }
	if json.NewDecoder(body).Decode(&v) == nil && v.ID != "" {
		f.ids = append(f.ids, v.ID)
	}
	return f
}

func inForm(form *multipart.Reader) (f fields) {
	for {
		part, err := form.NextPart()
		if err != nil {
			return f
		}
		if part.FileName() != "" {
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, maxField))
		if err != nil {
			return f
		}
		switch part.FormName() {
		case "id":
			if len(text) > 0 {
				f.ids = append(f.ids, string(text))
			}
		case "creator":
			f.creator = string(text)
		case "metadata":
			f.metadata = string(text)
		}
	}
}

// watch sees each request of the clause before it is sent, and its answer. It
// stops requests that name what is not the run's, and writes down what the
// others may make.
func (t *spec) watch(req *http.Request) (func(*http.Response), error) {
	c := t.touched(req)
	var open []entry
	for _, e := range c.names {
		if t.permitted[e.kind] == e.id {
			continue
		}
		if err := t.vet(req.Context(), e); err != nil {
			return nil, err
		}
		if req.Method != http.MethodDelete {
			open = append(open, e)
		}
	}
	if c.draft.id != "" {
		if err := t.vet(req.Context(), c.draft); err != nil {
			return nil, err
		}
	}
	records := t.ledger.begin(append(open, c.marks...))
	if err := t.run.book.trouble(); err != nil {
		t.run.gate.stop(err)
		return nil, err
	}
	return func(resp *http.Response) { t.learn(req, c, records, resp) }, nil
}

// vet decides whether a request may name an entry.
func (t *spec) vet(ctx context.Context, e entry) error {
	if t.run.foreign[e] {
		return fmt.Errorf("%w: the %s was there before the run", errForeign, e)
	}
	if t.run.coined(e.id) {
		return nil
	}
	rec := t.ledger.told(e.kind, e.id)
	if rec == nil {
		return fmt.Errorf("%w: the %s has no name of this run", errForeign, e)
	}
	if rec.account == e.account && t.ledger.isVerified(rec) {
		return nil
	}
	e.told = true
	cleaner := t.run.cleaner("guard", t.run.id)
	switch at, own := cleaner.look(ctx, e); {
	case at == present && own:
		if rec.account == e.account {
			t.ledger.verify(rec)
		}
		return nil
	case at == absent:
		return nil
	case at == present:
		return fmt.Errorf("%w: the target told the %s, and what is there bears no mark of this run", errForeign, e)
	default:
		return fmt.Errorf("%w: the target told the %s, and what is there cannot be read", errForeign, e)
	}
}

// learn writes down what an answer tells.
func (t *spec) learn(req *http.Request, c *touch, records []*record, resp *http.Response) {
	var body []byte
	if whole, ok := resp.Body.(*wholeBody); ok {
		body = whole.kept
	}
	told := ""
	if resp.StatusCode/100 == 2 {
		told = t.told(req, c, body)
	}
	t.ledger.end(records, resp.StatusCode, told != "")
}

// told writes down the image or draft that a success tells of, and returns its
// id.
func (t *spec) told(req *http.Request, c *touch, body []byte) string {
	k, id := nameIn(c.path)
	switch {
	case k == kindKey, strings.HasPrefix(c.path, variantsPath):
		return ""
	case req.Method == http.MethodGet:
		t.recognize(c, id, body)
		return ""
	case req.Method == http.MethodDelete:
		if rec := t.ledger.find(kindImage, id, c.account); rec != nil {
			t.ledger.drop(rec)
		}
		return ""
	}
	var e struct{ Result draft }
	if json.Unmarshal(body, &e) != nil || e.Result.ID == "" {
		return ""
	}
	made := entry{kind: kindImage, id: e.Result.ID, account: c.account}
	if makesImage(req) {
		t.ledger.tell(e.Result.UploadURL, made)
	}
	made.told = true
	t.ledger.add(made)
	return e.Result.ID
}

// recognize verifies what an answer to a GET shows with the mark of the run.
func (t *spec) recognize(c *touch, id string, body []byte) {
	if id != "" {
		rec := t.ledger.find(kindImage, id, c.account)
		if rec != nil && ownsImage(&reply{status: http.StatusOK, body: body}, t.run.id) {
			t.ledger.verify(rec)
		}
		return
	}
	var list struct{ Result page }
	if c.path != listPath && c.path != imagesPath || json.Unmarshal(body, &list) != nil {
		return
	}
	for _, i := range list.Result.Images {
		rec := t.ledger.find(kindImage, i.ID, c.account)
		if rec != nil && hasMark(i.creator()+" "+string(i.Meta), t.run.id) {
			t.ledger.verify(rec)
		}
	}
}

// coin says that a name which does not bear the mark of the run is the run's.
func (r *run) coin(id string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.coins[strings.ToLower(id)] = true
	return id
}

// coined reports whether a name is the run's.
func (r *run) coined(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return hasMark(id, r.id) || r.coins[strings.ToLower(id)]
}

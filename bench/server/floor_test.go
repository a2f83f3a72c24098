package server_test

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/cfimages/cfimages/gen/api"
)

// floor is what a competent programmer writes by hand for these four
// operations: net/http's own router, encoding/json and the same checks.
func floor() http.Handler {
	m := http.NewServeMux()
	m.HandleFunc("GET /client/v4/accounts/{account}/images/v1/{id}", handle(floorGet))
	m.HandleFunc("GET /client/v4/accounts/{account}/images/v2", handle(floorList))
	m.HandleFunc("POST /client/v4/accounts/{account}/images/v1/variants", handle(floorVariant))
	m.HandleFunc("POST /client/v4/accounts/{account}/images/v1", handle(floorUpload))
	return m
}

// refusal is an answer of the floor that is no result.
type refusal struct {
	status, code int
	text         string
}

func (r refusal) Error() string { return r.text }

func bad(text string) error { return refusal{400, 5400, text} }

type wire struct {
	Result   any   `json:"result"`
	Success  bool  `json:"success"`
	Errors   []any `json:"errors"`
	Messages []any `json:"messages"`
}

func handle(serve func(r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := floorAdmitted(r, serve)
		answer, status := wire{Result: out, Success: true, Errors: []any{}, Messages: []any{}}, 200
		if err != nil {
			no, ok := errors.AsType[refusal](err)
			if !ok {
				no = refusal{500, 5500, "Internal Server Error"}
			}
			status = no.status
			answer = wire{Errors: []any{map[string]any{"code": no.code, "message": no.text}}, Messages: []any{}}
		}
		b, err := json.Marshal(answer)
		if err != nil {
			status, b = 500, []byte(`{"result":null,"success":false,"errors":[],"messages":[]}`)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(b)))
		w.WriteHeader(status)
		_, _ = w.Write(b)
	}
}

func floorAdmitted(r *http.Request, serve func(r *http.Request) (any, error)) (any, error) {
	kind, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(kind, "Bearer") || token == "" {
		return nil, refusal{401, 10000, "Authentication error"}
	}
	if n := utf8.RuneCountInString(r.PathValue("account")); n < 1 || n > 32 {
		return nil, refusal{404, 7003, "No route for the URI"}
	}
	return serve(r)
}

func floorGet(r *http.Request) (any, error) {
	id := r.PathValue("id")
	if n := utf8.RuneCountInString(id); n < 1 || n > 1024 || !utf8.ValidString(id) {
		return nil, bad("image_id")
	}
	return service{}.GetImage(r.Context(), id)
}

func floorList(r *http.Request) (any, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, bad(err.Error())
	}
	var in floorParams
	for name, values := range query {
		if !strings.HasPrefix(name, "meta.") {
			if len(values) > 1 {
				return nil, bad(name)
			}
			if err := in.set(name, values[0]); err != nil {
				return nil, err
			}
			continue
		}
		for _, value := range values {
			t, err := floorTermOf(name, value)
			if err != nil {
				return nil, err
			}
			in.terms = append(in.terms, t)
		}
	}
	if len(in.terms) > 5 {
		return nil, bad("Too many metadata filters")
	}
	floorSink = in
	return service{}.ListImages(r.Context(), api.ListImagesParams{
		Creator: in.creator, SortOrder: in.order, PerPage: in.size, ContinuationToken: in.token,
	})
}

// floorSink keeps the compiler from leaving out what nobody reads.
var floorSink floorParams

type floorParams struct {
	creator *string
	order   api.SortOrder
	size    int64
	token   string
	terms   []floorTerm
}

type floorTerm struct {
	path, op string
	values   []any
}

func (in *floorParams) set(name, value string) error {
	switch name {
	case "creator":
		if !utf8.ValidString(value) || utf8.RuneCountInString(value) > 1024 {
			return bad(name)
		}
		in.creator = &value
	case "sort_order":
		in.order = api.SortOrder(value)
		if !in.order.Valid() {
			return bad(name)
		}
	case "per_page":
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil || n < 1 || n > 10000 {
			return bad(name)
		}
		in.size = n
	case "continuation_token":
		if !utf8.ValidString(value) {
			return bad(name)
		}
		in.token = value
	}
	return nil
}

var floorSegment = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

var floorTypes = map[string]string{
	"eq": "string number boolean", "in": "string number", "gt": "number", "gte": "number", "lt": "number", "lte": "number",
}

func floorTermOf(name, value string) (floorTerm, error) {
	path, op, ok := strings.Cut(strings.TrimPrefix(name, "meta."), "[")
	op, closed := strings.CutSuffix(op, "]")
	segments := strings.Split(path, ".")
	if !ok || !closed || len(segments) > 5 {
		return floorTerm{}, bad(name)
	}
	for _, s := range segments {
		if !floorSegment.MatchString(s) {
			return floorTerm{}, bad(name)
		}
	}
	op, typ, typed := strings.Cut(op, ":")
	types, known := floorTypes[op]
	if !known || typed && !strings.Contains(types, typ) {
		return floorTerm{}, bad(name)
	}
	t := floorTerm{path: path, op: op}
	elements := []string{value}
	if op == "in" {
		elements = strings.Split(value, "|")
	}
	if len(elements) > 10 {
		return floorTerm{}, bad(name)
	}
	for _, e := range elements {
		v, err := floorValue(typ, op, e)
		if err != nil {
			return floorTerm{}, bad(name)
		}
		t.values = append(t.values, v)
	}
	return t, nil
}

func floorValue(typ, op, text string) (any, error) {
	switch {
	case typ == "number" || typ == "" && op != "eq" && op != "in":
		return strconv.ParseFloat(text, 64)
	case typ == "boolean":
		return strconv.ParseBool(text)
	case !utf8.ValidString(text):
		return nil, errors.New("not UTF-8")
	default:
		return text, nil
	}
}

var floorName = regexp.MustCompile(`^[a-zA-Z0-9]+$`)

func floorVariant(r *http.Request) (any, error) {
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); t != "application/json" {
		return nil, refusal{415, 5415, "not JSON"}
	}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 1<<20))
	if err != nil || !utf8.Valid(body) {
		return nil, bad("body")
	}
	var in floorInput
	if err := json.Unmarshal(body, &in); err != nil {
		return nil, bad(err.Error())
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	out, err := service{}.CreateVariant(r.Context(), api.VariantCreate{
		ID: *in.ID, NeverRequireSignedURLs: in.NeverRequireSignedURLs,
		Options: api.VariantOptions{
			Fit: *in.Options.Fit, Metadata: *in.Options.Metadata, Width: *in.Options.Width, Height: *in.Options.Height,
			Blur: in.Options.Blur, BrowserTTL: in.Options.BrowserTTL,
		},
	})
	if err != nil {
		return nil, err
	}
	return api.VariantResult{Variant: *out}, nil
}

// floorInput tells what is absent from what is zero.
type floorInput struct {
	ID                     *string `json:"id"`
	NeverRequireSignedURLs *bool   `json:"neverRequireSignedURLs"`
	Options                *struct {
		Fit        *api.VariantFit      `json:"fit"`
		Metadata   *api.VariantMetadata `json:"metadata"`
		Width      *int64               `json:"width"`
		Height     *int64               `json:"height"`
		Blur       *int64               `json:"blur"`
		BrowserTTL *int64               `json:"browser_ttl"`
	} `json:"options"`
}

func (in *floorInput) check() error {
	o := in.Options
	switch {
	case in.ID == nil || len(*in.ID) > 99 || !floorName.MatchString(*in.ID):
		return bad("id")
	case o == nil:
		return bad("options")
	case o.Fit == nil || !o.Fit.Valid():
		return bad("fit")
	case o.Metadata == nil || !o.Metadata.Valid():
		return bad("metadata")
	case o.Width == nil || *o.Width < 1 || o.Height == nil || *o.Height < 1:
		return bad("width or height")
	case o.Blur != nil && (*o.Blur < 1 || *o.Blur > 250):
		return bad("blur")
	case o.BrowserTTL != nil && (*o.BrowserTTL < 3600 || *o.BrowserTTL > 31536000):
		return bad("browser_ttl")
	default:
		return nil
	}
}

// floorUpload takes the fields before the file, as this benchmark sends them.
func floorUpload(r *http.Request) (any, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, refusal{415, 5415, "not a form"}
	}
	var in floorUploadInput
	for {
		part, err := form.NextRawPart()
		if err != nil {
			return nil, bad("the form has no file, or breaks off")
		}
		if part.FormName() == "file" {
			return in.store(part, form)
		}
		text, err := io.ReadAll(io.LimitReader(part, 64<<10))
		if err != nil {
			return nil, bad("the form breaks off")
		}
		if err := in.set(part.FormName(), text); err != nil {
			return nil, err
		}
	}
}

type floorUploadInput struct {
	id, creator string
	meta        map[string]any
	private     bool
}

func (in *floorUploadInput) set(name string, text []byte) error {
	switch name {
	case "id":
		in.id = string(text)
		if n := utf8.RuneCount(text); n < 1 || n > 1024 || text[0] == '/' || text[len(text)-1] == '/' || !utf8.Valid(text) {
			return refusal{400, 5411, name}
		}
	case "creator":
		in.creator = string(text)
		if !utf8.Valid(text) || utf8.RuneCount(text) > 1024 {
			return bad(name)
		}
	case "metadata":
		if len(text) > 1024 || json.Unmarshal(text, &in.meta) != nil {
			return bad(name)
		}
	case "requireSignedURLs":
		if string(text) != "true" && string(text) != "false" {
			return bad(name)
		}
		in.private = string(text) == "true"
	}
	return nil
}

func (in *floorUploadInput) store(part *multipart.Part, form *multipart.Reader) (any, error) {
	const limit = 10 << 20
	out, err := keep(in.id, part.FileName(), io.LimitReader(part, limit+1), limit)
	if err != nil {
		return nil, err
	}
	if _, err := form.NextRawPart(); err != io.EOF {
		return nil, bad("the form goes on, or breaks off")
	}
	return out, nil
}

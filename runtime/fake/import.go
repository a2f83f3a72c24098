package fake

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
	"github.com/cfimages/cfimages/runtime/origin"
)

// Limits of an archive's entries, in bytes.
const (
	maxAccountEntry = 1 << 20
	maxRecordEntry  = 64 << 10
	// maxAccountID limits the id of an account. Those of the service have 32
	// characters; a fake takes what it is given.
	maxAccountID = 1 << 10
)

// errArchive begins what Import says of an archive.
var errArchive = errors.New("fake: the archive cannot be imported")

// Import makes an archive of [World.Export] the state of all accounts. Calls
// wait while in is read. An archive that is not whole, or holds what no world
// could, is refused with a reason, and nothing has changed then. Files are checked
// as uploads are. Accounts in use stay valid.
func (w *World) Import(in io.Reader) error {
	err := w.replace(func(f store.Filler) error {
		i := importer{world: w, tar: tar.NewReader(in), to: f}
		return i.run()
	})
	if err != nil {
		return fmt.Errorf("%w: %w", errArchive, err)
	}
	return nil
}

type importer struct {
	world *World
	tar   *tar.Reader
	to    store.Filler
	end   archiveEnd // what has been read so far
	last  archiveRecord
	newest
}

// newest is the newest upload of an account, which no record is beyond.
type newest struct {
	position uint64
	uploaded time.Time
}

func (i *importer) run() error {
	if err := i.head(); err != nil {
		return err
	}
	for {
		h, err := i.tar.Next()
		if errors.Is(err, io.EOF) {
			return errors.New("it is cut off")
		}
		if err != nil {
			return err
		}
		switch h.Name {
		case accountName:
			err = i.account(h)
		case recordName:
			err = i.record(h)
		case endName:
			return i.finish(h)
		default:
			err = fmt.Errorf("%.80q is not expected here", h.Name)
		}
		if err != nil {
			return err
		}
	}
}

func (i *importer) head() error {
	h, err := i.tar.Next()
	if err != nil || h.Name != headName {
		return errors.New("it does not begin like one")
	}
	var head archiveHead
	if err := i.json(h, maxRecordEntry, &head); err != nil {
		return err
	}
	if head.Format != archiveFormat || head.Version != archiveVersion {
		return fmt.Errorf("it has format %.40q, version %d, and only version %d is known", head.Format, head.Version, archiveVersion)
	}
	ahead, err := time.ParseDuration(head.Ahead)
	if err != nil || ahead < 0 || ahead > maxAhead {
		return errors.New("its clock is no duration")
	}
	return i.to.Ahead(ahead)
}

func (i *importer) account(h *tar.Header) error {
	var a archiveAccount
	if err := i.json(h, maxAccountEntry, &a); err != nil {
		return err
	}
	if err := a.check(); err != nil {
		return fmt.Errorf("account %d: %w", i.end.Accounts+1, err)
	}
	settings, err := a.Settings.read()
	if err != nil {
		return fmt.Errorf("account %d: %w", i.end.Accounts+1, err)
	}
	i.end.Accounts++
	i.last, i.newest = archiveRecord{}, newest{a.Position, a.Uploaded}
	return i.to.Account(a.ID, store.State{
		Keys: a.Keys, Variants: a.Variants, Settings: settings, Source: a.Source, Position: a.Position, Uploaded: a.Uploaded,
	})
}

// read returns the settings, nil when there are none.
func (s *archiveSettings) read() (*origin.Settings, error) {
	if s == nil {
		return nil, nil
	}
	ttl, err := time.ParseDuration(s.BrowserTTL)
	if err != nil || ttl < 0 {
		return nil, errors.New("browsers are told to keep images for no duration")
	}
	return &origin.Settings{FlexibleVariants: s.FlexibleVariants, BrowserTTL: ttl}, nil
}

// check refuses what no account could have. It quotes no key.
func (a *archiveAccount) check() error {
	byID := func(x, y api.Variant) int { return bytes.Compare([]byte(x.ID), []byte(y.ID)) }
	names := map[string]bool{}
	for _, k := range a.Keys {
		names[k.Name] = true
	}
	slices.SortFunc(a.Variants, byID)
	ids := slices.CompactFunc(slices.Clone(a.Variants), func(x, y api.Variant) bool { return x.ID == y.ID })
	_, builtin := slices.BinarySearchFunc(a.Variants, api.Variant{ID: publicVariant}, byID)
	switch {
	case a.ID == "" || len(a.ID) > maxAccountID:
		return errors.New("it has no id, or one that is too long")
	case len(a.Keys) == 0 || len(names) != len(a.Keys) || names[""]:
		return errors.New("it has no keys, or keys that share a name or have none")
	case !builtin || len(ids) != len(a.Variants):
		return errors.New("it lacks the built-in variant, or has one twice")
	case slices.ContainsFunc(a.Variants, func(v api.Variant) bool { return !variantID.MatchString(v.ID) }):
		return errors.New("a variant has an id that is none")
	case !storable(a.Uploaded):
		return errors.New("its newest upload is at no time")
	case a.Source != nil && new(source).restore(a.Source) != nil:
		return errors.New("its source of ids is damaged")
	}
	return nil
}

func (i *importer) record(h *tar.Header) error {
	if i.end.Accounts == 0 {
		return errors.New("a record comes before the first account")
	}
	i.end.Records++
	var r archiveRecord
	err := i.json(h, maxRecordEntry, &r)
	if err == nil {
		err = r.check(&i.last, i.newest)
	}
	if err == nil {
		err = i.put(&r)
	}
	if err != nil {
		return fmt.Errorf("record %d: %w", i.end.Records, err)
	}
	i.last = r
	return nil
}

func (i *importer) put(r *archiveRecord) error {
	out := store.Record{
		ID: r.ID, Custom: r.Custom, Private: r.Private, Filename: r.Filename, Creator: r.Creator, Meta: r.Meta,
		Uploaded: r.Uploaded, Position: r.Position,
	}
	if r.Expires != nil {
		out.Expires = *r.Expires
		return i.to.Put(store.Pack(&out))
	}
	var err error
	if out.Content, err = i.file(); err != nil {
		return err
	}
	defer i.world.store.Release(out.Content)
	return i.to.Put(store.Pack(&out))
}

// check refuses a record that no account could have, or that does not come after
// the last one.
func (r *archiveRecord) check(last *archiveRecord, newest newest) error {
	draft := r.Expires != nil
	switch {
	case r.ID == "" || !utf8.ValidString(r.ID) || utf8.RuneCountInString(r.ID) > maxCustomID:
		return errors.New("it has no id, or one that is none")
	case r.Custom && (r.Private || customIDViolation(r.ID) != ""):
		return errors.New("its id cannot be custom")
	case utf8.RuneCountInString(r.Filename) > maxFilename:
		return errors.New("its filename is too long")
	case !storable(r.Uploaded) || draft && !storable(*r.Expires):
		return errors.New("it is of no time")
	case len(r.Meta) > 0 && (r.Meta[0] != '{' || len(r.Meta) > api.MetaMaxBytes):
		return errors.New("its metadata is no object, or too long")
	case draft && (r.Position != 0 || last.Expires != nil && last.ID >= r.ID):
		return errors.New("the draft is out of order")
	case !draft && (last.Expires != nil || r.Position <= last.Position || r.Uploaded.Before(last.Uploaded)):
		return errors.New("the image is out of order")
	case !draft && (r.Position > newest.position || r.Uploaded.After(newest.uploaded)):
		return errors.New("the image is newer than the newest of its account")
	}
	return nil
}

// storable reports whether a time is one that a clock of this fake can show.
func storable(t time.Time) bool { return t.IsZero() || t.Year() >= 1970 && t.Year() < 3000 }

// file reads the image that the last record is about.
func (i *importer) file() (store.Content, error) {
	h, err := i.tar.Next()
	if err != nil || h.Name != fileName || h.Typeflag != tar.TypeReg {
		return nil, errors.New("it has no file")
	}
	if h.Size > maxImage {
		return nil, errors.New("its file is too large")
	}
	data := make([]byte, h.Size)
	if _, err := io.ReadFull(i.tar, data); err != nil {
		return nil, err
	}
	return i.world.keep(data)
}

// finish compares what has been read with what the archive says it holds.
func (i *importer) finish(h *tar.Header) error {
	var end archiveEnd
	if err := i.json(h, maxRecordEntry, &end); err != nil {
		return err
	}
	if end != i.end {
		return errors.New("it does not hold what its end says")
	}
	if _, err := i.tar.Next(); !errors.Is(err, io.EOF) {
		return errors.New("it goes on behind its end")
	}
	return nil
}

// json reads an entry of up to most bytes. Members nobody knows are refused.
func (i *importer) json(h *tar.Header, most int64, v any) error {
	if h.Typeflag != tar.TypeReg || h.Size > most {
		return fmt.Errorf("%s is no file, or too large", h.Name)
	}
	dec := json.NewDecoder(i.tar)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return fmt.Errorf("%s is not as it should be", h.Name) // the decoder's words may quote a key
	}
	if _, err := dec.Token(); err != io.EOF {
		return fmt.Errorf("%s has something behind its object", h.Name)
	}
	return nil
}

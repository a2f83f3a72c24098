package fake

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/fake/store"
)

// An archive is a tar file: [headName], then for each account [accountName], and
// for each of its records [recordName], followed by [fileName] unless it is a
// draft, and at the end [endName], which tells an archive that was cut off.
const (
	headName    = "cfimages.json"
	accountName = "account.json"
	recordName  = "record.json"
	fileName    = "file"
	endName     = "end.json"

	archiveFormat  = "cfimages archive"
	archiveVersion = 1
)

type archiveHead struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	// Ahead is how far the clock is ahead, as in 31m0s.
	Ahead string `json:"ahead"`
}

type archiveAccount struct {
	ID       string           `json:"id"`
	Keys     []api.SigningKey `json:"keys"`
	Variants []api.Variant    `json:"variants"`
	Settings *archiveSettings `json:"settings,omitempty"`
	Source   []byte           `json:"source,omitempty"`
	Position uint64           `json:"position"`
	Uploaded time.Time        `json:"uploaded"`
}

// archiveSettings are those that were changed.
type archiveSettings struct {
	FlexibleVariants bool   `json:"flexible_variants"`
	BrowserTTL       string `json:"browser_ttl"` // as in 48h0m0s
}

type archiveRecord struct {
	ID       string          `json:"id"`
	Custom   bool            `json:"custom,omitempty"`
	Private  bool            `json:"private,omitempty"`
	Filename string          `json:"filename,omitempty"`
	Creator  string          `json:"creator,omitempty"`
	Meta     json.RawMessage `json:"meta,omitempty"`
	Uploaded time.Time       `json:"uploaded"`
	Position uint64          `json:"position,omitempty"`
	Expires  *time.Time      `json:"expires,omitempty"` // of a draft
}

type archiveEnd struct {
	Accounts int   `json:"accounts"`
	Records  int64 `json:"records"`
}

// Export writes the state of all accounts at this moment as an archive, which
// holds secrets: the signing keys. Calls go on meanwhile. The memory it takes does
// not depend on the number of images, unless they are in memory anyway.
func (w *World) Export(out io.Writer) error {
	v, err := w.lookAt()
	if err != nil {
		return err
	}
	defer func() { _ = v.Close() }()
	e := exporter{tar: tar.NewWriter(out)}
	if err := e.world(v); err != nil {
		return fmt.Errorf("fake: the export failed: %w", err)
	}
	return nil
}

type exporter struct {
	tar *tar.Writer
	end archiveEnd
}

func (e *exporter) world(v store.View) error {
	if err := e.json(headName, archiveHead{archiveFormat, archiveVersion, v.Ahead().String()}); err != nil {
		return err
	}
	for _, id := range v.Accounts() {
		if err := e.account(v, id); err != nil {
			return err
		}
	}
	if err := e.json(endName, e.end); err != nil {
		return err
	}
	return e.tar.Close()
}

func (e *exporter) account(v store.View, id string) error {
	s, err := v.State(id)
	if err != nil {
		return err
	}
	e.end.Accounts++
	out := archiveAccount{ID: id, Keys: s.Keys, Variants: s.Variants, Source: s.Source, Position: s.Position, Uploaded: s.Uploaded.UTC()}
	if s.Settings != nil {
		out.Settings = &archiveSettings{s.Settings.FlexibleVariants, s.Settings.BrowserTTL.String()}
	}
	if err := e.json(accountName, out); err != nil {
		return err
	}
	for r, err := range v.Records(id) {
		if err != nil {
			return err
		}
		if err := e.record(r); err != nil {
			return err
		}
	}
	return nil
}

func (e *exporter) record(s *store.Stored) error {
	e.end.Records++
	r := s.Record()
	out := archiveRecord{r.ID, r.Custom, r.Private, r.Filename, r.Creator, r.Meta, r.Uploaded, r.Position, nil}
	if s.Draft() {
		out.Expires = new(r.Expires.UTC())
	}
	if err := e.json(recordName, out); err != nil || s.Draft() {
		return err
	}
	return e.file(r.Content)
}

func (e *exporter) file(c store.Content) error {
	body, err := c.Open()
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }()
	if err := e.header(fileName, c.Size()); err != nil {
		return err
	}
	_, err = io.Copy(e.tar, body)
	return err
}

// json writes an entry. The text of metadata stays as it is.
func (e *exporter) json(name string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	if err := e.header(name, int64(b.Len())); err != nil {
		return err
	}
	_, err := e.tar.Write(b.Bytes())
	return err
}

func (e *exporter) header(name string, size int64) error {
	return e.tar.WriteHeader(&tar.Header{Name: name, Size: size, Mode: 0o600, Format: tar.FormatUSTAR})
}

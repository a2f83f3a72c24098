package standalone

import (
	"log/slog"
	"net/http"
	"strconv"
	"sync"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/fake"
)

// What the service is known, or said, to do otherwise.
const (
	// [documented] A token has to be one of the account's.
	noteToken = "any token may use any account here; the service refuses a token that is not its own"
	// [observed] Uploads, statistics and signing keys take an account with storage.
	notePlan = "the service refuses this to an account that has not bought storage"
	// [observed] One client reports that an account has two keys at most.
	noteThirdKey = "the service was seen to refuse a third signing key"
	// [observed] One client reports that the last key cannot be deleted. [documented]
	// A new key replaces the last one.
	noteLastKey = "one client reports that the service refuses to delete the last signing key"
	// [documented] The first list of images is deprecated.
	noteDeprecated = "this list is deprecated; the service may stop to answer it"
	// [documented] A page has 10 images at least.
	noteSmallPage = "per_page is documented to be 10 at least"
	// [documented] One text of the documentation has up to 1000 images on a page, and
	// another 10000.
	noteLargePage = "one text of the documentation limits a page to 1000 images"
	// [documented] The variant named public cannot be deleted. [observed] The answer
	// is a success, and the variant stays.
	notePublic = "the variant named public cannot be deleted: it stays, whatever the answer"
	// [assumed] The sources say nothing of edits of a draft.
	noteDraft = "this is a draft; whether the service lets drafts be edited is not known"
)

// notes tell what the real service would have refused.
type notes struct {
	world    *fake.World
	accounts Accounts
	log      *slog.Logger
	told     sync.Map // notes that the log has
}

// about returns the notes about a request that is about to be served. Each goes to
// the log once; that any token will do is in the greeting.
func (n *notes) about(r *http.Request, op *contract.Operation, binds, path []string) []string {
	var out []string
	if len(n.accounts) == 0 {
		out = append(out, noteToken)
	}
	if !n.accounts.Serve(binds[0]) {
		return out
	}
	for _, note := range n.doubts(r, op, binds[0], path) {
		if _, again := n.told.LoadOrStore(note, true); !again {
			n.log.Warn("the service might have done otherwise; this is said once", "operation", op.Name, "note", note)
		}
		out = append(out, note)
	}
	return out
}

// doubts are the notes about one operation.
func (n *notes) doubts(r *http.Request, op *contract.Operation, account string, path []string) []string {
	switch op {
	case api.OpUploadImage, api.OpGetStats, api.OpListSigningKeys:
		return []string{notePlan}
	case api.OpPutSigningKey:
		if known, others := n.keys(r, account, path[0]); !known && others >= 2 {
			return []string{notePlan, noteThirdKey}
		}
		return []string{notePlan}
	case api.OpDeleteSigningKey:
		if known, others := n.keys(r, account, path[0]); known && others == 0 {
			return []string{noteLastKey}
		}
	case api.OpListImagesV1:
		return append(pages(r), noteDeprecated)
	case api.OpListImages:
		return pages(r)
	case api.OpDeleteVariant:
		if path[0] == "public" {
			return []string{notePublic}
		}
	case api.OpEditImage:
		if img, err := n.world.Account(account).GetImage(r.Context(), path[0]); err == nil && img.Draft {
			return []string{noteDraft}
		}
	}
	return nil
}

// pages are the notes about the size of a page.
func pages(r *http.Request) []string {
	if r.URL.RawQuery == "" {
		return nil
	}
	size, err := strconv.Atoi(r.URL.Query().Get("per_page"))
	switch {
	case err != nil:
		return nil // no size, or one that the API refuses
	case size >= 1 && size < 10:
		return []string{noteSmallPage}
	case size > 1000 && size <= 10_000:
		return []string{noteLargePage}
	default:
		return nil
	}
}

// keys reports whether an account has a signing key, and how many others.
func (n *notes) keys(r *http.Request, account, name string) (known bool, others int) {
	list, err := n.world.Account(account).ListSigningKeys(r.Context())
	if err != nil {
		return false, 0 // the call itself will say so
	}
	for _, k := range list {
		if k.Name == name {
			known = true
		} else {
			others++
		}
	}
	return known, others
}

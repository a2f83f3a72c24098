package standalone

import (
	"log/slog"
	"net/http"
	"slices"

	"github.com/cfimages/cfimages/gen/api"
	"github.com/cfimages/cfimages/runtime/contract"
	"github.com/cfimages/cfimages/runtime/fake"
)

// notes tell what the real service would have refused.
type notes struct {
	world *fake.World
	open  bool
	log   *slog.Logger
}

// about returns the notes about a request that is about to be served.
func (n *notes) about(r *http.Request, op *contract.Operation, binds, path []string) []string {
	var out []string
	if n.open {
		// [documented] A token has to be one of the account's.
		out = append(out, "any token may use any account here; the service refuses a token that is not its own")
	}
	switch op {
	case api.OpPutSigningKey:
		// [observed] One client reports that an account has two keys at most.
		if keys := n.keys(r, binds[0]); len(keys) >= 2 && !slices.Contains(keys, path[0]) {
			out = append(out, n.doubt(op, binds[0], "the service was seen to refuse a third signing key"))
		}
	case api.OpDeleteSigningKey:
		// [observed] One client reports it, and the documentation says otherwise.
		if keys := n.keys(r, binds[0]); len(keys) == 1 && keys[0] == path[0] {
			out = append(out, n.doubt(op, binds[0], "one client reports that the service refuses to delete the last signing key"))
		}
	}
	return out
}

// doubt is a note that also goes to the log. That any token will do is in the
// greeting.
func (n *notes) doubt(op *contract.Operation, account, note string) string {
	n.log.Warn("the service might have refused this", "operation", op.Name, "account", account, "note", note)
	return note
}

// keys are the names of an account's signing keys.
func (n *notes) keys(r *http.Request, account string) []string {
	if account == "" || len(account) > 32 {
		return nil // no account: the API refuses it
	}
	keys, err := n.world.Account(account).ListSigningKeys(r.Context())
	if err != nil {
		return nil // the call itself will say so
	}
	var names []string
	for _, k := range keys {
		names = append(names, k.Name)
	}
	return names
}

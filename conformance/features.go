package conformance

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// Feature is something a correct server may do without.
type Feature string

// The features a target may lack.
const (
	// FeatureAuth: tokens and accounts are checked. A server for local use
	// may let everybody in who presents any token.
	FeatureAuth Feature = "auth"
	// FeatureV1List: the deprecated list still answers. A server without it is
	// not asked for operations that are deprecated. It is probed.
	FeatureV1List Feature = "v1list"
	// FeatureRanges: filters have the operators gt, gte, lt and lte. It is
	// probed.
	FeatureRanges Feature = "ranges"
	// FeaturePlainVariants: ids of variants have letters and digits only.
	FeaturePlainVariants Feature = "variant.alnum"
	// FeatureEnvelopes: every failure is an envelope. The real service writes
	// some as plain text.
	FeatureEnvelopes Feature = "envelopes"
	// FeatureKeys: the account has signing keys and statistics, which come with
	// the paid plan. It is probed.
	FeatureKeys Feature = "keys"
	// FeatureLastKey: the last signing key can be deleted, and another takes
	// its place. A refusal was observed.
	FeatureLastKey Feature = "keys.lastdelete"
	// FeatureFetch: uploads by URL can fetch from a server that the run starts
	// on the loopback interface. It is the only one a target is taken to lack
	// when nothing is said about it.
	FeatureFetch Feature = "fetch"
	// FeatureNumberText: numbers in metadata keep their text. JSON lets a
	// server round what has more than 53 bits, and write 1.0 as 1.
	FeatureNumberText Feature = "metadata.numbers"
)

var allFeatures = []Feature{
	FeatureAuth, FeatureV1List, FeatureRanges, FeaturePlainVariants, FeatureEnvelopes, FeatureKeys, FeatureLastKey, FeatureFetch,
	FeatureNumberText,
}

// Features returns every feature a target may lack.
func Features() []Feature { return slices.Clone(allFeatures) }

// Switch says whether a target has a feature.
type Switch string

// What can be said about a feature.
const (
	On  Switch = "on"
	Off Switch = "off"
	// Probe asks the target, where a GET can tell, and takes the feature to be
	// usual otherwise. It is what a feature is that nothing is said about.
	Probe Switch = "probe"
)

func switched(on bool) Switch {
	if on {
		return On
	}
	return Off
}

// FeatureState is what a run knew about a feature.
type FeatureState struct {
	Name Feature
	// Declared is what the target says, Probe when it leaves it open.
	Declared Switch
	// Probed is what the target's answers say, empty where they were not asked.
	Probed Switch
	// Value is what the clauses went by.
	Value Switch
}

// Contradicts reports whether the target answers otherwise than declared.
func (f FeatureState) Contradicts() bool {
	return f.Probed != "" && f.Declared != Probe && f.Declared != f.Probed
}

// declared returns what the target says about a feature.
func (t *Target) declared(f Feature) Switch {
	if s := t.Features[f]; s != "" {
		return s
	}
	return Probe
}

// Has reports whether the target has the feature, as far as it says.
func (t *Target) Has(f Feature) bool {
	if s := t.declared(f); s != Probe {
		return s == On
	}
	return f != FeatureFetch
}

// refuses reports whether the target says that it lacks the feature.
func (t *Target) refuses(f Feature) bool { return t.declared(f) == Off }

func checkFeatures(features map[Feature]Switch) error {
	for _, f := range slices.Sorted(maps.Keys(features)) {
		if !slices.Contains(allFeatures, f) {
			return fmt.Errorf("there is no feature %q; there are %s", string(f), join(allFeatures, ", "))
		}
		if s := features[f]; s != On && s != Off && s != Probe {
			return fmt.Errorf("the feature %s can be on, off or probe, not %q", f, string(s))
		}
	}
	return nil
}

// probeFeatures finds out what can be, and settles what the clauses go by. Only
// the documented way to lack a feature counts, and only of a server whose list
// answers: one that is broken lacks nothing.
func (r *run) probeFeatures() {
	ctx, cancel := context.WithTimeout(r.ctx, r.target.Timeout)
	defer cancel()
	lacks := map[Feature]func(context.Context) bool{
		FeatureV1List: r.lacksV1List, FeatureRanges: r.lacksRanges, FeatureKeys: r.lacksKeys,
	}
	settled := maps.Clone(r.target.Features)
	if settled == nil {
		settled = map[Feature]Switch{}
	}
	r.features = nil
	for _, f := range allFeatures {
		state := FeatureState{Name: f, Declared: r.target.declared(f)}
		on := r.target.Has(f)
		if lack := lacks[f]; lack != nil {
			has := !lack(ctx) || r.status(ctx, get(listPath, "per_page", "1")).status != http.StatusOK
			state.Probed = switched(has)
			// A strict run takes no answer for an excuse.
			if state.Declared == Probe && !r.policy.Strict {
				on = has
			}
		}
		state.Value = switched(on)
		if state.Probed != "" {
			settled[f] = state.Value
		}
		r.features = append(r.features, state)
	}
	r.target.Features = settled
}

// status asks for something; no answer is one without a status.
func (r *run) status(ctx context.Context, q request) *reply {
	got, err := r.send(ctx, r.client(r.newTrace("features")), q)
	if err != nil {
		return &reply{}
	}
	return got
}

func (r *run) lacksV1List(ctx context.Context) bool {
	got := r.status(ctx, get(imagesPath, "per_page", "1"))
	switch got.status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusGone:
		return true
	default:
		return got.status/100 == 4 && slices.Contains(got.codes(), codeNoRoute)
	}
}

// lacksRanges reports whether an operator is refused, and the filter without
// it is not.
func (r *run) lacksRanges(ctx context.Context) bool {
	return r.status(ctx, get(listPath, "per_page", "1", "meta.cfc[gte]", "1")).status == http.StatusBadRequest &&
		r.status(ctx, get(listPath, "per_page", "1", "meta.cfc[eq]", "1")).status == http.StatusOK
}

func (r *run) lacksKeys(ctx context.Context) bool {
	for _, path := range []string{keysPath, statsPath} {
		got := r.status(ctx, get(path))
		if got.status != http.StatusForbidden || !slices.Contains(got.codes(), codeNotEntitled) {
			return false
		}
	}
	return true
}

const (
	codeNotEntitled = 5403
	codeNoRoute     = 7003
)

// writeFeatures tells which features the clauses went by, but for the usual.
func writeFeatures(b *strings.Builder, features []FeatureState) {
	for _, f := range features {
		switch {
		case f.Contradicts():
			fmt.Fprintf(b, "feature %s: declared %s, and the target answers as if it were %s\n", f.Name, f.Declared, f.Probed)
		case f.Declared == Probe && f.Probed != "" && f.Probed != f.Value:
			fmt.Fprintf(b, "feature %s: found %s, and held against the target, being undeclared\n", f.Name, f.Probed)
		case f.Declared == Probe && f.Probed == Off:
			fmt.Fprintf(b, "feature %s: found off\n", f.Name)
		}
	}
}

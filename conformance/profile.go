package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// Profile says what a run may do to the account, and with it which clauses are
// checked.
type Profile string

// The profiles. Each but smoke is made of safety classes.
const (
	// ProfileSmoke checks a few clauses of each part of the API with at most 40
	// requests. It makes images of its own.
	ProfileSmoke Profile = "smoke"
	// ProfileReadOnly sends nothing but GET.
	ProfileReadOnly Profile = "readonly"
	// ProfileSafe makes and deletes images of its own, and sends writes that
	// must be refused. It is the default.
	ProfileSafe Profile = "safe"
	// ProfileAccount is safe, and changes what the account shares: variants,
	// signing keys and counts. Nobody else may use the account meanwhile.
	ProfileAccount Profile = "account"
	// ProfileHeavy is safe, and sends tens of megabytes.
	ProfileHeavy Profile = "heavy"
	// ProfileAll checks everything. It may leave the account changed: it deletes
	// the last signing key and fills the account with variants. A clause that
	// needs a hook, such as [Target.Advance], is checked when that is given.
	ProfileAll Profile = "all"
)

// profiles holds what each profile allows. Smoke allows what safe does, and
// picks from it.
var profiles = []struct {
	name   Profile
	allows []Safety
}{
	{ProfileSmoke, []Safety{Reads, Rejected, Writes}},
	{ProfileReadOnly, []Safety{Reads}},
	{ProfileSafe, []Safety{Reads, Rejected, Writes}},
	{ProfileAccount, []Safety{Reads, Rejected, Writes, Account}},
	{ProfileHeavy, []Safety{Reads, Rejected, Writes, Heavy}},
	{ProfileAll, []Safety{Reads, Rejected, Writes, Account, Heavy, Special}},
}

// smokeClauses are the clauses of the profile smoke.
var smokeClauses = []string{
	"V1L-001", "V1G-002", "V1C-007", "V1E-002", "BLB-003", "KYL-001", "STA-001", "VRL-001", "VRL-002", "V2L-001", "DUC-003",
}

// Profiles returns the names of all profiles, the smallest first.
func Profiles() []Profile {
	names := make([]Profile, len(profiles))
	for i, p := range profiles {
		names[i] = p.name
	}
	return names
}

func (p Profile) check() error {
	if slices.Contains(Profiles(), p) {
		return nil
	}
	return fmt.Errorf("there is no profile %q; there are %s", string(p), join(Profiles(), ", "))
}

// allows reports whether the profile has clauses of a safety class.
func (p Profile) allows(s Safety) bool {
	for _, known := range profiles {
		if known.name == p {
			return slices.Contains(known.allows, s)
		}
	}
	return false
}

// picks reports whether the profile has a clause of a class that it allows.
func (p Profile) picks(id string) bool {
	return p != ProfileSmoke || slices.Contains(smokeClauses, id)
}

// allowing are the profiles, smoke left out, that have a safety class.
func allowing(s Safety) []Profile {
	return slices.DeleteFunc(Profiles(), func(p Profile) bool { return p == ProfileSmoke || !p.allows(s) })
}

// demands is the need of a profile that has a safety class.
func demands(s Safety) need {
	return need{
		what:  "the profile " + join(allowing(s), " or "),
		met:   func(t *Target) bool { return t.Profile.allows(s) },
		class: s,
	}
}

func join[T ~string](list []T, separator string) string {
	texts := make([]string, len(list))
	for i, text := range list {
		texts[i] = string(text)
	}
	return strings.Join(texts, separator)
}

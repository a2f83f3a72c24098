// Package mutants holds servers that are wrong in one way each, and servers
// that are right and unlike the mock. A suite for the API is as good as what it
// notices of the first and holds against none of the second.
//
// Each is a layer before a handler that is right, such as the mock's:
//
//	h, err := mutants.Wrap(mock.New().Handler(), "M017")
package mutants

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/conformance"
)

// Mutant is a server that is wrong in one way.
type Mutant struct {
	// ID is the mutant's name, such as "M017".
	ID string
	// Class is the kind of the defect, such as "paging".
	Class string
	// Text is the defect in a sentence.
	Text string
	// Killers are the clauses that notice it, each of them.
	Killers []string
}

// mutant is a mutant with its defect, which may have a state.
type mutant struct {
	Mutant
	defect func(c *call)
}

func made(id, class, text, killers string, defect func(c *call)) mutant {
	return mutant{Mutant{id, class, text, strings.Fields(killers)}, defect}
}

// fresh returns every mutant in its first state.
func fresh() []mutant {
	list := slices.Concat(envelopeMutants(), listMutants(), imageMutants(), uploadMutants(), editMutants(), editRuleMutants(),
		accountMutants(), filterMutants(), directMutants(), uploadURLMutants(), raceMutants(), restMutants(), moreMutants(), ownMutants(), fullMutants(), subtleMutants(), storedTextMutants(), partialMutants(), narrowFilterMutants(), quietMutants(), singleMutants())
	slices.SortFunc(list, func(a, b mutant) int { return strings.Compare(a.ID, b.ID) })
	return list
}

// All returns every mutant, in the order of their ids.
func All() []Mutant {
	var list []Mutant
	for _, m := range fresh() {
		list = append(list, m.Mutant)
	}
	return list
}

// Wrap gives a handler the defect of a mutant. Some defects are about tokens
// and accounts: the accounts are those the handler serves, the first of which
// is wrongly opened to others.
func Wrap(next http.Handler, id string, accounts ...conformance.Login) (http.Handler, error) {
	list := fresh()
	at := slices.IndexFunc(list, func(m mutant) bool { return m.ID == id })
	if at < 0 {
		return nil, fmt.Errorf("there is no mutant %q", id)
	}
	accounts = append(slices.Clone(accounts), conformance.Login{}, conformance.Login{})
	return between(next, accounts[0], accounts[1], list[at].defect), nil
}

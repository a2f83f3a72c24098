package conformance

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"sync"

	"go.yaml.in/yaml/v3"
)

// Level says how much a clause demands.
type Level string

// The levels of clauses.
const (
	Must   Level = "MUST"
	Should Level = "SHOULD"
	// Info clauses record what a server does where several answers are right.
	Info Level = "INFO"
)

// Source says where a clause comes from.
type Source string

// The sources of clauses.
const (
	SourceReference Source = "reference" // the API reference
	SourceSDK       Source = "sdk"       // the text of the official SDKs and OpenAPI document
	SourceDocs      Source = "docs"      // a page of the documentation
	SourceObserved  Source = "observed"  // the live service, as observed by others
	SourceHTTP      Source = "http"      // the standards of HTTP and JSON
	SourceProject   Source = "project"   // a decision of this project
)

// Evidence is how well a source is known: documented, sdk, observed or assumed.
func (s Source) Evidence() string {
	switch s {
	case SourceSDK, SourceObserved:
		return string(s)
	case SourceProject:
		return "assumed"
	default:
		return "documented"
	}
}

// Safety says what checking a clause does to an account.
type Safety string

// The safety classes of clauses.
const (
	Reads    Safety = "R" // nothing but GET
	Rejected Safety = "N" // writes that must be refused
	Writes   Safety = "W" // images and drafts of the run's own, deleted afterwards
	Account  Safety = "A" // what the whole account shares: variants, keys, counts
	Heavy    Safety = "Q" // large or slow
	Special  Safety = "X" // a hook, or an account to throw away
)

// Clause is one requirement.
type Clause struct {
	// ID is the clause's name, such as "V1L-003". It is never used again for
	// another requirement.
	ID     string `yaml:"id"`
	Level  Level  `yaml:"level"`
	Source Source `yaml:"source"`
	Safety Safety `yaml:"safety"`
	// Since is the API revision that introduced it, empty for the first.
	Since string `yaml:"since"`
	Text  string `yaml:"text"`
	// Note says where sources disagree and what is checked then.
	Note string `yaml:"note"`
	// Group is the part of the API the clause belongs to, such as "V1L".
	Group string `yaml:"-"`
	// Title names the group in words.
	Title string `yaml:"-"`
	// Evidence is that of the source.
	Evidence string `yaml:"-"`
	// Implemented reports whether the suite checks the clause.
	Implemented bool `yaml:"-"`
}

//go:embed clauses.yaml
var clausesYAML []byte

// catalogue reads the embedded clauses once, without Implemented.
var catalogue = sync.OnceValue(func() []Clause {
	list, err := parseClauses(clausesYAML)
	if err != nil {
		panic("conformance: clauses.yaml: " + err.Error())
	}
	return list
})

func parseClauses(data []byte) ([]Clause, error) {
	var parts []struct {
		Group   string
		Title   string
		Clauses []Clause
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&parts); err != nil {
		return nil, err
	}
	var list []Clause
	seen := map[string]bool{}
	for _, part := range parts {
		for _, c := range part.Clauses {
			c.Group, c.Title, c.Evidence = part.Group, part.Title, c.Source.Evidence()
			if seen[c.ID] {
				return nil, fmt.Errorf("clause %s is there twice", c.ID)
			}
			seen[c.ID] = true
			list = append(list, c)
		}
	}
	return list, nil
}

// Clauses returns every clause in the order of the catalogue. Whether one is
// implemented is read off the suite itself.
func Clauses() []Clause {
	list := slices.Clone(catalogue())
	implemented := implementedClauses()
	for i := range list {
		list[i].Implemented = implemented[list[i].ID]
	}
	return list
}

// positions finds a clause of the catalogue by its id.
var positions = sync.OnceValue(func() map[string]int {
	at := map[string]int{}
	for i, c := range catalogue() {
		at[c.ID] = i
	}
	return at
})

func clauseByID(id string) (Clause, bool) {
	i, ok := positions()[id]
	if !ok {
		return Clause{}, false
	}
	return catalogue()[i], true
}

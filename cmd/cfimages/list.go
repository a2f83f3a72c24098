package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cfimages/cfimages/conformance"
	"github.com/cfimages/cfimages/conformance/mutants"
)

type conformanceList struct {
	Mutants bool `help:"List the mutants and the clauses that notice them instead." xor:"what"`
	JSON    bool `name:"json" help:"List the clauses as JSON, all that is known about each." xor:"what"`
}

// Run prints every clause, a line each.
func (c conformanceList) Run(out io.Writer) error {
	switch {
	case c.Mutants:
		return listMutants(out)
	case c.JSON:
		return listJSON(out)
	}
	for _, c := range conformance.Clauses() {
		if _, err := fmt.Fprintf(out, "%s\t%s\t%s\n", c.ID, c.Level, c.Text); err != nil {
			return err
		}
	}
	return nil
}

func listMutants(out io.Writer) error {
	for _, m := range mutants.All() {
		if _, err := fmt.Fprintf(out, "%s\t%s\t%s\t%s\n", m.ID, m.Class, m.Text, strings.Join(m.Killers, " ")); err != nil {
			return err
		}
	}
	return nil
}

// listedClause is a clause as 'list --json' writes it.
type listedClause struct {
	ID          string             `json:"id"`
	Group       string             `json:"group"`
	Title       string             `json:"title"`
	Level       conformance.Level  `json:"level"`
	Source      conformance.Source `json:"source"`
	Evidence    string             `json:"evidence"`
	Safety      conformance.Safety `json:"safety"`
	Since       string             `json:"since,omitempty"`
	Text        string             `json:"text"`
	Note        string             `json:"note,omitempty"`
	Implemented bool               `json:"implemented"`
	// Mutants are the wrong servers that the clause notices.
	Mutants []string `json:"mutants"`
	// Exempt is why there is no mutant.
	Exempt string `json:"exempt,omitempty"`
}

func listJSON(out io.Writer) error {
	list := []listedClause{}
	for _, c := range conformance.Clauses() {
		row := listedClause{
			c.ID, c.Group, c.Title, c.Level, c.Source, c.Evidence, c.Safety, c.Since, c.Text, c.Note, c.Implemented,
			[]string{}, mutants.Exempt[c.ID],
		}
		for _, m := range mutants.All() {
			if slices.Contains(m.Killers, c.ID) {
				row.Mutants = append(row.Mutants, m.ID)
			}
		}
		list = append(list, row)
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(list)
}

package conformance

import (
	"fmt"
	"io"
	"strings"
)

// WriteMarkdown writes the result for people: what does not hold first, then
// the groups and the coverage, then what was not checked and why.
func (r *Result) WriteMarkdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s %s\n\n", inline(r.Target), r.verdict())
	for _, s := range standings {
		if n := r.Count(s.state); n > 0 || s.state == Passed || s.state == Failed {
			fmt.Fprintf(&b, "%d %s, ", n, s.word)
		}
	}
	fmt.Fprintf(&b, "profile %s, in %s s, seed %d.\n", r.Profile, seconds(r.Took), r.Seed)
	fmt.Fprintf(&b, "%d requests were sent, %d of them writes, with %d bytes and at most %d images at a time.\n",
		r.Cost.Requests, r.Cost.Writes, r.Cost.Bytes, r.Cost.Images)
	if r.Stopped != "" {
		fmt.Fprintf(&b, "\nThe run was stopped before its end: %s\n", inline(r.Stopped))
	}
	r.writeResidue(&b)
	r.writeProblems(&b)
	for _, s := range standings {
		if s.tell {
			r.writeState(&b, s)
		}
	}
	r.writeFeatures(&b)
	r.writeGroups(&b)
	r.writeCoverage(&b)
	r.writeNotes(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Result) writeResidue(b *strings.Builder) {
	if len(r.Residue) == 0 {
		return
	}
	b.WriteString("\n## Left over\n\n")
	for _, left := range r.Residue {
		fmt.Fprintf(b, "- %s\n", inline(left))
	}
}

func (r *Result) writeProblems(b *strings.Builder) {
	if len(r.Problems) == 0 {
		return
	}
	b.WriteString("\n## Outside of any clause\n")
	for _, p := range r.Problems {
		b.WriteString("\n" + fenced(p))
	}
}

// writeState tells what is in a state that is told in full.
func (r *Result) writeState(b *strings.Builder, s standing) {
	outcomes := r.in(s.state)
	if len(outcomes) == 0 {
		return
	}
	fmt.Fprintf(b, "\n## %s\n", s.title)
	for _, o := range outcomes {
		c := o.Clause
		fmt.Fprintf(b, "\n### %s %s: %s\n\n%s", c.ID, c.Level, inline(c.Text), fenced(o.Message))
	}
}

// fenced writes a text as it is.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "\n" + text + "\n" + fence + "\n"
}

func (r *Result) writeFeatures(b *strings.Builder) {
	if len(r.Features) == 0 {
		return
	}
	b.WriteString("\n## Features\n\n| feature | declared | probed | taken as |\n|---|---|---|---|\n")
	for _, f := range r.Features {
		probed := string(f.Probed)
		if f.Contradicts() {
			probed += ", unlike declared"
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", f.Name, f.Declared, probed, f.Value)
	}
}

func (r *Result) writeGroups(b *strings.Builder) {
	var shown []standing
	for _, s := range standings {
		if r.Count(s.state) > 0 || s.state == Passed || s.state == Failed || s.state == NotRun {
			shown = append(shown, s)
		}
	}
	b.WriteString("\n## Groups\n\n| group |")
	for _, s := range shown {
		fmt.Fprintf(b, " %s |", s.word)
	}
	b.WriteString("\n|---|" + strings.Repeat("---:|", len(shown)) + "\n")
	for _, g := range r.groups() {
		fmt.Fprintf(b, "| %s |", g.Group)
		for _, s := range shown {
			fmt.Fprintf(b, " %d |", g.Counts[s.state])
		}
		b.WriteString("\n")
	}
}

func (r *Result) writeCoverage(b *strings.Builder) {
	if len(r.Coverage) == 0 {
		return
	}
	b.WriteString("\n## Coverage\n\n| of | touched | exempt | gaps | all |\n|---|---:|---:|---:|---:|\n")
	for _, kind := range GoalKinds {
		touched, exempt, all := r.Coverage.Totals(kind)
		fmt.Fprintf(b, "| %s | %d | %d | %d | %d |\n", kind, touched, exempt, all-touched-exempt, all)
	}
}

func (r *Result) writeNotes(b *strings.Builder) {
	var notRun, recorded strings.Builder
	for _, o := range r.in(NotRun) {
		fmt.Fprintf(&notRun, "| %s | %s |\n", o.Clause.ID, inline(o.Message))
	}
	for _, o := range r.Outcomes {
		for _, text := range o.Recorded {
			fmt.Fprintf(&recorded, "| %s | %s |\n", o.Clause.ID, inline(text))
		}
	}
	if notRun.Len() > 0 {
		b.WriteString("\n## Not run\n\n| clause | why |\n|---|---|\n" + notRun.String())
	}
	if recorded.Len() > 0 {
		b.WriteString("\n## Recorded\n\n| clause | what the target does |\n|---|---|\n" + recorded.String())
	}
}

// inline makes a text safe within a line of Markdown, and within a table.
func inline(text string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`, "<", "&lt;", "`", "'").Replace(text)
}

package conformance

import (
	"fmt"
	"slices"

	"github.com/onsi/ginkgo/v2/types"
)

// coverage sums up what the specs of a report have touched, and notes at each
// outcome which operations its clause has asked.
func (r *run) coverage(report types.Report, result *Result) Coverage {
	c := goals(r.surface())
	asked := map[string][]string{}
	for _, s := range report.SpecReports {
		id := labelled(s.LeafNodeLabels, clauseLabel)
		for _, e := range s.ReportEntries {
			if e.Name != coverEntry {
				continue
			}
			t, err := readTouched(fmt.Sprint(e.GetRawValue()))
			if err != nil {
				result.Problems = append(result.Problems, "the coverage of "+id+" cannot be read: "+err.Error())
				continue
			}
			c.count(t.Goals)
			asked[id] = append(asked[id], t.Operations...)
		}
	}
	for i := range result.Outcomes {
		list := asked[result.Outcomes[i].Clause.ID]
		slices.Sort(list)
		result.Outcomes[i].Operations = slices.Compact(list)
	}
	c.count(checkedFields(func(clause string) bool {
		o, ok := result.Outcome(clause)
		return ok && o.State != NotRun
	}))
	return c
}

package mutants

import (
	"slices"
	"strings"
)

// renaming is a mutant that renames filters.
func renaming(id, class, text, killers string, edit func(name, value string) (string, string)) mutant {
	return asking(id, class, text, killers, func(c *call) {
		if c.is("GET", "/images/v2") {
			c.renamed(edit)
		}
	})
}

func replacing(id, class, text, killers, old, with string) mutant {
	return renaming(id, class, text, killers, func(name, value string) (string, string) {
		return strings.Replace(name, old, with, 1), value
	})
}

// matching is a mutant that applies one filter in its own way.
func matching(id, text, killers string, match func(text, operand string) bool) mutant {
	return answering(id, "filter", text, killers, func(c *call) bool {
		member, operand := "", ""
		for name, v := range c.query() {
			if rest, ok := strings.CutPrefix(name, "meta."); ok {
				member, _, _ = strings.Cut(rest, "[")
				operand = v[0]
			}
		}
		if !c.is("GET", "/images/v2") || member == "" {
			return false
		}
		c.renamed(func(string, string) (string, string) { return "", "" })
		c.change(func(status int, o object) int {
			kept := []object{}
			for _, i := range imagesIn(o) {
				meta, _ := i["meta"].(object)
				if v, ok := meta[member]; ok && match(strings.Trim(jsonOf(v), `"`), operand) {
					kept = append(kept, i)
				}
			}
			setImages(o, kept)
			return status
		})
		return true
	})
}

func filterMutants() []mutant {
	return slices.Concat(matchMutants(), limitMutants(), operatorMutants())
}

func matchMutants() []mutant {
	return []mutant{
		renaming("M176", "filter", "filters are ignored", "V2L-030 V2L-042 V2L-050", func(string, string) (string, string) { return "", "" }),
		matching("M177", "eq is a part of the value", "V2L-030 V2L-031 V2L-038", func(text, operand string) bool {
			return strings.Contains(text, strings.Split(operand, "|")[0])
		}),
		matching("M178", "eq ignores case", "V2L-054", strings.EqualFold),
		matching("M179", "numbers are compared as text", "V2L-032 V2L-035", func(text, operand string) bool { return text == operand }),
		matching("M181", "strings match numbers", "V2L-033", func(text, operand string) bool { return text == operand }),
		matching("M182", "booleans match text", "V2L-034", func(text, operand string) bool { return text == operand }),
		renaming("M184", "filter", "in takes its first element only", "V2L-037 V2L-041", func(name, value string) (string, string) {
			first, _, _ := strings.Cut(value, "|")
			return name, first
		}),
		renaming("M186", "filter", "in splits at commas", "V2L-037", func(name, value string) (string, string) {
			if strings.Contains(name, "[in") {
				value = strings.ReplaceAll(value, ",", "|")
			}
			return name, value
		}),
	}
}

func limitMutants() []mutant {
	return []mutant{
		renaming("M189", "limits", "in takes eleven elements", "V2L-041", func(name, value string) (string, string) {
			parts := strings.Split(value, "|")
			return name, strings.Join(parts[:min(len(parts), 10)], "|")
		}),
		renaming("M190", "limits", "in takes nine elements", "V2L-041", func(name, value string) (string, string) {
			if strings.Count(value, "|") == 9 {
				value += "|x"
			}
			return name, value
		}),
		asking("M192", "filter", "only the last filter counts", "V2L-042 V2L-053", func(c *call) {
			seen := false
			c.renamed(func(name, value string) (string, string) {
				if seen {
					return "", ""
				}
				seen = true
				return name, value
			})
		}),
		asking("M193", "filter", "a filter drops the creator", "V2L-043", func(c *call) {
			if strings.Contains(c.r.URL.RawQuery, "meta.") {
				c.drop("creator")
			}
		}),
		renaming("M195", "limits", "paths may have six levels", "V2L-046", func(name, value string) (string, string) {
			if strings.Count(name, ".") > 5 {
				name = "meta.a[eq]"
			}
			return name, value
		}),
		renaming("M196", "limits", "paths may have four levels", "V2L-046", func(name, value string) (string, string) {
			if strings.Count(name, ".") == 5 {
				name = "meta.a.b.c.d.e.f[eq]"
			}
			return name, value
		}),
		asking("M197", "limits", "six filters are accepted", "V2L-047", func(c *call) {
			n := 0
			c.renamed(func(name, value string) (string, string) {
				if n++; n > 5 {
					return "", ""
				}
				return name, value
			})
		}),
	}
}

func operatorMutants() []mutant {
	return []mutant{
		replacing("M200", "validation", "an unknown operator is eq", "V2L-048", "[like]", "[eq]"),
		renaming("M201", "validation", "a value of the wrong type is 0", "V2L-049", func(name, value string) (string, string) {
			if value == "abc" {
				value = "0"
			}
			return name, value
		}),
		answering("M202", "filter", "an unknown key is not found", "V2L-050", func(c *call) bool {
			if strings.Contains(c.r.URL.RawQuery, "nobody") {
				c.refuse(404, 5404)
				return true
			}
			return false
		}),
		asking("M203", "encoding", "escaped brackets are no brackets", "V2L-051", func(c *call) {
			if c.is("GET", "/images/v2") && strings.Contains(c.r.URL.RawQuery, "%5B") {
				c.renamed(func(string, string) (string, string) { return "", "" })
			}
		}),
		replacing("M205", "filter", "gt includes its bound", "V2L-060", "[gt]", "[gte]"),
		replacing("M205b", "filter", "lte leaves its bound out", "V2L-060 V2L-061", "[lte", "[lt"),
		matching("M206", "ranges compare as text", "V2L-060", func(text, operand string) bool { return text > operand }),
		renaming("M207", "validation", "a bound that is no number is 0", "V2L-062", func(name, value string) (string, string) {
			if value == "abc" {
				value = "0"
			}
			return name, value
		}),
		asking("M164", "paging", "a percent-encoded token is garbage", "V2L-007", func(c *call) {
			if q := c.r.URL.RawQuery; strings.Contains(q, "continuation_token=%") {
				_, token, _ := strings.Cut(q, "continuation_token=")
				v := c.query()
				v.Set("continuation_token", token)
				c.setQuery(v)
			}
		}),
	}
}

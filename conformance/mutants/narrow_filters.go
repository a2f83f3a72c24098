package mutants

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// narrowFilterMutants filter wrongly for some values only.
func narrowFilterMutants() []mutant {
	return slices.Concat(narrowValues(), narrowCounts(), narrowSelections())
}

// onFilter is a mutant that changes the filters of a list.
func onFilter(id, text, killers string, edit func(name, value string) (string, string)) mutant {
	return asking(id, "filter", text, killers, func(c *call) {
		if filtered(c) {
			before := c.r.URL.RawQuery
			old := c.query()
			c.renamed(edit)
			if jsonOf(old) == jsonOf(c.query()) {
				c.r.URL.RawQuery = before
			}
		}
	})
}

func narrowValues() []mutant {
	return []mutant{
		onFilter("M850", "the last of more than five items is not looked for", "V2L-041", func(name, value string) (string, string) {
			if list := strings.Split(value, "|"); strings.Contains(name, "[in") && len(list) > 5 {
				value = strings.Join(list[:len(list)-1], "|")
			}
			return name, value
		}),
		onFilter("M851", "numbers lose their sign", "V2L-035 V2L-060", func(name, value string) (string, string) {
			if strings.Contains(name, "number]") || strings.Contains(name, "[gt") || strings.Contains(name, "[lt") {
				value = strings.TrimPrefix(value, "-")
			}
			return name, value
		}),
		onFilter("M852", "a text is split at its bars", "V2L-030 V2L-031", func(name, value string) (string, string) {
			if strings.Contains(value, "|") {
				name = strings.Replace(name, "[eq", "[in", 1)
			}
			return name, value
		}),
		onFilter("M853", "a filter is decoded twice", "V2L-052", func(name, value string) (string, string) {
			if d, err := url.QueryUnescape(value); err == nil {
				value = d
			}
			return name, value
		}),
		onFilter("M854", "spaces around items are cut off", "V2L-057", func(name, value string) (string, string) {
			if !strings.Contains(name, "[in") {
				return name, value
			}
			list := strings.Split(value, "|")
			for i := range list {
				list[i] = strings.TrimSpace(list[i])
			}
			return name, strings.Join(list, "|")
		}),
		onFilter("M855", "names of fields are in lower case", "V2L-058", func(name, value string) (string, string) { return strings.ToLower(name), value }),
		onFilter("M856", "an exponent is cut off", "V2L-035", func(name, value string) (string, string) {
			if strings.Contains(name, "number]") {
				value, _, _ = strings.Cut(value, "e")
			}
			return name, value
		}),
	}
}

func narrowCounts() []mutant {
	field := func(name string) string { f, _, _ := strings.Cut(name, "["); return f }
	return []mutant{
		asking("M857", "filter", "of two bounds of a field the first is used", "V2L-061", func(c *call) {
			q, seen := c.query(), map[string]string{}
			if !filtered(c) {
				return
			}
			for _, part := range strings.Split(c.r.URL.RawQuery, "&") {
				name, _, _ := strings.Cut(part, "=")
				if name, _ = url.QueryUnescape(name); !strings.HasPrefix(name, "meta.") {
					continue
				}
				if _, ok := seen[field(name)]; ok {
					q.Del(name)
				}
				seen[field(name)] = name
			}
			if len(q) != len(c.query()) {
				c.setQuery(q)
			}
		}),
		changing("M858", "errors", "an unknown operator is not named", "V2L-072", func(c *call, status int, o object) int {
			if list, ok := o["errors"].([]any); ok && v2(c) && status == 400 {
				for _, e := range list {
					e.(object)["message"] = "Bad request"
				}
			}
			return status
		}),
		answering("M859", "filter", "filters on one field count once", "V2L-047", func(c *call) bool {
			q, fields, n := c.query(), map[string]bool{}, 0
			for name := range q {
				if strings.HasPrefix(name, "meta.") {
					n++
					fields[field(name)] = true
				}
			}
			if !v2(c) || n <= 5 || len(fields) > 5 {
				return false
			}
			for name := range q {
				if strings.HasPrefix(name, "meta.") && n > 5 {
					q.Del(name)
					n--
				}
			}
			c.setQuery(q)
			return false
		}),
	}
}

func narrowSelections() []mutant {
	return []mutant{
		answering("M860", "filter", "with both creator and filter the creator is dropped", "V2L-043", func(c *call) bool {
			if filtered(c) && c.query().Get("creator") != "" {
				c.drop("creator")
			}
			return false
		}),
		answering("M861", "filter", "false matches what is missing", "V2L-034", func(c *call) bool {
			for name, values := range c.query() {
				if f, op, _ := strings.Cut(name, "["); v2(c) && op == "eq:boolean]" && values[0] == "false" && c.acceptable() {
					return chosen(c, "[eq:boolean]", func(meta object) bool {
						v, there := inside(meta, strings.TrimPrefix(f, "meta."))
						return !there || v == false
					})
				}
			}
			return false
		}),
	}
}

// expiries is a mutant that changes the expiry a draft is asked for.
func expiries(id, text, killers string, edit func(t time.Time, s string) string) mutant {
	return asking(id, "direct", text, killers, func(c *call) {
		if c.draft() {
			c.retext("expiry", func(s string) string {
				if t, err := time.Parse(time.RFC3339Nano, s); err == nil {
					return edit(t, s)
				}
				return s
			})
		}
	})
}

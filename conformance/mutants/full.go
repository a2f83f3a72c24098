package mutants

// fullMutants are wrong once the account is full.
func fullMutants() []mutant {
	list := "/images/v2"
	return []mutant{
		answering("M990", "limits", "a full account takes an image in the place of its oldest", "V1C-040", func(c *call) bool {
			if !c.upload() {
				return false
			}
			rec := c.ask()
			if refusedAsFull(rec) {
				oldest := imagesIn(parse(c.askOther("GET", list+"?sort_order=asc&per_page=1", "", nil).Body.Bytes()))
				c.askOther("DELETE", "/images/v1/"+pathEscape(oldest[0]["id"].(string)), "", nil)
				rec = c.ask()
			}
			c.give(rec)
			return true
		}),
		answering("M991", "limits", "a full account refuses uploads without saying why", "V1C-040", func(c *call) bool {
			rec := c.ask()
			if refusedAsFull(rec) {
				c.refuse(400, 5400)
				return true
			}
			c.give(rec)
			return true
		}),
	}
}

// refusedAsFull reports whether an answer says that the account is full.
func refusedAsFull(rec *answer) bool {
	errs, _ := parse(rec.Body.Bytes())["errors"].([]any)
	for _, e := range errs {
		if o, ok := e.(object); ok && jsonOf(o["code"]) == "5453" {
			return true
		}
	}
	return false
}

package metafilter_test

import (
	"fmt"

	"github.com/cfimages/cfimages/runtime/metafilter"
)

func ExampleGrammar_Parse() {
	f, err := documented.Parse("creator=user-42&meta.status%5Beq%5D=active&meta.rating%5Bgte%3Anumber%5D=3")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f)
	fmt.Println(f.MatchJSON([]byte(`{"status":"active","rating":4.5}`)))
	fmt.Println(f.MatchJSON([]byte(`{"status":"active","rating":2}`)))
	// Output:
	// meta.status[eq]=active&meta.rating[gte:number]=3
	// true
	// false
}

func ExampleGrammar_All() {
	g := documented
	f := g.All(
		g.Term("in", "region.name", metafilter.Of("eu"), metafilter.Of("us")),
		g.Term("gt", "rating", metafilter.Of(3)),
	)
	if err := f.Err(); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s\n", f.AppendTo(nil))
	fmt.Println(g.Term("between", "rating", metafilter.Of(3)).Err())
	// Output:
	// meta.region.name%5Bin%3Astring%5D=eu%7Cus&meta.rating%5Bgt%3Anumber%5D=3
	// Unsupported metadata filter operator: 'between'
}

package system

import (
	"encoding/json"
	"testing"

	"github.com/cfimages/cfimages/gen/filter"
)

// TestFilterInAConfiguration keeps a filter in JSON and reads it back.
func TestFilterInAConfiguration(t *testing.T) {
	t.Parallel()
	type config struct {
		Show filter.Text `json:"show"`
	}
	in := config{filter.Text{Filter: filter.All(filter.Eq("album", `a|b&c"`), filter.In("region.name", "eu", "us"))}}
	text, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out config
	if err := json.Unmarshal(text, &out); err != nil || out.Show.String() != in.Show.String() || out.Show.Len() != 2 {
		t.Errorf("%s is read as %s, %v", text, out.Show, err)
	}
	plain, err := json.Marshal(in.Show.Filter)
	if err != nil {
		t.Fatal(err)
	}
	if f, err := filter.ParseJSON(plain); err != nil || f.String() != in.Show.String() {
		t.Errorf("%s is read as %s, %v", plain, f, err)
	}
	for _, bad := range []string{`{"show":"meta.a[like]=x"}`, `{"show":"per_page=1"}`, `{"show":7}`} {
		if err := json.Unmarshal([]byte(bad), new(config)); err == nil {
			t.Errorf("%s is accepted", bad)
		}
	}
	invalid := config{filter.Text{Filter: filter.All(filter.Eq("a b", 1))}}
	if text, err := json.Marshal(invalid); err == nil {
		t.Errorf("an invalid filter is written as %s", text)
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	if f := filter.All(filter.Eq(filter.Path("region", "name"), "eu")); f.Err() != nil || f.String() != filter.All(filter.Eq("region.name", "eu")).String() {
		t.Errorf("got %s, %v", f, f.Err())
	}
	if f := filter.All(filter.Eq(filter.Path("region.name"), "eu")); f.Err() == nil {
		t.Errorf("a level with a dot in it is sent as %s", f)
	}
}

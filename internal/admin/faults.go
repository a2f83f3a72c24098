package admin

import (
	"net/http"

	"github.com/cfimages/cfimages/runtime/fault"
)

func (a *control) listFaults(http.ResponseWriter, *http.Request) (any, error) {
	return a.Faults.List(), nil
}

func (a *control) faultKinds(http.ResponseWriter, *http.Request) (any, error) {
	return fault.Kinds(), nil
}

// addFault adds a rule and tells its id.
func (a *control) addFault(w http.ResponseWriter, r *http.Request) (any, error) {
	var rule fault.Rule
	if err := readOrder(w, r, &rule, false); err != nil {
		return nil, err
	}
	id, err := a.Faults.Add(rule)
	if err != nil {
		return nil, bad(err.Error())
	}
	return map[string]string{"id": id}, nil
}

func (a *control) removeFault(_ http.ResponseWriter, r *http.Request) (any, error) {
	if !a.Faults.Remove(r.PathValue("id")) {
		return nil, wrong(http.StatusNotFound, "there is no rule of this id")
	}
	return done{}, nil
}

func (a *control) clearFaults(http.ResponseWriter, *http.Request) (any, error) {
	a.Faults.Reset()
	return done{}, nil
}

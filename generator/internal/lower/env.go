package lower

import (
	"regexp"

	"github.com/cfimages/cfimages/generator/internal/ext"
	"github.com/cfimages/cfimages/generator/internal/load"
)

var variable = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

// env lowers x-gen-env, once the bound parameters and the security schemes are
// known.
func (l *lowering) env() {
	env, ok := ext.Get[ext.Env](l.doc.Root(), ext.KeyEnv)
	if !ok {
		return
	}
	if env.BaseURL != "" {
		l.api.BaseURLEnv = env.BaseURL
		l.checkVariable(env.Node.Get("base_url"))
	}
	seen := uniques{l: l, first: map[string]load.Position{}}
	for _, v := range env.Variables {
		seen.check("of", v.Node.Get("of"))
		l.checkVariable(v.Node.Get("name"))
		field := l.envField(v.Of)
		if field == nil {
			l.addf(v.Node.Get("of").ValuePos(), "%s names %q, which is neither a bound parameter nor a security scheme%s",
				ext.KeyEnv, v.Of, having(l.envNames()))
			continue
		}
		*field = v.Name
	}
	for _, b := range l.api.Binds {
		if b.Env == "" {
			l.addf(env.Node.Pos(), "%s has no variable of %s", ext.KeyEnv, b.Wire)
		}
	}
}

func (l *lowering) checkVariable(n load.Node) {
	if n.Ok() && !variable.MatchString(n.Text()) {
		l.addf(n.ValuePos(), "%q is not the name of an environment variable such as API_TOKEN", n.Text())
	}
}

// envField returns where the variable of a parameter or a scheme belongs, nil
// when there is none of that name.
func (l *lowering) envField(name string) *string {
	for i := range l.api.Binds {
		if l.api.Binds[i].Wire == name {
			return &l.api.Binds[i].Env
		}
	}
	for _, schemes := range l.api.Security {
		for i := range schemes {
			if schemes[i].Name == name {
				return &schemes[i].Env
			}
		}
	}
	return nil
}

func (l *lowering) envNames() []string {
	names := bindNames(l.api.Binds)
	for _, schemes := range l.api.Security {
		for _, s := range schemes {
			names = append(names, s.Name)
		}
	}
	return names
}

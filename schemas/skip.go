package schemas

import "slices"

// object is one that is entered.
type object struct {
	first int // of its names
	// seen has a bit for each name so far, which different names may share.
	seen uint64
	// many are the names of an object that has very many.
	many map[string]struct{}
}

// fewNames are compared one by one.
const fewNames = 32

// unique notes a name of the innermost object; false where it has it already.
func (d *decoder) unique(name string) bool {
	o := &d.objects[len(d.objects)-1]
	bit := uint64(1)
	if n := len(name); n > 0 {
		bit <<= (uint(name[0])*7 + uint(name[n-1])*31 + uint(n)) % 64
	}
	if o.seen&bit != 0 && o.has(name, d.names[o.first:]) {
		return false
	}
	o.seen |= bit
	d.names = append(d.names, name)
	if o.many != nil {
		o.many[name] = struct{}{}
	}
	return true
}

func (o *object) has(name string, names []string) bool {
	if o.many == nil {
		if len(names) <= fewNames {
			return slices.Contains(names, name)
		}
		o.many = make(map[string]struct{}, 2*len(names))
		for _, n := range names {
			o.many[n] = struct{}{}
		}
	}
	_, there := o.many[name]
	return there
}

// skip passes over a member that the contract does not know, and counts it.
func (d *decoder) skip() {
	d.unknown++
	d.pass(d.shallow)
}

// raw passes over a value that is read later, and is where it lies.
func (d *decoder) raw() (from, to int) {
	d.peek()
	from = d.at
	d.pass(func() bool {
		if d.open > maxNesting {
			d.syntax()
		}
		return d.err == nil
	})
	return from, d.at
}

// maxNesting is how deep jsontext goes.
const maxNesting = 10_000

// pass reads the next value, whatever it is. entered is asked at each object and array whether to go on.
func (d *decoder) pass(entered func() bool) {
	if d.err != nil {
		return
	}
	switch c := d.peek(); c {
	case '{':
		if d.enter(c); !entered() {
			return
		}
		for _, ok := d.member(); ok; _, ok = d.member() {
			d.pass(entered)
		}
	case '[':
		if d.enter(c); !entered() {
			return
		}
		for d.element() {
			d.pass(entered)
		}
	default:
		d.scalar(c)
	}
}

// scalar passes over a value that begins with c and is neither object nor array.
func (d *decoder) scalar(c byte) {
	switch {
	case c == '"':
		end, _ := stringEnd(d.data, d.at+1)
		if end < 0 {
			d.syntax()
			return
		}
		d.at = end + 1
	case c == 'n':
		d.literal("null")
	case c == 't':
		d.literal("true")
	case c == 'f':
		d.literal("false")
	case c == '-' || c-'0' <= 9:
		d.number()
	default:
		d.syntax()
	}
}

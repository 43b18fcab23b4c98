package calendars

import (
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/rapport-project/rapport/internal/yamlfile"
)

//go:embed shipped
var shippedFiles embed.FS

// Shipped are the definitions that come with the product.
func Shipped() fs.FS {
	files, err := fs.Sub(shippedFiles, "shipped")
	if err != nil {
		panic(err) // the name is a constant and valid
	}
	return files
}

// Catalog holds the calendars there are. Its calendars are not changed once loaded, so that it may be shared.
type Catalog struct{ byID map[string]*Calendar }

// Load reads the shipped definitions and those in the folder `calendars` of dir, the user's configuration, which add to the
// shipped ones or replace them by id, all versions of that id; dir may be empty. What is wrong in any of the files comes as
// one error, yamlfile.Problems.
func Load(shipped fs.FS, dir string) (*Catalog, error) {
	own, err := yamlfile.ReadOwn(dir, "calendars")
	if err != nil {
		return nil, err
	}
	base, err := yamlfile.ReadDir(shipped, "shipped")
	if err != nil {
		return nil, err
	}
	byID, problems := collect(base)
	mine, more := collect(own)
	if err := append(problems, more...).Err(); err != nil {
		return nil, err
	}
	maps.Copy(byID, mine)
	c := &Catalog{byID: make(map[string]*Calendar, len(byID))}
	for id, versions := range byID {
		c.byID[id] = newCalendar(versions)
	}
	return c, nil
}

// collect reads all files and gathers the versions of each id.
func collect(sources []yamlfile.Source) (map[string][]*Version, yamlfile.Problems) {
	var problems yamlfile.Problems
	byID := map[string][]*Version{}
	file := map[*Version]string{}
	for _, source := range sources {
		v, mistakes := Check(source.Name, source.Text)
		problems = append(problems, mistakes...)
		if v == nil {
			continue
		}
		for _, other := range byID[v.ID] {
			if field, detail := clash(v, other, file[other]); field != "" {
				problems = append(problems, yamlfile.Problem{File: source.Name, Field: field, Detail: detail})
			}
		}
		file[v] = source.Name
		byID[v.ID] = append(byID[v.ID], v)
	}
	return byID, problems
}

// clash is the field in which two versions of one calendar must differ and do not, or must not differ and do.
func clash(v, other *Version, file string) (field, detail string) {
	same := fmt.Sprintf("the same as in %s, which is of the same calendar; want another", file)
	switch {
	case v.Version == other.Version:
		return "version", same
	case v.ValidFrom.Equal(other.ValidFrom):
		return "valid_from", same
	case v.Zone.String() != other.Zone.String():
		return "time_zone", fmt.Sprintf("another than in %s, which is of the same calendar; want %s, or an id of its own for a calendar of another place",
			file, other.Zone)
	}
	return "", ""
}

// IDs are the calendars' ids in order.
func (c *Catalog) IDs() []string { return slices.Sorted(maps.Keys(c.byID)) }

// Get is the calendar of an id, and whether there is one.
func (c *Catalog) Get(id string) (*Calendar, bool) {
	calendar, known := c.byID[id]
	return calendar, known
}

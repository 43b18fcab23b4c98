package questionnaires

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/rapport-project/rapport/internal/yamlfile"
	"github.com/rapport-project/rapport/schemas"
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

// Catalog holds the questionnaires in force. It is not changed once loaded, so that it may be shared.
type Catalog struct {
	byID map[string][]*Version // by ValidFrom
}

// Load reads the shipped definitions and those in the folder `questionnaires` of dir, the user's configuration, which add to
// the shipped ones or replace them by id, all versions of that id; dir may be empty. What is wrong in any of the files comes as one error, yamlfile.Problems.
func Load(shipped fs.FS, dir string) (*Catalog, error) {
	own, err := yamlfile.ReadOwn(dir, "questionnaires")
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
	for id, versions := range mine {
		byID[id] = versions
	}
	return &Catalog{byID: byID}, nil
}

// collect reads all files and orders the versions of each id by the date from which they hold.
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
			if clash := clash(v, other); clash != "" {
				problems = append(problems, yamlfile.Problem{File: source.Name, Field: clash, Detail: fmt.Sprintf(
					"the same as in %s, which is of the same questionnaire; want another", file[other])})
			}
		}
		file[v] = source.Name
		byID[v.ID] = append(byID[v.ID], v)
	}
	for _, versions := range byID {
		slices.SortFunc(versions, func(a, b *Version) int { return a.ValidFrom.Compare(b.ValidFrom) })
	}
	return byID, problems
}

// CheckAll reads several files as one configuration: each as Check does, and all of them against each other. The versions are in the order of the files.
func CheckAll(sources []yamlfile.Source) ([]*Version, yamlfile.Problems) {
	_, problems := collect(sources)
	if len(problems) > 0 {
		return nil, problems
	}
	versions := make([]*Version, len(sources))
	for i, source := range sources {
		versions[i], _ = Check(source.Name, source.Text)
	}
	return versions, nil
}

// clash is the field that two versions of one questionnaire must not share, and do.
func clash(a, b *Version) string {
	switch {
	case a.Version == b.Version:
		return "version"
	case a.ValidFrom.Equal(b.ValidFrom):
		return "valid_from"
	}
	return ""
}

// IDs are the questionnaires' ids in order.
func (c *Catalog) IDs() []string {
	ids := make([]string, 0, len(c.byID))
	for id := range c.byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// Versions are those of a questionnaire, by the date from which they hold; none for an unknown id.
func (c *Catalog) Versions(id string) []*Version { return slices.Clone(c.byID[id]) }

// Lookup finds the version an event names, or where it names none the one in force at the event's time: the last whose
// valid_from is not after it, or the first of all.
func (c *Catalog) Lookup(id, version string, at time.Time) (*Version, *schemas.InvalidError) {
	versions, known := c.byID[id]
	if !known {
		return nil, &schemas.InvalidError{Reason: schemas.UnknownQuestionnaire, Field: "/data/questionnaire",
			Detail: fmt.Sprintf("there is no questionnaire %.80q; there are: %s", id, strings.Join(c.IDs(), ", "))}
	}
	if version == "" {
		inForce := versions[0]
		for _, v := range versions[1:] {
			if v.ValidFrom.After(at) {
				break
			}
			inForce = v
		}
		return inForce, nil
	}
	for _, v := range versions {
		if v.Version == version {
			return v, nil
		}
	}
	names := make([]string, len(versions))
	for i, v := range versions {
		names[i] = v.Version
	}
	return nil, &schemas.InvalidError{Reason: schemas.UnknownVersion, Field: "/data/questionnaire_version",
		Detail: fmt.Sprintf("questionnaire %s has no version %.80q; it has: %s", id, version, strings.Join(names, ", "))}
}

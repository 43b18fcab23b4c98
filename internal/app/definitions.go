package app

import (
	"errors"
	"fmt"
	"strings"

	"github.com/rapport-project/rapport/alerts"
	"github.com/rapport-project/rapport/calendars"
	"github.com/rapport-project/rapport/processors"
	"github.com/rapport-project/rapport/questionnaires"
	"github.com/rapport-project/rapport/schemas"
	"github.com/rapport-project/rapport/tenants"
)

// Definitions are what events are judged by: processors' definitions, and the parser's options; and the calendars that working time is
// counted by.
type Definitions struct {
	Processors *processors.Definitions
	Calendars  *calendars.Catalog
	Alerts     *alerts.Rules
	Parse      schemas.Options
}

// summary names what was read.
func (d *Definitions) summary() string {
	var names []string
	catalog := d.Processors.Questionnaires
	for _, id := range catalog.IDs() {
		for _, v := range catalog.Versions(id) {
			names = append(names, id+" "+v.Version)
		}
	}
	text := "questionnaires " + strings.Join(names, ", ") + "; calendars " + strings.Join(d.Calendars.IDs(), ", ")
	if n := len(d.Alerts.Groups); n > 0 {
		text += fmt.Sprintf("; %d groups of alerts", n)
	}
	names = nil
	for _, t := range d.Processors.Tenants.Configured() {
		names = append(names, t.ID)
	}
	if len(names) > 0 {
		text += "; tenants " + strings.Join(names, ", ")
	}
	return text
}

// Definitions reads the shipped definitions and the user's own, and says everything that is wrong with them at once.
func (c Config) Definitions() (*Definitions, error) {
	defs, err := c.judged()
	if err != nil {
		return nil, err
	}
	// Rules rest on the others: what is wrong with those would be told here again.
	if defs.Alerts, err = alerts.Load(c.ConfigDir, defs.known()); err != nil {
		return nil, fmt.Errorf("definitions in %s:\n%w", c.ConfigDir, err)
	}
	return defs, nil
}

// judged reads all but the rules of alerts.
func (c Config) judged() (*Definitions, error) {
	catalog, catalogErr := questionnaires.Load(questionnaires.Shipped(), c.ConfigDir)
	business, calendarsErr := calendars.Load(calendars.Shipped(), c.ConfigDir)
	settings, tenantsErr := tenants.Load(c.ConfigDir)
	if calendarsErr == nil && tenantsErr == nil {
		tenantsErr = settings.CheckCalendars(business.IDs()).Err()
	}
	if err := errors.Join(catalogErr, calendarsErr, tenantsErr); err != nil {
		return nil, fmt.Errorf("definitions in %s:\n%w", c.ConfigDir, err)
	}
	return &Definitions{
		Processors: &processors.Definitions{Questionnaires: catalog, Tenants: settings, SealHorizon: c.SealHorizon, DefaultTenant: c.DefaultTenant},
		Calendars:  business,
		Alerts:     &alerts.Rules{},
		Parse:      schemas.Options{DefaultTenant: c.DefaultTenant},
	}, nil
}

package processors

import (
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// Hour is the hour bucket of an instant: part of a fact's key, in UTC. Times before 1970 round down like all others.
func Hour(at time.Time) time.Time {
	seconds := at.Unix()
	within := seconds % 3600
	if within < 0 {
		within += 3600
	}
	return time.Unix(seconds-within, 0).UTC()
}

func identity(e *schemas.Event, tenant string) schemas.Identity {
	return schemas.Identity{Tenant: tenant, Hour: Hour(e.Time), Source: e.Source, ID: e.ID}
}

func version(e *schemas.Event) schemas.Version {
	return schemas.Version{Revision: e.Revision, Payload: e.Payload, Retracted: e.Retracted}
}

package oracle

import (
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// parsedPayload is the hash by which the contract settles ties: the one thing the oracle takes from the product.
func parsedPayload(tenant string) func([]byte) (uint64, error) {
	return func(raw []byte) (uint64, error) {
		// The zero time leaves out the check for events from the future, which needs the record.
		e, err := schemas.ParseEvent(raw, time.Time{}, schemas.Options{DefaultTenant: tenant})
		if err != nil {
			return 0, err
		}
		return e.Payload, nil
	}
}

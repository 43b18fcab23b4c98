package schemas

import (
	"embed"
	"io/fs"
)

//go:embed json asyncapi.yaml examples
var contract embed.FS

// Contract is the contract as files: json/*.schema.json, which refer to each other by name, asyncapi.yaml, and examples/.
func Contract() fs.FS { return contract }

// JSONSchema is the JSON Schema of the whole structured event of type t, or nil for an unknown type.
func JSONSchema(t Type) []byte {
	schema, err := contract.ReadFile("json/" + string(t) + ".schema.json")
	if err != nil {
		return nil
	}
	return schema
}

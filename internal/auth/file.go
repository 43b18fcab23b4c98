package auth

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
)

// maxTenant is the longest tenant name in characters, as the event contract has it.
const maxTenant = 128

// keysFile is the text of a keys file. A tenant may have several live keys, so that one can be replaced without a gap.
type keysFile struct {
	Keys []keyEntry `yaml:"keys"`
}

type keyEntry struct {
	ID     string  `yaml:"id"`
	SHA256 string  `yaml:"sha256"`
	Tenant string  `yaml:"tenant"`
	Scopes []Scope `yaml:"scopes"`
}

// load reads the keys file at path. The error names every entry that is wrong and why.
func load(path string) (*Authenticator, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("API keys file: %w", err)
	}
	a, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("API keys file %s: %w", path, err)
	}
	return a, nil
}

// hexDigits finds what may be a hash.
var hexDigits = regexp.MustCompile(`[0-9a-fA-F]{32,}`)

func parse(text []byte) (*Authenticator, error) {
	var file keysFile
	decoder := yaml.NewDecoder(bytes.NewReader(text), yaml.DisallowUnknownField())
	if err := decoder.Decode(&file); err != nil && !errors.Is(err, io.EOF) {
		// The source excerpt of a YAML error could show a hash, as its message can where a line lost its colon; what and where are enough.
		return nil, errors.New(hexDigits.ReplaceAllString(yaml.FormatError(err, false, false), "…"))
	}
	if len(file.Keys) == 0 {
		return nil, errors.New("holds no keys; expected `keys:` with a list of {id, sha256, tenant, scopes}")
	}
	a := &Authenticator{keys: make([]key, 0, len(file.Keys))}
	ids := make(map[string]int, len(file.Keys))
	hashes := make(map[[32]byte]string, len(file.Keys))
	var problems []error
	for i, entry := range file.Keys {
		k, err := entry.key()
		if err != nil {
			problems = append(problems, fmt.Errorf("keys[%d] (id %q): %w", i, entry.ID, err))
			continue
		}
		if first, ok := ids[entry.ID]; ok {
			problems = append(problems, fmt.Errorf("keys[%d]: id %q is already used by keys[%d]", i, entry.ID, first))
		}
		if first, ok := hashes[k.hash]; ok {
			problems = append(problems, fmt.Errorf("keys[%d] (id %q): the same key as id %q", i, entry.ID, first))
		}
		ids[entry.ID], hashes[k.hash] = i, entry.ID
		a.keys = append(a.keys, k)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return a, nil
}

func (e keyEntry) key() (key, error) {
	if e.ID == "" {
		return key{}, errors.New("id is missing")
	}
	sum, err := hex.DecodeString(strings.TrimSpace(e.SHA256))
	if err != nil || len(sum) != 32 {
		return key{}, errors.New("sha256 must be the 64 hexadecimal digits of the key's SHA-256 (printf %s KEY | sha256sum), not the key itself")
	}
	if n := utf8.RuneCountInString(e.Tenant); n < 1 || n > maxTenant || !utf8.ValidString(e.Tenant) {
		return key{}, fmt.Errorf("tenant must have 1 to %d characters", maxTenant)
	}
	if len(e.Scopes) == 0 {
		return key{}, errors.New("scopes is empty; expected some of ingest, read")
	}
	for _, s := range e.Scopes {
		if s != ScopeIngest && s != ScopeRead {
			return key{}, fmt.Errorf("unknown scope %q; expected some of ingest, read", string(s))
		}
	}
	return key{hash: [32]byte(sum), caller: Caller{Tenant: e.Tenant, KeyID: e.ID, scopes: e.Scopes}}, nil
}

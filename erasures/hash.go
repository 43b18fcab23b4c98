package erasures

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
)

// Hash is what stays of an event: the first half of the SHA-256 of tenant, source and id. It is comparable, so it can key a map.
type Hash [16]byte

// HashOf is the hash of an event's identity, whatever its revision; sql/parts.sql computes the same.
func HashOf(tenant, source, id string) Hash {
	sum := sha256.Sum256([]byte(part(tenant) + part(source) + id))
	return Hash(sum[:16])
}

// part tells where s ends, so that no two identities run together to one text.
func part(s string) string { return strconv.Itoa(len(s)) + ":" + s }

// newKey is the random key of an erasure, hexadecimal.
func newKey() (string, error) {
	var key [32]byte
	if _, err := rand.Read(key[:]); err != nil {
		return "", fmt.Errorf("erasures: key: %w", err)
	}
	return hex.EncodeToString(key[:]), nil
}

// subjectHash is what an erasure keeps of a customer's id: ids are few enough to be guessed, so a hash without a key would be no secret.
func subjectHash(key, customer string) string {
	mac := hmac.New(sha256.New, []byte(key))
	_, _ = mac.Write([]byte(customer)) // a hash takes everything
	return hex.EncodeToString(mac.Sum(nil))
}

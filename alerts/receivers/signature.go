package receivers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// SignatureHeader carries the time of sending and the signature: "t=1764288000,v1=hex".
const SignatureHeader = "X-Rapport-Signature"

// Sign is the signature of body under secret at an instant: HMAC-SHA256 of the Unix time, a full stop and the body. The time is signed too, so that a
// message that was listened to cannot be sent again later.
func Sign(secret string, body []byte, at time.Time) string {
	unix := strconv.FormatInt(at.Unix(), 10)
	return "t=" + unix + ",v1=" + hex.EncodeToString(mac(secret, unix, body))
}

func mac(secret, unix string, body []byte) []byte {
	h := hmac.New(sha256.New, []byte(secret))
	h.Write([]byte(unix))
	h.Write([]byte{'.'})
	h.Write(body)
	return h.Sum(nil)
}

// ErrSignature is why Verify refuses.
var ErrSignature = errors.New("the signature does not hold")

// Verify is what a receiver in Go does with SignatureHeader before it believes body: nil means that who knows secret sent it, no more than
// tolerance before or after now. Several v1 are taken where one holds, so that a secret can be replaced.
func Verify(secret string, body []byte, header string, now time.Time, tolerance time.Duration) error {
	unix := ""
	var signatures []string
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			if unix != "" {
				return fmt.Errorf("%w: two times", ErrSignature)
			}
			unix = value
		case "v1":
			signatures = append(signatures, value)
		}
	}
	seconds, err := strconv.ParseInt(unix, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: no time", ErrSignature)
	}
	want := mac(secret, unix, body)
	for _, s := range signatures {
		got, err := hex.DecodeString(s)
		if err != nil || !hmac.Equal(got, want) {
			continue
		}
		if away := now.Sub(time.Unix(seconds, 0)).Abs(); away > tolerance {
			return fmt.Errorf("%w: it was sent %s away from now", ErrSignature, away)
		}
		return nil
	}
	return ErrSignature
}

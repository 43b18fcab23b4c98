package receivers

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Bounds of Slack's blocks, in characters.
const (
	slackHeader  = 150
	slackSection = 3000
	slackText    = 3000
	// slackSummary of what a rule's author wrote leaves room for the figures.
	slackSummary = 1000
)

// Slack posts each notification to an incoming webhook of Slack, or of what takes its format. It knows no idempotency: a message that is sent again
// after a crash is seen twice.
type Slack struct{ client *client }

// NewSlack returns a receiver; its error says what is wrong with the address.
func NewSlack(a Address) (*Slack, error) {
	c, err := newClient(a)
	if err != nil {
		return nil, fmt.Errorf("slack: %w", err)
	}
	return &Slack{c}, nil
}

// Name implements Receiver.
func (s *Slack) Name() string { return "slack" }

// Send implements Receiver.
func (s *Slack) Send(ctx context.Context, n Notification) error {
	body, err := json.Marshal(slackMessage(n))
	if err != nil {
		return permanent(err)
	}
	return s.client.post(ctx, http.Header{"Content-Type": {"application/json; charset=utf-8"}}, body)
}

// Close gives back idle connections.
func (s *Slack) Close() { s.client.close() }

type slackPayload struct {
	// Text is what notifications and clients without blocks show.
	Text   string       `json:"text"`
	Blocks []slackBlock `json:"blocks"`
}

type slackBlock struct {
	Type     string         `json:"type"`
	Text     *slackString   `json:"text,omitempty"`
	Elements []*slackString `json:"elements,omitempty"`
}

type slackString struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

func slackMessage(n Notification) slackPayload {
	t := title(n)
	blocks := []slackBlock{{Type: "header", Text: &slackString{"plain_text", shorten(t.En, slackHeader)}}}
	for _, language := range []string{english, chinese} {
		var lines []string
		if language != english { // the header is in English
			lines = append(lines, "*"+cutEscaped(escape(in(language, t)), slackSummary)+"*")
		}
		if s := summary(n, language); s != "" {
			lines = append(lines, cutEscaped(escape(s), slackSummary))
		}
		for _, f := range facts(n) {
			value := " " + escape(in(language, f.value))
			if strings.Contains(value, "\n") {
				value = strings.ReplaceAll("\n"+strings.TrimSpace(value), "\n", "\n• ")
			}
			lines = append(lines, "*"+in(language, f.name)+"*:"+value)
		}
		blocks = append(blocks, slackBlock{Type: "section", Text: &slackString{"mrkdwn", cutEscaped(strings.Join(lines, "\n"), slackSection)}})
	}
	foot := escape(n.At.UTC().Format(time.DateTime)) + " UTC · " + escape(n.Key())
	if n.Explain != "" {
		foot = "<" + escape(n.Explain) + "|Explain · 说明> · " + foot
	}
	blocks = append(blocks, slackBlock{Type: "context", Elements: []*slackString{{"mrkdwn", foot}}})
	return slackPayload{Text: cutEscaped(escape(t.En+"\n"+t.Zh), slackText), Blocks: blocks}
}

// escape keeps what comes from events and rules from being read as Slack's markup: a mention of everybody, or a link.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// cutEscaped shortens what was escaped, not in the middle of an escape.
func cutEscaped(s string, max int) string {
	cut := shorten(s, max)
	if at := strings.LastIndexByte(cut, '&'); at >= 0 && cut != s && !strings.Contains(cut[at:], ";") {
		return cut[:at] + "…"
	}
	return cut
}

package generator

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/rapport-project/rapport/schemas"
)

// PoisonKinds are the refusals of the contract that a survey response can meet, at least one for each.
func PoisonKinds() []Poison {
	type m = map[string]any
	return []Poison{
		{Name: "no-json", Reason: schemas.NotJSON, text: func([]byte) []byte { return []byte("score=8&customer=c-1") }},
		{Name: "cut-off", Reason: schemas.NotJSON, text: func(raw []byte) []byte { return raw[:len(raw)/2] }},
		{Name: "empty", Reason: schemas.NotJSON, KafkaOnly: true, text: func([]byte) []byte { return []byte{} }},
		{Name: "not-a-number", Reason: schemas.NotJSON, alter: set(json.RawMessage("4711"), "data", "nps"), text: replaced("4711", "NaN")},
		{Name: "not-utf8", Reason: schemas.NotUTF8, Field: "/data/comment", alter: set("gut", "data", "comment"), text: replaced(`"gut"`, "\"g\xfct\"")},
		{Name: "too-large", Reason: schemas.TooLarge, KafkaOnly: true, alter: set(strings.Repeat("x", schemas.DefaultMaxBytes), "data", "comment")},
		{Name: "too-deep", Reason: schemas.TooDeep, Field: "/data/x_deep" + strings.Repeat("/0", schemas.MaxDepth-2), alter: set(nested(schemas.MaxDepth), "data", "x_deep")},
		{Name: "twice-the-same-field", Reason: schemas.DuplicateField, Field: "/id", text: replaced(`{"specversion"`, `{"id":"other","specversion"`)},
		{Name: "no-specversion", Reason: schemas.MissingField, Field: "/specversion", alter: set(nil, "specversion")},
		{Name: "no-id", Reason: schemas.MissingField, Field: "/id", alter: set(nil, "id")},
		{Name: "no-source", Reason: schemas.MissingField, Field: "/source", alter: set(nil, "source")},
		{Name: "no-type", Reason: schemas.MissingField, Field: "/type", alter: set(nil, "type")},
		{Name: "no-time", Reason: schemas.MissingField, Field: "/time", alter: set(nil, "time")},
		{Name: "no-data", Reason: schemas.MissingField, Field: "/data", alter: set(nil, "data")},
		{Name: "no-questionnaire", Reason: schemas.MissingField, Field: "/data/questionnaire", alter: set(nil, "data", "questionnaire")},
		{Name: "no-item", Reason: schemas.MissingField, Field: "/data/answers/0/item", alter: set(nil, "data", "answers", "item")},
		{Name: "score-as-text", Reason: schemas.WrongType, Field: "/data/answers/0/score", alter: set("8", "data", "answers", "score")},
		{Name: "score-and-a-half", Reason: schemas.WrongType, Field: "/data/answers/0/score", alter: set(7.5, "data", "answers", "score")},
		{Name: "answers-as-object", Reason: schemas.WrongType, Field: "/data/answers", alter: set(m{"skill": 8}, "data", "answers")},
		{Name: "revision-as-text", Reason: schemas.WrongType, Field: "/revision", alter: set("1", "revision")},
		{Name: "region-as-number", Reason: schemas.WrongType, Field: "/data/attributes/region", alter: set(m{"region": 7}, "data", "attributes")},
		{Name: "other-specversion", Reason: schemas.UnknownValue, Field: "/specversion", alter: set("0.3", "specversion")},
		{Name: "time-in-words", Reason: schemas.InvalidFormat, Field: "/time", alter: set("yesterday", "time")},
		{Name: "time-without-zone", Reason: schemas.InvalidFormat, Field: "/time", alter: set("2026-03-02T08:30:00", "time")},
		{Name: "source-with-space", Reason: schemas.InvalidFormat, Field: "/source", alter: set("my app", "source")},
		{Name: "empty-id", Reason: schemas.InvalidFormat, Field: "/id", alter: set("", "id")},
		{Name: "unknown-role", Reason: schemas.UnknownValue, Field: "/data/role", alter: set("robot", "data", "role")},
		{Name: "nps-off-scale", Reason: schemas.OutOfRange, Field: "/data/nps", alter: set(11, "data", "nps")},
		{Name: "ces-off-scale", Reason: schemas.OutOfRange, Field: "/data/ces", alter: set(0, "data", "ces")},
		{Name: "repurchase-off-scale", Reason: schemas.OutOfRange, Field: "/data/repurchase", alter: set(6, "data", "repurchase")},
		{Name: "nps-not-finite", Reason: schemas.OutOfRange, Field: "/data/nps", alter: set(json.RawMessage("1e999"), "data", "nps")},
		{Name: "negative-revision", Reason: schemas.OutOfRange, Field: "/revision", alter: set(-1, "revision")},
		{Name: "score-off-scale", Reason: schemas.OutOfRange, Field: "/data/answers/0/score", NeedsDefinitions: true, alter: set(11, "data", "answers", "score")},
		{Name: "unknown-type", Reason: schemas.UnknownType, Field: "/type", alter: set("rapport.survey.response.v9", "type")},
		{
			Name: "wrong-topic", Reason: schemas.WrongTopic, Field: "/type", NeedsTopic: true, KafkaOnly: true,
			alter: func(event map[string]any, _ time.Time) {
				event["type"] = string(schemas.TypeContact)
				event["data"] = m{"customer_id": "c-1", "resolved": true}
			},
		},
		{Name: "unknown-questionnaire", Reason: schemas.UnknownQuestionnaire, Field: "/data/questionnaire", NeedsDefinitions: true, alter: set("horoscope-12", "data", "questionnaire")},
		{Name: "unknown-version", Reason: schemas.UnknownVersion, Field: "/data/questionnaire_version", NeedsDefinitions: true, alter: set("99", "data", "questionnaire_version")},
		{Name: "unknown-item", Reason: schemas.UnknownItem, Field: "/data/answers/0/item", NeedsDefinitions: true, alter: set("weather", "data", "answers", "item")},
		{
			Name: "item-twice", Reason: schemas.DuplicateItem, Field: "/data/answers/1/item", NeedsDefinitions: true,
			alter: set([]any{m{"item": "skill", "score": 8}, m{"item": "skill", "score": 9}}, "data", "answers"),
		},
		{Name: "from-the-future", Reason: schemas.FromTheFuture, Field: "/time", alter: setTime(schemas.MaxAhead + time.Hour)},
		{Name: "before-1970", Reason: schemas.Before1970, Field: "/time", alter: set("1969-12-31T23:59:59Z", "time")},
		{Name: "no-tenant", Reason: schemas.MissingTenant, Field: "/tenant", NoDefaultTenant: true, alter: set(nil, "tenant")},
	}
}

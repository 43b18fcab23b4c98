package sinks

import (
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	chcolumn "github.com/ClickHouse/clickhouse-go/v2/lib/column"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"

	"github.com/rapport-project/rapport/schemas"
)

// TypesByTable are the columns that the sink writes, by table.
func TypesByTable() map[string][]clickhouse.ColumnNameAndType {
	out := map[string][]clickhouse.ColumnNameAndType{}
	for _, t := range []interface {
		describe() (string, []clickhouse.ColumnNameAndType)
	}{surveyFacts(), invitationFacts(), contactFacts(), milestoneFacts(), complaintFacts(), lateFacts(), deadLetters(), deliveries(), consumed(), gaps(), progress(),
		contactOutcomes(), caseOutcomes(), complaintOutcomes(), complaintSubjects()} {
		name, types := t.describe()
		out[name] = types
	}
	return out
}

func (t table[R]) describe() (string, []clickhouse.ColumnNameAndType) { return t.name, t.types() }

// FillResponses builds a block as an insert does and returns its approximate size.
func FillResponses(rows []schemas.SurveyFact) (int, error) {
	t := surveyFacts()
	block := &blockBatch{block: proto.Block{ServerContext: &chcolumn.ServerContext{Timezone: time.UTC}}}
	for _, c := range t.types() {
		if err := block.block.AddColumn(c.Name, chcolumn.Type(c.Type)); err != nil {
			return 0, err
		}
	}
	return t.fill(block, rows)
}

// blockBatch is a batch that is not sent anywhere.
type blockBatch struct {
	driver.Batch
	block proto.Block
}

func (b *blockBatch) Column(i int) driver.BatchColumn { return blockColumn{b.block.Columns[i]} }

type blockColumn struct{ to chcolumn.Interface }

func (c blockColumn) Append(v any) error {
	_, err := c.to.Append(v)
	return err
}

func (c blockColumn) AppendRow(v any) error { return c.to.AppendRow(v) }

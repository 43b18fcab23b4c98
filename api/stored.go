package api

import (
	"context"
	_ "embed" // for the statements
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

//go:embed sql/figures.sql
var figuresSQL string

// bounded are the settings that a statement of the API runs with: it takes no longer and answers no more than its bounds, whatever was asked for.
func (h *Handler) bounded(ctx context.Context) context.Context {
	return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{
		"max_execution_time": h.config.Timeout.Seconds(), "timeout_overflow_mode": "throw",
		"max_result_rows": h.config.MaxRows + 1, "result_overflow_mode": "throw",
	}))
}

// parameter is a value in a statement. Values that callers write reach ClickHouse in no other way.
func parameter(name, value string) any { return driver.NamedValue{Name: name, Value: value} }

// flag is 1 or 0.
func flag(name string, on bool) any {
	if on {
		return parameter(name, "1")
	}
	return parameter(name, "0")
}

// stored are the present figures after the cursor, one more than the page may hold.
func (h *Handler) stored(ctx context.Context, r *request) ([]figure, error) {
	after := r.after
	if after == nil {
		after = place{}.key()
	}
	rows, err := h.o.Conn.Query(h.bounded(ctx), figuresSQL,
		parameter("tenant", r.tenant.ID), parameter("metric", r.metric.Name), parameter("window", r.window.Name), parameter("cut", r.cut),
		flag("any_questionnaire", !r.given["questionnaire"]), parameter("questionnaire", r.questionnaire),
		flag("any_detail", !r.given["detail"]), parameter("detail", r.detail),
		flag("any_value", len(r.cutValues) == 0), clickhouse.Named("cut_values", append([]string{}, r.cutValues...)),
		flag("first", r.after == nil), parameter("after_questionnaire", after[0]), parameter("after_detail", after[1]), parameter("after_value", after[2]),
		parameter("rows", fmt.Sprint(r.limit+1)))
	if err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := []figure{}
	for rows.Next() {
		var f figure
		var version uint32
		err := rows.Scan(&f.Questionnaire, &f.Detail, &f.CutValue, &f.AsOf, &f.Value, &f.N, &f.Excluded, &f.Low, &f.High, &f.Previous, &f.Change,
			&f.Significant, &f.Provisional, &f.Unit, &version, &f.PreviousN, &f.BelowMinN, &f.Label)
		if err != nil {
			return nil, fmt.Errorf("read figures: %w", err)
		}
		f.Version, f.AsOf = int(version), f.AsOf.UTC()
		f.Value, f.Low, f.High, f.Previous, f.Change = number(f.Value), number(f.Low), number(f.High), number(f.Previous), number(f.Change)
		out = append(out, f)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read figures: %w", err)
	}
	return out, nil
}

package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// Details are what views tell of a version of a questionnaire beside what scoring rests on. They may change under a version.
type Details struct {
	ValidFrom        time.Time // midnight UTC
	TitleEn, TitleZh string
	// SatisfiedThreshold is the mean index, 0..100, from which a customer counts as satisfied: a decimal of at most six places.
	SatisfiedThreshold string
	Dimensions         []DimensionDetails
}

// DimensionDetails are those of one dimension; Weight over the sum of weights is its part in the index.
type DimensionDetails struct {
	ID, TitleEn, TitleZh string
	Weight               int64
}

// details is a row of questionnaire_details.
type details struct {
	validFrom, titleEn, titleZh, threshold string
	dimensions, titlesEn, titlesZh         []string
	weights                                []int64
}

func detailsOf(d Details) details {
	row := details{
		validFrom: d.ValidFrom.Format(time.DateOnly), titleEn: d.TitleEn, titleZh: d.TitleZh, threshold: d.SatisfiedThreshold,
		dimensions: []string{}, titlesEn: []string{}, titlesZh: []string{}, weights: []int64{},
	}
	for _, dim := range d.Dimensions {
		row.dimensions, row.weights = append(row.dimensions, dim.ID), append(row.weights, dim.Weight)
		row.titlesEn, row.titlesZh = append(row.titlesEn, dim.TitleEn), append(row.titlesZh, dim.TitleZh)
	}
	return row
}

func (a details) equal(b details) bool {
	return a.validFrom == b.validFrom && a.titleEn == b.titleEn && a.titleZh == b.titleZh && a.threshold == b.threshold &&
		slices.Equal(a.dimensions, b.dimensions) && slices.Equal(a.titlesEn, b.titlesEn) && slices.Equal(a.titlesZh, b.titlesZh) && slices.Equal(a.weights, b.weights)
}

// Tell writes the details of the definitions where they differ from those that hold. It is to be called after Register, so that only what responses
// are scored by is told of; of several processes with different files, the one that tells last holds.
func (q *Questionnaires) Tell(ctx context.Context) error {
	told, err := q.told(ctx)
	if err != nil {
		return err
	}
	for _, d := range q.own {
		row := detailsOf(d.Details)
		if was, known := told[definitionKey{d.ID, d.Version}]; known && was.equal(row) {
			continue
		}
		err := q.conn.Exec(ctx, `INSERT INTO rapport_store.questionnaire_details
			SELECT {id:String}, {version:String}, {valid_from:Date32}, {title_en:String}, {title_zh:String}, {threshold:Decimal(9, 6)},
				{dimensions:Array(String)}, {titles_en:Array(String)}, {titles_zh:Array(String)}, {weights:Array(Int64)}, greatest(now64(6, 'UTC'),
				(SELECT max(told_at) FROM rapport_store.questionnaire_details WHERE id = {id:String} AND version = {version:String}) + toIntervalMicrosecond(1))`,
			parameter("id", d.ID), parameter("version", d.Version), parameter("valid_from", row.validFrom), parameter("title_en", row.titleEn),
			parameter("title_zh", row.titleZh), parameter("threshold", row.threshold), clickhouse.Named("dimensions", row.dimensions),
			clickhouse.Named("titles_en", row.titlesEn), clickhouse.Named("titles_zh", row.titlesZh), clickhouse.Named("weights", row.weights))
		if err != nil {
			return fmt.Errorf("tell of questionnaire %s version %s: %w", d.ID, d.Version, err)
		}
	}
	return nil
}

func (q *Questionnaires) told(ctx context.Context) (map[definitionKey]details, error) {
	rows, err := q.conn.Query(ctx, `SELECT toString(id), toString(version), toString(valid_from), title_en, title_zh, toString(satisfied_threshold),
		dimensions.dimension, dimensions.title_en, dimensions.title_zh, dimensions.weight FROM rapport_store.questionnaire_details FINAL`)
	if err != nil {
		return nil, fmt.Errorf("read what is told of questionnaires: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[definitionKey]details{}
	for rows.Next() {
		var key definitionKey
		var d details
		err := rows.Scan(&key.id, &key.version, &d.validFrom, &d.titleEn, &d.titleZh, &d.threshold, &d.dimensions, &d.titlesEn, &d.titlesZh, &d.weights)
		if err != nil {
			return nil, fmt.Errorf("read what is told of questionnaires: %w", err)
		}
		out[key] = d
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read what is told of questionnaires: %w", err)
	}
	return out, nil
}

package store

import (
	"context"
	"fmt"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"
)

// Definition is a version of a questionnaire as this process scores by it.
type Definition struct {
	ID, Version string
	Fingerprint string // SHA-256 of Text, hexadecimal
	Text        string // all that scoring depends on
	Details     Details
}

// ChangedDefinitionError says that a version of a questionnaire was edited that responses have been scored by, or that
// another process scores by it as edited otherwise. Stored figures would mix two ways of scoring.
type ChangedDefinitionError struct {
	ID, Version string
	// Used: responses are stored that were scored by the registered definition. Else another process has registered its own.
	Used bool
}

func (e *ChangedDefinitionError) Error() string {
	query := fmt.Sprintf("SELECT definition FROM rapport_store.questionnaires WHERE id = '%s' AND version = '%s' ORDER BY registered_at", e.ID, e.Version)
	if e.Used {
		return fmt.Sprintf("questionnaire %s version %s is not what stored responses were scored by: a version once used is not changed. "+
			"Give the edited file a new version and a valid_from, beside the file as it was; or restore the file (what it said: %s)", e.ID, e.Version, query)
	}
	return fmt.Sprintf("questionnaire %s version %s was registered by another process with another definition: "+
		"give all processes the same files and start this one again (the definitions: %s)", e.ID, e.Version, query)
}

// Questionnaires keep the promise that all stored responses of a version were scored alike, by any number of processes:
//
//   - Register says by which definitions a process will score. It announces them first and looks for responses afterwards.
//   - Verify is called after responses were stored and before their offsets are committed.
//
// So of a process that registers another definition and one that stores responses at the same moment, at least one sees the
// other: the one fails to register, or the other does not commit and its responses are scored anew when they come again.
type Questionnaires struct {
	conn driver.Conn
	own  []Definition
}

// NewQuestionnaires makes a registry for a process that scores by these definitions.
func NewQuestionnaires(conn driver.Conn, own []Definition) *Questionnaires {
	return &Questionnaires{conn: conn, own: own}
}

type definitionKey struct{ id, version string }

// Register compares each definition with the registered one. A new one is registered, and so is another one as long as no
// response was scored by the one before; else the error is a *ChangedDefinitionError. Other errors say that the database
// did not answer: nothing is decided, and Register may be called again.
func (q *Questionnaires) Register(ctx context.Context) error {
	registered, err := q.read(ctx, "")
	if err != nil {
		return err
	}
	for _, d := range q.own {
		was, known := registered[definitionKey{d.ID, d.Version}]
		if was.Fingerprint == d.Fingerprint {
			continue
		}
		if known {
			if err := q.unused(ctx, d); err != nil {
				return err
			}
		}
		if err := q.replace(ctx, d); err != nil {
			return err
		}
	}
	return q.Verify(ctx)
}

// replace registers a definition. A process that scores by another one may store a response at the same moment: then it takes that back.
func (q *Questionnaires) replace(ctx context.Context, d Definition) error {
	if err := q.insert(ctx, d); err != nil {
		return err
	}
	others, err := q.read(ctx, "WHERE id = {id:String} AND version = {version:String} AND toString(fingerprint) != {fingerprint:String}",
		parameter("id", d.ID), parameter("version", d.Version), parameter("fingerprint", d.Fingerprint))
	if err != nil {
		return err
	}
	other, competes := others[definitionKey{d.ID, d.Version}]
	if !competes {
		return nil
	}
	if err := q.unused(ctx, d); err != nil {
		if undo := q.insert(ctx, other); undo != nil {
			return fmt.Errorf("%w; and the other definition cannot be registered again: %w", err, undo)
		}
		return err
	}
	return nil
}

// Verify says whether all definitions are still those registered; if not, the error is a *ChangedDefinitionError.
func (q *Questionnaires) Verify(ctx context.Context) error {
	registered, err := q.read(ctx, "")
	if err != nil {
		return err
	}
	for _, d := range q.own {
		if registered[definitionKey{d.ID, d.Version}].Fingerprint != d.Fingerprint {
			return &ChangedDefinitionError{ID: d.ID, Version: d.Version}
		}
	}
	return nil
}

// read gives of each version, among the definitions that the condition names, the one registered last: of all, the one that holds.
func (q *Questionnaires) read(ctx context.Context, condition string, parameters ...any) (map[definitionKey]Definition, error) {
	rows, err := q.conn.Query(ctx, `SELECT toString(id), toString(version), toString(fingerprint), definition FROM rapport_store.questionnaires
		`+condition+` ORDER BY id, version, registered_at DESC, fingerprint LIMIT 1 BY id, version`, parameters...)
	if err != nil {
		return nil, fmt.Errorf("read registered questionnaires: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[definitionKey]Definition{}
	for rows.Next() {
		var d Definition
		if err := rows.Scan(&d.ID, &d.Version, &d.Fingerprint, &d.Text); err != nil {
			return nil, fmt.Errorf("read registered questionnaires: %w", err)
		}
		out[definitionKey{d.ID, d.Version}] = d
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read registered questionnaires: %w", err)
	}
	return out, nil
}

// insert makes a definition the one that holds, even where the server's clock was set back.
func (q *Questionnaires) insert(ctx context.Context, d Definition) error {
	err := q.conn.Exec(ctx, `INSERT INTO rapport_store.questionnaires (id, version, fingerprint, definition, registered_at)
		SELECT {id:String}, {version:String}, {fingerprint:String}, {definition:String}, greatest(now64(6, 'UTC'),
			(SELECT max(registered_at) FROM rapport_store.questionnaires WHERE id = {id:String} AND version = {version:String}) + toIntervalMicrosecond(1))`,
		parameter("id", d.ID), parameter("version", d.Version), parameter("fingerprint", d.Fingerprint), parameter("definition", d.Text))
	if err != nil {
		return fmt.Errorf("register questionnaire %s version %s: %w", d.ID, d.Version, err)
	}
	return nil
}

// unused looks for a scored response of the version, any delivery of it.
func (q *Questionnaires) unused(ctx context.Context, d Definition) error {
	var n uint64
	err := q.conn.QueryRow(ctx, `SELECT count() FROM (SELECT 1 FROM rapport_store.survey_facts
		WHERE questionnaire = {id:String} AND questionnaire_version = {version:String} AND NOT retracted LIMIT 1)`,
		parameter("id", d.ID), parameter("version", d.Version)).Scan(&n)
	if err != nil {
		return fmt.Errorf("look for responses of questionnaire %s version %s: %w", d.ID, d.Version, err)
	}
	if n > 0 {
		return &ChangedDefinitionError{ID: d.ID, Version: d.Version, Used: true}
	}
	return nil
}

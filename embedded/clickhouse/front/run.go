package front

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
	"github.com/rapport-project/rapport/embedded/clickhouse/native"
)

// run executes a request. An error it returns was not answered yet.
func (s *Server) run(ctx context.Context, q *request, out *response) error {
	header, data, isInsert, err := q.insert()
	if err != nil {
		return err
	}
	text := header.sql
	if !isInsert {
		if text, err = q.statementText(); err != nil {
			return err
		}
		q.drain()
	}
	giveBack, err := s.slots.take(ctx, !isInsert && parseStatement(text).long)
	if err != nil {
		return err
	}
	defer giveBack()
	c, release, err := s.connection(q)
	if err != nil {
		return err
	}
	defer release()
	if isInsert {
		// Nothing cancels it: a body cut short stores nothing, one that is whole may as well be stored.
		if err := s.addTables(c, q); err != nil {
			return err
		}
		return s.insert(c, q, header, data, out)
	}
	stop := s.killer.watch(ctx, c)
	defer func() {
		stop()
		if ctx.Err() != nil {
			c.forget(q.sessionID != "")
		}
	}()
	defer endAnswer(ctx, out.w)()
	if err := s.addTables(c, q); err != nil {
		return err
	}
	return s.query(ctx, c, q, text, out)
}

// connection returns the connection of the request's session, or one of the pool, with the request's settings on it.
func (s *Server) connection(q *request) (*conn, func(), error) {
	var c *conn
	var err error
	var release func()
	database := first(q.database, defaultDatabase)
	if q.sessionID != "" {
		if c, err = s.sessions.get(q.sessionID, q.sessionCheck); err != nil {
			return nil, nil, err
		}
		database = first(q.database, c.database)
		release = func() { s.sessions.put(q.sessionID, q.sessionTimeout, q.closeSession) }
	} else {
		if c, err = s.pool.get(); err != nil {
			return nil, nil, err
		}
		release = func() { s.pool.put(c) }
	}
	if err := c.prepare(database, q.settings); err != nil {
		release()
		return nil, nil, err
	}
	return c, release, nil
}

// addTables makes the external tables of a request, which end with its connection.
func (s *Server) addTables(c *conn, q *request) error {
	for _, t := range q.external {
		c.dirty = true
		name := quoteName(t.name)
		if err := c.Exec("CREATE OR REPLACE TEMPORARY TABLE " + name + " (" + t.structure + ")"); err != nil {
			return err
		}
		i, err := c.Insert(chdb.Statement{SQL: "INSERT INTO " + name, Format: t.format})
		if err != nil {
			return err
		}
		err = i.Append(t.data)
		if err == nil {
			_, err = i.Done()
		}
		i.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) query(ctx context.Context, c *conn, q *request, text string, out *response) error {
	st := parseStatement(text)
	if err := s.check(c, q, st, text); err != nil {
		return err
	}
	format := first(st.format, q.format, "TabSeparated")
	out.begin(format)
	statement := chdb.Statement{SQL: text, Format: format, Params: q.params}
	// Totals and extremes come after the rows in parts of their own, which cannot be joined.
	if streamable[strings.ToLower(format)] && !st.totals && !enabled(q.settings["extremes"]) && (st.first == "SELECT" || st.first == "WITH") {
		err := s.stream(ctx, c, q, statement, out)
		if !errors.Is(err, errNotStreamed) {
			return err
		}
	}
	r, err := c.Query(statement)
	if err != nil {
		return err
	}
	defer r.Close()
	out.stats = r.Stats()
	if err := writePart(out, q, format, r.Bytes()); err != nil {
		return err
	}
	return finish(out)
}

// check refuses what a server would refuse, and marks connections that a statement changes.
func (s *Server) check(c *conn, q *request, st statement, text string) error {
	class, statements := c.Classify(text)
	switch {
	case st.first == "":
		return newError(codeSyntax, "SYNTAX_ERROR", "Syntax error: failed at position 1 (end of query): Empty query")
	case statements > 1:
		return newError(codeSyntax, "SYNTAX_ERROR", "Syntax error (Multi-statements are not allowed): %s", shortened(text))
	case st.intoOutfile:
		return newError(codeOutfile, "INTO_OUTFILE_NOT_ALLOWED", "INTO OUTFILE is not allowed")
	case class == chdb.Unknown:
		return nil // the engine says what is wrong with it
	case q.readonly != 0 && class != chdb.ReadOnly && !(class == chdb.Control && (st.first == "SET" || st.first == "USE")):
		return newError(codeReadonly, "READONLY", "Cannot execute query in readonly mode%s", readonlyHint(q))
	case q.readonly == 1 && (st.first == "SET" || len(q.settings) > 0):
		return newError(codeReadonly, "READONLY", "Cannot modify settings in readonly mode")
	}
	if class == chdb.Control {
		if q.sessionID == "" {
			c.dirty = true
		} else if st.first == "USE" {
			c.database = "" // whatever it is now, a database asked for has to be set again
		}
	}
	return nil
}

func readonlyHint(q *request) string {
	if q.get {
		return ". For queries over HTTP, method GET implies readonly. You should use method POST for modifying queries"
	}
	return ""
}

func shortened(text string) string {
	if len(text) > 200 {
		return text[:200] + "..."
	}
	return text
}

// errNotStreamed says that the engine does not stream this kind of statement.
var errNotStreamed = errors.New("statement is not streamed")

func (s *Server) stream(ctx context.Context, c *conn, q *request, statement chdb.Statement, out *response) error {
	stream, err := c.Stream(statement)
	if err != nil {
		if strings.Contains(err.Error(), "Streaming query is not supported") {
			return errNotStreamed
		}
		return err
	}
	defer stream.Close()
	var head []byte
	for {
		part, err := stream.Next()
		if err != nil {
			return err
		}
		if part == nil {
			break
		}
		out.stats.Add(part.Stats())
		data := part.Bytes()
		if n := headLength(statement.Format, data); head == nil {
			head = bytes.Clone(data[:n])
		} else if bytes.Equal(head, data[:n]) {
			data = data[n:]
		}
		err = writePart(out, q, statement.Format, data)
		part.Close()
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return errCancelled()
		}
	}
	return finish(out)
}

// writePart writes output of the engine, in the revision the client asked for.
func writePart(out *response, q *request, format string, part []byte) error {
	if q.revision > 0 && strings.EqualFold(format, "Native") {
		var err error
		if part, err = native.Transcode(make([]byte, 0, len(part)+len(part)/16+256), part, q.revision); err != nil {
			return newError(codeNotImplemented, "NOT_IMPLEMENTED", "%v", err)
		}
	}
	if _, err := out.Write(part); err != nil {
		return errors.Join(errClientGone, err)
	}
	return nil
}

func finish(out *response) error {
	if err := out.finish(); err != nil {
		return errors.Join(errClientGone, err)
	}
	return nil
}

// insertChunk is how much of a body is handed to the engine at once.
const insertChunk = 1 << 20

func (s *Server) insert(c *conn, q *request, h insertHeader, data io.Reader, out *response) error {
	if q.readonly != 0 {
		return newError(codeReadonly, "READONLY", "Cannot execute query in readonly mode%s", readonlyHint(q))
	}
	out.begin(first(q.format, "TabSeparated"))
	i, err := c.Insert(chdb.Statement{SQL: h.sql, Format: h.format, Params: q.params})
	if err != nil {
		return err
	}
	defer i.Close()
	buf := make([]byte, insertChunk)
	for {
		n, err := fill(data, buf)
		if aerr := i.Append(buf[:n]); aerr != nil {
			return aerr
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			i.Cancel()
			return bodyError(err)
		}
	}
	stats, err := i.Done()
	if err != nil {
		return err
	}
	out.stats = stats
	return finish(out)
}

// fill reads until buf is full. Unlike io.ReadFull it keeps the end of the data apart from a body cut short, whose rows
// must not be stored.
func fill(r io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var k int
		k, err = r.Read(buf[n:])
		n += k
	}
	return n, err
}

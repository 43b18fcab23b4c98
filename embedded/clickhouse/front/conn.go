package front

import (
	"encoding/json"
	"strings"

	"github.com/rapport-project/rapport/embedded/clickhouse/chdb"
)

const defaultDatabase = "default"

// conn is a connection of the engine with what has been set on it, so that a query finds exactly the settings it came
// with, whatever ran before.
type conn struct {
	*chdb.Conn
	database string
	applied  map[string]string
	base     map[string]string
	mark     string // value of markSetting, which no other connection has
	// dirty says that the connection carries what a later query must not see, so it is closed instead of reused.
	dirty bool
}

// baseQuery reads the settings that differ from the engine's defaults on a new connection.
const baseQuery = "SELECT name, value FROM system.settings WHERE changed"

func openConn(lib *chdb.Library, mark string) (*conn, error) {
	c, err := lib.Connect()
	if err != nil {
		return nil, err
	}
	out := &conn{Conn: c, database: defaultDatabase, base: map[string]string{}, mark: mark}
	// Set before the base is read, so that a reset of settings brings it back.
	if err := c.Exec("SET " + markSetting + " = " + quote(mark)); err != nil {
		c.Close()
		return nil, err
	}
	r, err := c.Query(chdb.Statement{SQL: baseQuery, Format: "JSONCompactEachRow"})
	if err != nil {
		c.Close()
		return nil, err
	}
	defer r.Close()
	for line := range strings.Lines(string(r.Bytes())) {
		var pair [2]string
		if err := json.Unmarshal([]byte(line), &pair); err != nil {
			c.Close()
			return nil, err
		}
		out.base[pair[0]] = pair[1]
	}
	return out, nil
}

// prepare sets database and settings for the next query. A failure leaves the connection dirty.
func (c *conn) prepare(database string, wanted map[string]string) error {
	if database != c.database {
		if err := c.Exec("USE " + quoteName(database)); err != nil {
			c.dirty = true
			return err
		}
		c.database = database
	}
	for name := range wanted {
		if !settingName.MatchString(name) {
			return newError(codeUnknownSetting, "UNKNOWN_SETTING", "Unknown setting '%s'", name)
		}
	}
	changes := settingsDiff(c.applied, wanted, c.base)
	if len(changes) == 0 {
		return nil
	}
	if err := c.Exec("SET " + strings.Join(changes, ", ")); err != nil {
		c.dirty = true
		return err
	}
	c.applied = wanted
	return nil
}

// forget frees what a cancelled query left behind: the engine holds its state, memory included, until the connection's
// next statement or end.
func (c *conn) forget(keep bool) {
	if !keep || c.Exec("SELECT 1") != nil {
		c.dirty = true
	}
}

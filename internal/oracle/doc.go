// Package oracle recomputes from the events alone what the stored rollups must be: plain Go over the JSON that was sent,
// read as the metric catalogue says, sharing no code with the processors, the scoring or the SQL. Its one loan is the
// payload hash, because which of two conflicting events wins is defined by that hash.
package oracle

// Package native rewrites blocks of ClickHouse's Native format from protocol revision 0, which libchdb writes, to the
// revision a client asks for. The revisions differ by a block info before each block (from 1) and a byte before each
// column's data that tells of custom serialization (from 54454), so columns are copied as they are: only their ends have
// to be found, which takes a walk over the column by its type.
package native

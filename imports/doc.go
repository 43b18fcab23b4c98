// Package imports turns the rows of files (CSV, NDJSON) into events by a mapping file that an analyst writes. A row becomes
// events by its own content alone, ids included, so that importing a file twice, or one that has grown, changes nothing that
// was there. Reading and publishing are at the edge; what a row becomes is a pure function of row and mapping.
package imports

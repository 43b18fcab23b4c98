// Package store is rapport's ClickHouse: how to connect to it, and its schema as SQL files. Tables live in database
// rapport_store, what BI tools read lives as views in database rapport; the files under sql say what each holds and why it is
// sorted as it is.
package store

// Package sinks makes what processors come to durable: fact rows and the accounting of every offset go to ClickHouse, records
// that cannot be used to the dead-letter topic. Every write can be repeated without changing anything.
package sinks

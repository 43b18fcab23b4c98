// Package promrules tests the alert rules of deploy/prometheus with Prometheus's own parser and engine. It is no part of the
// project's module, because that brings modules that nothing else needs.
package promrules

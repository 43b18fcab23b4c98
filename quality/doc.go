// Package quality looks at what is stored and says how good it is: which values of attributes are shown and which are too many,
// and the accounting of data_quality as metrics, for those who watch Prometheus and not SQL.
package quality

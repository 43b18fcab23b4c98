// Package metrics is the registry: every figure of the catalogue is defined here once, with its names in English and Chinese, its formula in
// words and in SQL, its unit, what it leaves out, and how it is made of states. Views, API, alert rules, labels and the metric page of the
// docs come from it. It is pure: states in, samples out; a sample knows its value, its interval and whether it differs from another.
package metrics

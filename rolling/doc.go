// Package rolling computes the figures of windows that roll, exact at their edges: whole days of the tenant from rollups, the parts of days at both
// ends and everything up to a day from facts. It keeps the present ones (rolling_metrics) and a row per hour and changed value
// (rolling_metrics_history), publishes what changed, and answers the same for any instant, cut and series.
package rolling

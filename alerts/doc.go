// Package alerts watches figures by rules: it fires when a figure is past a bound and the sample says so, and tells who is to know. What a rule
// says is read here and every mistake in it explained; one step of an alert's life is a pure function; the evaluator walks the grid of instants
// of every group of rules, and stores what came of an instant before anything of it is sent. The same code goes over history for a backtest.
package alerts

// Package questionnaires holds the definitions of surveys, which are files, and scores responses by them. What is scored
// is exact: weights are scaled to integers and an index is a fraction of integers, so that sums over responses do not
// depend on the order in which they arrive.
package questionnaires

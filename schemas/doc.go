// Package schemas is rapport's vocabulary: the events that apps publish, how they are parsed and refused, the topics they
// travel on, and the rows they become. The JSON Schemas and the AsyncAPI document beside this file are the contract for
// producers; Parse gives the same verdict as they do.
package schemas

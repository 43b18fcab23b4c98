// Package auth tells who calls: it turns the credential of an HTTP request into a Caller, whose tenant every later step
// uses. Nothing a caller writes in a body or a query chooses the tenant.
package auth

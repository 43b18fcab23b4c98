// Package docs holds the pages for users and operators, and the tests that hold every page of the repository to the code.
package docs

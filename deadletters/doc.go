// Package deadletters is what an operator does with records that could not be used: look at them, publish them again once the cause is mended, and remove what
// they hold. A letter's row stays whatever is done, so that the accounting stays right; its state is kept beside it.
package deadletters

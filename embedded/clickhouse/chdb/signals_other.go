//go:build !linux

package chdb

// The library is for Linux, where signals are saved around its calls; elsewhere this only has to compile.

type signals struct{}

func saveSignals() *signals { return &signals{} }

func (*signals) restore() {}

//go:build !static

package chdb

import "github.com/ebitengine/purego"

// Linked tells whether this binary can load the library: nil, or why not.
func Linked() error { return nil }

func dlopen(path string) (uintptr, error) {
	return purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
}

func dlsym(handle uintptr, name string) (uintptr, error) { return purego.Dlsym(handle, name) }

func registerFunc(fn any, symbol uintptr) { purego.RegisterFunc(fn, symbol) }

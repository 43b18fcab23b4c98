package chdb

import (
	"debug/elf"
	"fmt"
	"runtime"
)

// Supported tells whether the library at path is one for this machine; it reads the head of the file only.
func Supported(path string) error {
	if runtime.GOOS != "linux" {
		return fmt.Errorf("it needs Linux, this is %s", runtime.GOOS)
	}
	f, err := elf.Open(path)
	if err != nil {
		return fmt.Errorf("%s is not a shared library: %w", path, err)
	}
	defer func() { _ = f.Close() }()
	want := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}[runtime.GOARCH]
	if f.Machine != want {
		return fmt.Errorf("%s is for %s, this machine is %s", path, f.Machine, runtime.GOARCH)
	}
	return nil
}

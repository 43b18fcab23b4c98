package deploytest

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
)

// User is whom the image runs as, by number.
const User = 65532

// Static builds the binary as the Dockerfile does, by `make static`, and returns its path. root is the repository's.
func Static(t testing.TB, root string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "rapport")
	build := exec.CommandContext(t.Context(), "make", "static", "VERSION=v1.2.3-test", "STATIC="+path)
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("make static: %v\n%s", err, out)
	}
	return path
}

// Image is a root folder with nothing in it but /rapport and what is mounted, none of which its processes may write.
type Image struct{ root string }

// NewImage makes the image of a binary. A test that may not change the root folder of a child is skipped, under CI it fails.
func NewImage(t testing.TB, binary string) Image {
	t.Helper()
	i := Image{root: filepath.Join(t.TempDir(), "image")}
	i.copy(t, binary, "/rapport", 0o755)
	if out, err := i.Command(nil, "version").CombinedOutput(); os.IsPermission(err) {
		Lacks(t, "a child of this process cannot have a root folder of its own (needs root, or user namespaces): %v", err)
	} else if err != nil {
		t.Fatalf("the binary alone in a root folder: %v\n%s", err, out)
	}
	return i
}

// Mount makes the files at source, a folder or a file, visible at target.
func (i Image) Mount(t testing.TB, source, target string) {
	t.Helper()
	err := filepath.WalkDir(source, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(source, name)
		if err != nil {
			return err
		}
		i.copy(t, name, filepath.Join(target, rel), 0o644)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (i Image) copy(t testing.TB, source, target string, mode os.FileMode) {
	t.Helper()
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	target = filepath.Join(i.root, target)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(target, text, mode); err != nil {
		t.Fatal(err)
	}
}

// Files are the paths of all files there are, seen from within.
func (i Image) Files(t testing.TB) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(i.root, func(name string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, name[len(i.root):])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Command is rapport with args as a container runs it: its root folder, its user, an environment of nothing but environ.
func (i Image) Command(environ []string, args ...string) *exec.Cmd {
	cmd := exec.Command("/rapport", args...) //nolint:noctx // killed by its caller, at moments of the test's choosing
	cmd.Dir, cmd.Env = "/", append([]string{}, environ...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: i.root}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: User, Gid: User}
		return cmd
	}
	// Who is not root may change the root folder within a user namespace, where this user bears the other number.
	cmd.SysProcAttr.Cloneflags = syscall.CLONE_NEWUSER
	cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: User, HostID: os.Getuid(), Size: 1}}
	cmd.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{ContainerID: User, HostID: os.Getgid(), Size: 1}}
	return cmd
}

package chdb

import (
	"runtime"
	"unsafe"
)

// Class says what a statement changes.
type Class uint32

// The classes as the engine's parser gives them.
const (
	ReadOnly       Class = 0 // SELECT, SHOW, DESCRIBE, EXPLAIN, EXISTS
	Mutating       Class = 1 // changes a database
	MutatingGlobal Class = 2 // changes what is beside databases: functions, users
	Control        Class = 3 // SET, USE, SYSTEM, KILL and what writes outside the engine
	Unknown        Class = 4 // does not parse
)

type analysis struct{ structSize, statements, flags, class uint32 }

// Classify parses a statement without running it; statements is how many the text holds, 0 where it does not parse.
func (c *Conn) Classify(sql string) (class Class, statements int) {
	text := []byte(sql)
	out := &analysis{structSize: uint32(unsafe.Sizeof(analysis{})), class: uint32(Unknown)}
	state := c.lib.fn.classify(c.inner(), unsafe.Pointer(unsafe.SliceData(text)), uintptr(len(text)), nil, 0, unsafe.Pointer(out))
	runtime.KeepAlive(text)
	if state != 0 {
		return Unknown, 0
	}
	return Class(out.class), int(out.statements)
}

package sinks

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// Class is what kind of trouble a failed write met. Every failed write is tried again whatever its class; the class says how
// loudly to complain and labels the metric.
type Class string

// The classes.
const (
	// ClassTimeout: no answer in time, from the network or within ClickHouse's own limits.
	ClassTimeout Class = "timeout"
	// ClassNetwork: the connection could not be made or broke, or ClickHouse is starting or stopping.
	ClassNetwork Class = "network"
	// ClassOverloaded: ClickHouse asks for patience: too many parts, queries or bytes of memory, or it is read-only for now.
	ClassOverloaded Class = "overloaded"
	// ClassCanceled: the caller gave up.
	ClassCanceled Class = "canceled"
	// ClassRefused: ClickHouse or the client says no in a way that time alone does not cure: a missing table or grant, a full
	// disk, a type that does not fit.
	ClassRefused Class = "refused"
)

// Classify says what kind of trouble err is; ” for nil.
func Classify(err error) Class {
	var exception *proto.Exception
	var network net.Error
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return ClassCanceled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, clickhouse.ErrAcquireConnTimeout):
		return ClassTimeout
	case errors.As(err, &exception):
		return classOf(exception.Code)
	case errors.As(err, &network):
		if network.Timeout() {
			return ClassTimeout
		}
		return ClassNetwork
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed):
		return ClassNetwork
	}
	return ClassRefused
}

// classOf sorts ClickHouse's error codes.
func classOf(code int32) Class {
	switch code {
	case 159, // TIMEOUT_EXCEEDED
		160, // TOO_SLOW
		209: // SOCKET_TIMEOUT
		return ClassTimeout
	case 210, // NETWORK_ERROR
		32,  // ATTEMPT_TO_READ_AFTER_EOF
		198, // DNS_ERROR
		236, // ABORTED
		279, // ALL_CONNECTION_TRIES_FAILED
		394, // QUERY_WAS_CANCELLED
		735, // QUERY_WAS_CANCELLED_BY_CLIENT
		999: // KEEPER_EXCEPTION
		return ClassNetwork
	case 201, // QUOTA_EXCEEDED
		202, // TOO_MANY_SIMULTANEOUS_QUERIES
		203, // NO_FREE_CONNECTION
		241, // MEMORY_LIMIT_EXCEEDED
		242, // TABLE_IS_READ_ONLY
		252, // TOO_MANY_PARTS
		285, // TOO_FEW_LIVE_REPLICAS
		319, // UNKNOWN_STATUS_OF_INSERT
		425, // SYSTEM_ERROR
		439, // CANNOT_SCHEDULE_TASK
		473: // DEADLOCK_AVOIDED
		return ClassOverloaded
	}
	return ClassRefused
}

// Transient says whether the same write can be expected to succeed by itself, later.
func Transient(err error) bool {
	switch Classify(err) {
	case ClassTimeout, ClassNetwork, ClassOverloaded:
		return true
	}
	return false
}

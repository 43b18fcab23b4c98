// Package kafkaproxy stands between Kafka clients and one broker and does to their requests what networks and brokers do in
// production: cuts them off, loses answers, refuses, corrupts. It reads the protocol, so that a test says "the third offset
// commit of that group" rather than "the next 512 bytes".
//
// It tells clients that it is the broker: what answers say of the broker's address is replaced by its own.
package kafkaproxy

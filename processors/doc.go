// Package processors turns events into fact rows. A processor is a pure function of one event and the definitions: no
// clock, no random, no network, so that the same event gives the same rows wherever and however often it is processed.
package processors

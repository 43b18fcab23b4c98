package kafkaproxy

import (
	"encoding/binary"
	"errors"

	"github.com/twmb/franz-go/pkg/kmsg"
)

var errShort = errors.New("a message that ends too soon")

// judge decodes a request and asks the rule about it.
func (p *Proxy) judge(b []byte) (pending, error) {
	if len(b) < 10 {
		return pending{}, errShort
	}
	key, version := int16(binary.BigEndian.Uint16(b)), int16(binary.BigEndian.Uint16(b[2:]))
	body := kmsg.RequestForKey(key)
	if body == nil {
		return pending{}, errors.New("an unknown kind of request")
	}
	body.SetVersion(version)
	rest := b[8:]
	n := int(int16(binary.BigEndian.Uint16(rest)))
	rest = rest[2:]
	var client string
	if n > 0 {
		if len(rest) < n {
			return pending{}, errShort
		}
		client, rest = string(rest[:n]), rest[n:]
	}
	one := pending{request: Request{Client: client, Body: body}}
	p.mu.Lock()
	rule := p.rule
	p.mu.Unlock()
	if body.IsFlexible() {
		if len(rest) == 0 || rest[0] != 0 {
			return pending{}, errors.New("a header with tags")
		}
		rest = rest[1:]
	}
	if rule == nil {
		return one, nil // undecoded: nobody looks at it
	}
	if err := body.ReadFrom(rest); err != nil {
		return pending{}, err
	}
	one.action = rule(one.request)
	return one, nil
}

// header is the length of an answer's header: the correlation id and, in flexible versions but for ApiVersions, tags.
func header(request kmsg.Request) int {
	if request.IsFlexible() && request.Key() != int16(kmsg.ApiVersions) {
		return 5
	}
	return 4
}

// answerTo frames an answer that the broker did not give.
func answerTo(request []byte, answer kmsg.Response) []byte {
	b := append([]byte(nil), request[4:8]...)
	if answer.IsFlexible() && answer.Key() != int16(kmsg.ApiVersions) {
		b = append(b, 0)
	}
	return answer.AppendTo(b)
}

// alter is the broker's answer as the client is to get it: with the proxy in place of the broker, and as the action wants it.
func (p *Proxy) alter(b []byte, one pending) ([]byte, error) {
	key := kmsg.Key(one.request.Body.Key())
	p.mu.Lock()
	watch := p.watch
	p.mu.Unlock()
	watched := key == kmsg.Fetch && watch != nil
	names := key == kmsg.Metadata || key == kmsg.FindCoordinator || key == kmsg.DescribeCluster
	if names || watched || one.action.Answer != nil {
		head := header(one.request.Body)
		if len(b) < head {
			return nil, errShort
		}
		answer := one.request.Body.ResponseKind()
		answer.SetVersion(one.request.Body.GetVersion())
		if err := answer.ReadFrom(b[head:]); err != nil {
			return nil, err
		}
		if watched {
			watch(one.request, answer)
		}
		if names {
			p.pose(answer)
		}
		if one.action.Answer != nil {
			one.action.Answer(answer)
		}
		if names || one.action.Answer != nil {
			b = answer.AppendTo(append([]byte(nil), b[:head]...))
		}
	}
	if one.action.Alter != nil {
		one.action.Alter(b)
	}
	return b, nil
}

// pose puts the proxy's address where the broker's is.
func (p *Proxy) pose(answer kmsg.Response) {
	switch r := answer.(type) {
	case *kmsg.MetadataResponse:
		for i := range r.Brokers {
			r.Brokers[i].Host, r.Brokers[i].Port = p.host, p.port
		}
	case *kmsg.FindCoordinatorResponse:
		if r.Host != "" {
			r.Host, r.Port = p.host, p.port
		}
		for i := range r.Coordinators {
			if r.Coordinators[i].Host != "" {
				r.Coordinators[i].Host, r.Coordinators[i].Port = p.host, p.port
			}
		}
	case *kmsg.DescribeClusterResponse:
		for i := range r.Brokers {
			r.Brokers[i].Host, r.Brokers[i].Port = p.host, p.port
		}
	}
}

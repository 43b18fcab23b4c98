package kafkaproxy

import "github.com/twmb/franz-go/pkg/kmsg"

// RefuseGroup is the answer with an error to what a group's members ask of its coordinator: to find it, to join, to synchronise, to be alive, to
// commit. False where the request is none of these.
func RefuseGroup(r Request, code int16) (Action, bool) {
	if c, ok := r.Body.(*kmsg.OffsetCommitRequest); ok {
		return RefuseCommit(c, code), true
	}
	answer := r.Body.ResponseKind()
	switch a := answer.(type) {
	case *kmsg.FindCoordinatorResponse:
		a.ErrorCode = code
	case *kmsg.JoinGroupResponse:
		a.ErrorCode = code
	case *kmsg.SyncGroupResponse:
		a.ErrorCode = code
	case *kmsg.HeartbeatResponse:
		a.ErrorCode = code
	default:
		return Action{}, false
	}
	return Action{Refuse: answer}, true
}

// DenyPartitions has each partition of a Fetch or ListOffsets request be answered with an error. False where the request is neither.
func DenyPartitions(r Request, code int16) (Action, bool) {
	switch r.Body.(type) {
	case *kmsg.FetchRequest:
		return Action{Answer: func(answer kmsg.Response) {
			for _, t := range answer.(*kmsg.FetchResponse).Topics {
				for i := range t.Partitions {
					t.Partitions[i].ErrorCode, t.Partitions[i].RecordBatches = code, nil
				}
			}
		}}, true
	case *kmsg.ListOffsetsRequest:
		return Action{Answer: func(answer kmsg.Response) {
			for _, t := range answer.(*kmsg.ListOffsetsResponse).Topics {
				for i := range t.Partitions {
					t.Partitions[i].ErrorCode = code
				}
			}
		}}, true
	}
	return Action{}, false
}

// Generation of the group that the request speaks for, with the group's name; false for requests that name none.
func (r Request) Generation() (group string, generation int32, ok bool) {
	switch b := r.Body.(type) {
	case *kmsg.HeartbeatRequest:
		return b.Group, b.Generation, true
	case *kmsg.SyncGroupRequest:
		return b.Group, b.Generation, true
	case *kmsg.OffsetCommitRequest:
		return b.Group, b.Generation, true
	}
	return "", 0, false
}

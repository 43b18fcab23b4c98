package kafka_test

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"github.com/rapport-project/rapport/embedded/kafka/kafkatest"
	"github.com/rapport-project/rapport/internal/kafka"
)

// promise is what the adapter says it does, whatever client library is below it and whatever broker is in front of it.
type promise struct {
	name, says string
	keeps      func(t *testing.T, b kafkatest.Broker)
}

// contract is all of them.
var contract = []promise{
	{"acks", "every produce request asks for the acknowledgement of all replicas", everyProduceRequestAsksForAllReplicas},
	{"too-large", "a message beyond the limit is named by its index and nothing of the call is sent", at(tooLargeMessageSendsNothing)},
	{"lost-answer", "an answer that is lost is an error, although the message may be there, and publishing again succeeds", lostAnswerIsAnError},
	{"publish-ends", "a publish ends with its context while the broker is silent", publishEndsWithItsContext},
	{"in-flight", "what waits for acknowledgement is bounded, beyond it nothing is sent", inFlightBytesAreBounded},
	{"full-batches", "small messages share requests that stay within the broker's limit", at(smallMessagesFillLargeBatches)},
	{"round-trip", "every part of a record is read as it was written, null apart from empty", at(roundTripKeepsEveryPartOfARecord)},
	{"reads-others", "what another client writes is read, in every compression", at(readsWhatOtherClientsWrite)},
	{"others-read", "another client reads what is written, and both put a key into the same partition", at(otherClientsReadWhatWeWrite)},
	{"order", "messages of a key are read in the order of their publishing, through lost answers too", orderIsKept},
	{"large-first", "a batch larger than the fetch comes whole when it is the first", at(largestAcceptedMessageFitsTheBrokersLimit)},
	{"fetch-bounds", "a batch of the fetch ends at its records, its bytes or its time", at(fetchBatchHonoursItsLimits)},
	{"bomb", "a batch that unpacks beyond the bound is not read, and the records behind it are", at(bombDoesNotStopItsPartition)},
	{"unreadable", "records that their producer made unreadable come as unread, and the records behind them as they are", unreadableDoesNotStopItsPartition},
	{"damage", "a damaged batch is neither delivered nor skipped: the partition is held, it is asked for again, and told", damagedBatchesAreHeldAndToldOf},
	{"damaged-frame", "the same for the frame around the batches", damagedFramesAreHeldAndToldOf},
	{"aborted", "records of aborted transactions are not delivered, and their markers hold nothing up", at(abortedTransactionsAreNotDelivered)},
	{"gap", "what was gone before it was read is reported, once", at(gapsAreReportedOnce)},
	{"no-gap", "what was gone before there was a group is no gap", at(noGapForANewGroupOnATrimmedTopic)},
	{"topic-anew", "a topic that was made anew is read from its start", at(topicMadeAnewIsReadFromItsStart)},
	{"topic-away", "a group whose topic is gone holds nothing, does not join over and over, and goes on when there is one again", at(topicAwayForLonger)},
	{"lag", "the lag is what is left between the commit and the end", at(lagCountsWhatIsLeft)},
	{"stale-commit", "a commit by a generation that is over is refused and moves nothing", at(commitThroughAnOldGenerationFails)},
	{"rebalance", "a partition goes on with another member from the committed offset, without a jump", at(membersShareAndRebalanceWithoutLoss)},
	{"storm", "members that come and go all the time lose nothing", at(func(t *testing.T, cfg kafka.Config) { storm(t, cfg) })},
	{"stop", "a stopped member may flush and commit, and the next one need not wait for it", at(stopDrainsAndCommits)},
	{"handler-fails", "a handler that fails is called again from the committed offset", at(failingHandlerIsRetriedFromTheCommit)},
	{"coordinator", "errors of the coordinator and the leader cost time only", brokerErrorsCostOnlyTime},
	{"broker-back", "a broker that dies and is back on its port is gone on with", brokerDownAndBack},
	{"added-partitions", "partitions that are added are found", at(addedPartitionsAreFound)},
	{"scan", "a span read outside of groups is all of its records and no others", at(scanReadsItsSpanAlone)},
	{"scan-gone", "a span of which retention has taken a part says so", at(scanSaysWhatIsGone)},
	{"offsets-at", "the first offset at or after an instant is found", at(offsetsAtATime)},
	{"retention", "how long a topic keeps its records is what the broker is set to", at(retention)},
	{"late-topic", "a member waits for its topic", at(runWaitsForItsTopic)},
	{"ensure-topics", "topics are made and corrected", at(ensureTopicsCreatesAndCorrects)},
	{"ensured-usable", "topics can be used once they are ensured", at(topicsCanBeUsedOnceEnsured)},
	{"unknown-topics", "unknown topics are errors", at(unknownTopicsAreErrors)},
}

// TestContract holds the adapter to its promises on both brokers. Another client library below it has to pass the same.
func TestContract(t *testing.T) {
	realKafka.Each(t, func(t *testing.T, b kafkatest.Broker) {
		for _, p := range contract {
			t.Run(p.name, func(t *testing.T) {
				t.Log(p.says)
				p.keeps(t, b)
			})
		}
	})
}

// at makes a promise of a test that needs no more than a broker's address.
func at(test func(*testing.T, kafka.Config)) func(*testing.T, kafkatest.Broker) {
	return func(t *testing.T, b kafkatest.Broker) { test(t, config(b.Addr)) }
}

// TestRisksNameTheirPromises: the decision says for each risk of the library which promise answers it; those are there.
func TestRisksNameTheirPromises(t *testing.T) {
	page, err := os.ReadFile("../../docs/adr/0001-kafka-go-confined.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`contract/([a-z-]+)`").FindAllSubmatch(page, -1)
	if len(named) < 10 {
		t.Fatalf("the page names %d promises", len(named))
	}
	for _, n := range named {
		if !slices.ContainsFunc(contract, func(p promise) bool { return p.name == string(n[1]) }) {
			t.Errorf("the page names the promise %s, which is none", n[1])
		}
	}
}

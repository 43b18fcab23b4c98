package kafkatest

import "fmt"

// properties are the settings of a broker that is its own controller. What is not said here is as Kafka ships it.
func properties(broker, controller, data string) string {
	return fmt.Sprintf(`
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@%[2]s
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://%[1]s,CONTROLLER://%[2]s
advertised.listeners=PLAINTEXT://%[1]s
log.dirs=%[3]s
auto.create.topics.enable=false
# There is one broker.
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
# Fewer files to make while the first test waits.
offsets.topic.num.partitions=4
transaction.state.log.num.partitions=4
# A dead member is to be missed soon, and a first one not kept waiting.
group.min.session.timeout.ms=100
group.initial.rebalance.delay.ms=0
# A killed broker is let in again once its old session has run out.
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
`, broker, controller, data)
}

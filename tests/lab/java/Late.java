import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.*;

/**
 * Delivers old changes again, late: java -cp 'JARS/*' Late.java BOOTSTRAP TOPIC
 * Each key's first record is written once more at the end of its partition, if the key has other records. Prints how many.
 */
public class Late {
    public static void main(String[] arguments) throws Exception {
        String topic = arguments[1];
        Map<String, Object> reading = new HashMap<>(Map.of("bootstrap.servers", arguments[0]));
        List<ConsumerRecord<byte[], byte[]>> late = new ArrayList<>();
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(reading, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.partitionsFor(topic).forEach(it -> partitions.add(new TopicPartition(topic, it.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            Map<String, ConsumerRecord<byte[], byte[]>> first = new LinkedHashMap<>();
            Set<String> changed = new HashSet<>();
            while (ends.entrySet().stream().anyMatch(it -> consumer.position(it.getKey()) < it.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                    String key = new String(record.key(), java.nio.charset.StandardCharsets.UTF_8);
                    if (first.putIfAbsent(key, record) != null) changed.add(key);
                }
            }
            first.forEach((key, record) -> {
                if (changed.contains(key) && record.value() != null) late.add(record);
            });
        }
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", arguments[0]), new ByteArraySerializer(), new ByteArraySerializer())) {
            for (ConsumerRecord<byte[], byte[]> record : late) {
                producer.send(new ProducerRecord<>(topic, record.partition(), record.key(), record.value()));
            }
            producer.flush();
        }
        System.out.println(late.size());
    }
}

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads whole topics of Debezium envelopes and counts: java -cp 'JARS/*' Records.java BOOTSTRAP TOPIC...
 * One JSON line a topic: records, tombstones, unreadable, ops {r, c, u, d}, duplicates (same key, source position and op seen again).
 */
public class Records {
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("key.deserializer", ByteArrayDeserializer.class);
        settings.put("value.deserializer", ByteArrayDeserializer.class);
        settings.put("max.poll.records", 5000);
        settings.put("fetch.max.bytes", 64 << 20);
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
            for (String topic : Arrays.asList(arguments).subList(1, arguments.length)) {
                System.out.println(count(consumer, topic));
            }
        }
    }

    private static String count(KafkaConsumer<byte[], byte[]> consumer, String topic) throws Exception {
        ObjectMapper json = new ObjectMapper();
        List<TopicPartition> partitions = new ArrayList<>();
        consumer.partitionsFor(topic).forEach(it -> partitions.add(new TopicPartition(topic, it.partition())));
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        long records = 0, tombstones = 0, unreadable = 0, duplicates = 0;
        Map<String, Long> ops = new TreeMap<>();
        Set<String> seen = new HashSet<>();
        while (ends.entrySet().stream().anyMatch(it -> consumer.position(it.getKey()) < it.getValue())) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                records++;
                if (record.value() == null) {
                    tombstones++;
                    continue;
                }
                JsonNode value;
                try {
                    value = json.readTree(record.value());
                } catch (Exception notJson) {
                    unreadable++;
                    continue;
                }
                JsonNode envelope = value.has("payload") ? value.get("payload") : value;
                JsonNode key = record.key() == null ? json.nullNode() : json.readTree(record.key());
                String op = envelope.path("op").asText("?");
                ops.merge(op, 1L, Long::sum);
                String change = (key.has("payload") ? key.get("payload") : key) + "|" + envelope.path("source").path("lsn") + "|" + op;
                if (!seen.add(change)) duplicates++;
            }
        }
        StringJoiner opsText = new StringJoiner(",", "{", "}");
        ops.forEach((op, n) -> opsText.add("\"" + op + "\":" + n));
        return "{\"topic\":\"" + topic + "\",\"records\":" + records + ",\"tombstones\":" + tombstones + ",\"unreadable\":" + unreadable
            + ",\"duplicates\":" + duplicates + ",\"ops\":" + opsText + "}";
    }
}

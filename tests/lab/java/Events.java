import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Events as applications write and read them: java -cp 'JARS/*' Events.java BOOTSTRAP write PACE (JSON lines {topic, key, event, value} on standard
 * input, PACE a second), or read TOPIC... (JSON lines, partition by partition).
 */
public class Events {
    public static void main(String[] arguments) throws Exception {
        if (arguments[1].equals("write")) {
            write(arguments[0], Integer.parseInt(arguments[2]));
        } else {
            read(arguments[0], Arrays.asList(arguments).subList(2, arguments.length));
        }
    }

    private static void write(String bootstrap, int pace) throws Exception {
        ObjectMapper json = new ObjectMapper();
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("acks", "all");
        settings.put("key.serializer", StringSerializer.class);
        settings.put("value.serializer", StringSerializer.class);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        List<java.util.concurrent.Future<RecordMetadata>> sent = new ArrayList<>();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(settings)) {
            long start = System.nanoTime();
            for (String line; (line = lines.readLine()) != null; ) {
                JsonNode record = json.readTree(line);
                ProducerRecord<String, String> next =
                    new ProducerRecord<>(record.get("topic").asText(), record.get("key").asText(), record.get("value").asText());
                if (record.hasNonNull("event")) next.headers().add("event", record.get("event").asText().getBytes(StandardCharsets.UTF_8));
                sent.add(producer.send(next));
                long ahead = sent.size() * 1_000_000_000L / pace - (System.nanoTime() - start);
                if (ahead > 20_000_000L) Thread.sleep(ahead / 1_000_000L);
            }
            for (var each : sent) each.get();
        }
    }

    private static void read(String bootstrap, List<String> topics) throws Exception {
        ObjectMapper json = new ObjectMapper();
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrap);
        settings.put("isolation.level", "read_committed");
        settings.put("key.deserializer", ByteArrayDeserializer.class);
        settings.put("value.deserializer", ByteArrayDeserializer.class);
        StringBuilder out = new StringBuilder();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings)) {
            for (String topic : topics) {
                for (var info : consumer.partitionsFor(topic)) {
                    TopicPartition partition = new TopicPartition(topic, info.partition());
                    consumer.assign(List.of(partition));
                    consumer.seekToBeginning(List.of(partition));
                    long end = consumer.endOffsets(List.of(partition)).get(partition);
                    while (consumer.position(partition) < end) {
                        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofSeconds(1))) {
                            ObjectNode line = json.createObjectNode();
                            line.put("topic", topic).put("partition", record.partition()).put("key", text(record.key())).put("value", text(record.value()));
                            Header event = record.headers().lastHeader("event");
                            line.put("event", event == null ? null : text(event.value()));
                            for (Header header : record.headers()) line.withArray("headers").add(header.key());
                            out.append(json.writeValueAsString(line)).append('\n');
                        }
                    }
                }
            }
        }
        System.out.print(out);
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }
}

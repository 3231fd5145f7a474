import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Writes the lines of a file, in their order: java -cp 'JARS/*' Produce.java BOOTSTRAP FILE
 * A line: topic, partition, key, value with tabs between; no partition, no key and no value (a tombstone) where they are empty.
 */
public class Produce {
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> settings = Map.of("bootstrap.servers", arguments[0], "enable.idempotence", true);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            int sent = 0;
            for (String line : Files.readAllLines(Path.of(arguments[1]))) {
                String[] parts = line.split("\t", 4);
                Integer partition = parts[1].isEmpty() ? null : Integer.valueOf(parts[1]);
                byte[] key = parts[2].isEmpty() ? null : parts[2].getBytes(StandardCharsets.UTF_8);
                byte[] value = parts[3].isEmpty() ? null : parts[3].getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(parts[0], partition, key, value));
                sent++;
            }
            producer.flush();
            System.out.println(sent);
        }
    }
}

import java.io.*;
import java.nio.charset.StandardCharsets;
import java.util.*;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Appends what it reads: java -cp 'JARS/*' Append.java BOOTSTRAP < lines
 * A line is a topic, a key and a value with tabs between. Says how many were acknowledged at the end; a record that is not, ends it with an error.
 */
public class Append {
    public static void main(String[] arguments) throws Exception {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", arguments[0]);
        settings.put("key.serializer", ByteArraySerializer.class);
        settings.put("value.serializer", ByteArraySerializer.class);
        settings.put("acks", "all");
        settings.put("linger.ms", 5);
        AtomicLong acknowledged = new AtomicLong();
        List<String> failures = Collections.synchronizedList(new ArrayList<>());
        try (Producer<byte[], byte[]> producer = new KafkaProducer<>(settings);
                BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] parts = line.split("\t", 3);
                byte[] key = parts[1].getBytes(StandardCharsets.UTF_8), value = parts[2].getBytes(StandardCharsets.UTF_8);
                producer.send(new ProducerRecord<>(parts[0], key, value), (metadata, failure) -> {
                    if (failure == null) acknowledged.incrementAndGet();
                    else failures.add(failure.toString());
                });
            }
            producer.flush();
        }
        System.out.println(acknowledged.get());
        if (!failures.isEmpty()) {
            System.err.println(failures.size() + " not acknowledged: " + failures.get(0));
            System.exit(1);
        }
    }
}

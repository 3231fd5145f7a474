import java.io.*;
import java.nio.file.*;
import java.util.*;
import java.util.regex.*;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.*;

/**
 * Flink SQL in one JVM: java -cp 'JARS/*' RunSql.java explain FILE... | run FILE [KEY=VALUE...]
 *
 * `explain` plans each file's statement set and prints the plan behind a line `== FILE`; a file that cannot be planned has `!! FILE reason` instead, and the
 * program ends with 1. `run` runs one file until it is ended; settings behind it win over the file's. References `${NAME}` are read from the environment; to
 * `explain` a missing one is its own name.
 */
public class RunSql {
    public static void main(String[] arguments) throws Exception {
        boolean run = arguments[0].equals("run");
        if (run) {
            Map<String, String> settings = new LinkedHashMap<>();
            for (String argument : Arrays.copyOfRange(arguments, 2, arguments.length)) {
                String[] pair = argument.split("=", 2);
                settings.put(pair[0], pair[1]);
            }
            TableResult result = null;
            Configuration configuration = new Configuration();
            List<String> statements = statements(read(arguments[1], true));
            statements.stream().map(RunSql::setting).filter(Objects::nonNull).forEach(it -> settings.putIfAbsent(it[0], it[1]));
            settings.forEach(configuration::setString);
            TableEnvironment environment = TableEnvironment.create(
                    EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration).build());
            for (String statement : statements) {
                if (setting(statement) == null) result = environment.executeSql(statement);
            }
            System.out.println("running");
            result.await();
            return;
        }
        boolean failed = false;
        for (String file : Arrays.copyOfRange(arguments, 1, arguments.length)) {
            try {
                Configuration configuration = new Configuration();
                List<String> statements = statements(read(file, false));
                statements.stream().map(RunSql::setting).filter(Objects::nonNull)
                        .forEach(it -> configuration.setString(it[0], it[1]));
                TableEnvironment environment = TableEnvironment.create(
                        EnvironmentSettings.newInstance().inStreamingMode().withConfiguration(configuration).build());
                StringBuilder plan = new StringBuilder();
                for (String statement : statements) {
                    if (setting(statement) != null) continue;
                    if (statement.startsWith("EXECUTE ")) {
                        String explain = "EXPLAIN CHANGELOG_MODE " + statement.substring("EXECUTE ".length());
                        environment.executeSql(explain).collect().forEachRemaining(row -> plan.append(row.getField(0)));
                    } else {
                        environment.executeSql(statement);
                    }
                }
                System.out.println("== " + file);
                System.out.println(plan);
            } catch (Exception error) {
                Throwable cause = error;
                StringBuilder reason = new StringBuilder();
                for (; cause != null; cause = cause.getCause()) reason.append(' ').append(cause.getMessage());
                System.out.println("!! " + file + reason.toString().replace('\n', ' '));
                failed = true;
            }
        }
        System.exit(failed ? 1 : 0);
    }

    private static String read(String file, boolean strict) throws IOException {
        String text = Files.readString(Path.of(file));
        Matcher matcher = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}").matcher(text);
        return matcher.replaceAll(found -> {
            String value = System.getenv(found.group(1));
            if (value == null && strict) throw new IllegalStateException(found.group(1) + " is not set");
            return Matcher.quoteReplacement(value == null ? found.group(1) : value.replace("'", "''"));
        });
    }

    /** A statement ends with a semicolon at the end of a line; a statement set ends with `END;`. */
    private static List<String> statements(String text) {
        List<String> all = new ArrayList<>();
        StringBuilder statement = new StringBuilder();
        for (String line : text.split("\n")) {
            if (statement.length() == 0 && (line.isBlank() || line.startsWith("--"))) continue;
            statement.append(line).append('\n');
            boolean set = statement.indexOf("EXECUTE STATEMENT SET") == 0;
            if (set ? line.equals("END;") : line.endsWith(";")) {
                String whole = statement.toString().trim();
                all.add(set ? whole : whole.substring(0, whole.length() - 1));
                statement.setLength(0);
            }
        }
        if (!statement.toString().isBlank()) throw new IllegalStateException("a statement has no end: " + statement);
        return all;
    }

    private static String[] setting(String statement) {
        Matcher matcher = Pattern.compile("SET '([^']*)' = '((?:[^']|'')*)'").matcher(statement);
        return matcher.matches() ? new String[] {matcher.group(1), matcher.group(2).replace("''", "'")} : null;
    }
}

import org.codelibs.opensearch.runner.OpenSearchRunner;

/** One OpenSearch node in this JVM, on the loopback: java -cp 'JARS/*' Search.java FOLDER HTTP_PORT TRANSPORT_PORT. */
public class Search {
    public static void main(String[] arguments) throws Exception {
        OpenSearchRunner runner = new OpenSearchRunner();
        runner.onBuild((number, settings) -> {
            settings.put("http.port", arguments[1]);
            settings.put("transport.port", arguments[2]);
            settings.put("network.host", "127.0.0.1");
            settings.put("discovery.type", "single-node");
            // The runner's own cluster bootstrap settings contradict single-node discovery.
            settings.remove("cluster.initial_cluster_manager_nodes");
            settings.remove("discovery.seed_hosts");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        });
        runner.build(OpenSearchRunner.newConfigs().basePath(arguments[0]).numOfNode(1).clusterName("lab").disableESLogger());
        Thread.currentThread().join();
    }
}

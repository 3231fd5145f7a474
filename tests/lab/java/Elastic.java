import org.codelibs.elasticsearch.runner.ElasticsearchClusterRunner;

/** One Elasticsearch node in this JVM, on the loopback: java -cp 'JARS/*' Elastic.java FOLDER HTTP_PORT TRANSPORT_PORT. */
public class Elastic {
    public static void main(String[] arguments) throws Exception {
        ElasticsearchClusterRunner runner = new ElasticsearchClusterRunner();
        runner.onBuild((number, settings) -> {
            settings.put("http.port", arguments[1]);
            settings.put("transport.port", arguments[2]);
            settings.put("network.host", "127.0.0.1");
            settings.put("discovery.type", "single-node");
            // The runner's own cluster bootstrap settings contradict single-node discovery.
            settings.remove("cluster.initial_master_nodes");
            settings.remove("discovery.seed_hosts");
            settings.put("cluster.routing.allocation.disk.threshold_enabled", false);
        });
        runner.build(ElasticsearchClusterRunner.newConfigs().basePath(arguments[0]).numOfNode(1).clusterName("lab").disableESLogger());
        Thread.currentThread().join();
    }
}

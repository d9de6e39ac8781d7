import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;

/**
 * Starts one of the local stack's services inside its own JVM: `Launcher dynamodb HOST PORT [DIR]` or
 * `Launcher elasticmq HOST PORT [DIR]`. With a directory the service keeps its state in files there, without one in memory.
 * DynamoDB Local has no option for the address it listens on, so the connector is told here; ElasticMQ reads properties.
 * The JVM ends when its standard input closes, that is, when the process that started it is gone, however it went.
 */
public final class Launcher {
    private static volatile boolean keeps; // state in files

    public static void main(String[] args) throws Exception {
        String dir = args.length > 3 ? args[3] : null;
        keeps = dir != null;
        Thread watch = new Thread(Launcher::endWithParent, "parent-watch");
        watch.setDaemon(true);
        watch.start();
        if (args[0].equals("dynamodb")) {
            dynamodb(args[1], args[2], dir);
        } else {
            elasticmq(args[1], args[2], dir);
        }
    }

    private static void endWithParent() {
        try {
            while (System.in.read() >= 0) {
                // nothing is ever sent: only the end counts
            }
        } catch (IOException gone) {
            // as good as an end
        }
        if (!keeps) {
            Runtime.getRuntime().halt(0);
        }
        System.exit(0); // runs the hooks that close the files
    }

    private static void dynamodb(String host, String port, String dir) throws Exception {
        Class<?> runner = Class.forName("software.amazon.dynamodb.services.local.main.ServerRunner");
        String[] options = dir == null
            ? new String[] {"-inMemory", "-sharedDb", "-disableTelemetry", "-port", port}
            : new String[] {"-dbPath", dir, "-sharedDb", "-disableTelemetry", "-port", port};
        Object proxy = runner.getMethod("createServerFromCommandLineArgs", String[].class).invoke(null, (Object) options);
        Field field = proxy.getClass().getDeclaredField("server");
        field.setAccessible(true);
        Object jetty = field.get(proxy);
        for (Object connector : (Object[]) jetty.getClass().getMethod("getConnectors").invoke(jetty)) {
            connector.getClass().getMethod("setHost", String.class).invoke(connector, host);
        }
        proxy.getClass().getMethod("start").invoke(proxy);
    }

    private static void elasticmq(String host, String port, String dir) throws Exception {
        System.setProperty("rest-sqs.bind-hostname", host);
        System.setProperty("rest-sqs.bind-port", port);
        System.setProperty("node-address.host", "127.0.0.1");
        System.setProperty("node-address.port", port);
        System.setProperty("aws.region", "us-east-1");
        if (dir != null) { // an embedded database holds queues and messages
            System.setProperty("messages-storage.enabled", "true");
            System.setProperty("messages-storage.uri", "jdbc:h2:" + dir + "/elasticmq;WRITE_DELAY=0");
        }
        Method main = Class.forName("org.elasticmq.server.Main").getMethod("main", String[].class);
        main.invoke(null, (Object) new String[0]);
    }
}

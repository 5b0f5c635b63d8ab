package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.switchboard.client.StompClient;
import io.switchboard.stomp.StompHeaders;
import io.switchboard.stomp.StompLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `switchboard pub`: one message, and the server's word that it has it.
@Command(
        name = "pub",
        mixinStandardHelpOptions = true,
        description = "Sends one message and waits until the server has confirmed it.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {"0:the server confirmed the message", "2:it did not"})
final class PubCommand implements Callable<Integer> {
    @Mixin private final ServerArguments server = new ServerArguments();

    @Parameters(index = "0", paramLabel = "DEST", description = "As /topic/greetings.")
    private String destination = "";

    @Parameters(index = "1", paramLabel = "BODY", description = "The text; - reads standard input.")
    private String body = "";

    @Option(
            names = "--key",
            paramLabel = "KEY",
            description = "What it is a value of, on a topic with state.")
    private String key = "";

    @Option(
            names = "--dedup-id",
            paramLabel = "ID",
            description = "Sent again with the same id, it is not delivered again.")
    private String dedupId = "";

    @Option(
            names = "--header",
            paramLabel = "NAME:VALUE",
            converter = HeaderArgument.Converter.class,
            description = "A header of the message; may be repeated.")
    private List<HeaderArgument> headers = new ArrayList<>();

    @Override
    public Integer call() throws IOException {
        ByteBuffer bytes = body.equals("-") ? standardInput() : UTF_8.encode(body);
        try (StompClient client = server.connect(System.getenv())) {
            client.publish(destination, headers(), bytes);
        }
        return 0;
    }

    private StompHeaders headers() {
        List<HeaderArgument> all = new ArrayList<>(headers);
        if (!key.isEmpty()) {
            all.add(new HeaderArgument("key", key));
        }
        if (!dedupId.isEmpty()) {
            all.add(new HeaderArgument("dedup-id", dedupId));
        }
        return HeaderArgument.headers(all);
    }

    private static ByteBuffer standardInput() throws IOException {
        int lengthMax = StompLimits.DEFAULT.bodyLengthMax();
        byte[] bytes = System.in.readNBytes(lengthMax + 1);
        if (bytes.length > lengthMax) {
            throw new IOException("expected at most " + lengthMax + " bytes on standard input");
        }
        return ByteBuffer.wrap(bytes);
    }
}

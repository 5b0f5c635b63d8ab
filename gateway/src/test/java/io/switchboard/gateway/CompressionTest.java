package io.switchboard.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/// That what many get is compressed once, and nothing else is.
class CompressionTest {
    /// Cuts every payload of more than 100 bytes down to 7: no good compression, but it shows.
    private static final class Cutting extends Client.TestFraming {
        int count;

        @Override
        public boolean compress(ByteBuffer out, int start) {
            if (out.position() - start <= 100) {
                return false;
            }
            count++;
            out.position(start + 7);
            return true;
        }
    }

    private final Node node = Node.local();
    private final Cutting cutting = new Cutting();
    private final Client publisher = new Client(node).connect();

    private Client subscriber(Client client) {
        return client.connect().send("SUBSCRIBE\nid:s\ndestination:/topic/a\n\n^");
    }

    private static String lastPiece(Client client) {
        return client.takePieces().getLast();
    }

    @Test
    void aMessageForManyIsCompressedOnce() {
        Client first = subscriber(new Client(node, cutting));
        Client second = subscriber(new Client(node, cutting));
        Client third = subscriber(new Client(node, cutting));

        publisher.send("SEND\ndestination:/topic/a\n\n" + "x".repeat(200) + "^");

        assertThat(lastPiece(first)).isEqualTo("CMESSAGE");
        assertThat(lastPiece(second)).isEqualTo("CMESSAGE");
        assertThat(lastPiece(third)).isEqualTo("CMESSAGE");
        assertThat(cutting.count).isEqualTo(1);
    }

    @Test
    void whoHasNoCompressionGetsItAsItIs() {
        Client compressed = subscriber(new Client(node, cutting));
        Client plain = subscriber(new Client(node));

        publisher.send("SEND\ndestination:/topic/a\n\n" + "x".repeat(200) + "^");

        assertThat(lastPiece(compressed)).isEqualTo("CMESSAGE");
        assertThat(lastPiece(plain)).startsWith("TMESSAGE\n").endsWith("xxx\0");
    }

    @Test
    void messagesBehindACompressedOneAreWhole() {
        Client client = subscriber(new Client(node, cutting));

        publisher.sendQuietly("SEND\ndestination:/topic/a\n\n" + "x".repeat(200) + "^", true);
        publisher.sendQuietly("SEND\ndestination:/topic/a\n\nsmall^", true);
        node.settle();

        List<String> pieces = client.takePieces();
        assertThat(pieces).hasSize(2);
        assertThat(pieces.getFirst()).isEqualTo("CMESSAGE");
        assertThat(pieces.getLast()).startsWith("TMESSAGE\n").endsWith("small\0");
    }

    @Test
    void whatTheSessionItselfSaysIsNotCompressed() {
        Client client = subscriber(new Client(node, cutting));

        client.send("SUBSCRIBE\nid:s\ndestination:/topic/a\nreceipt:" + "r".repeat(200) + "\n\n^");

        assertThat(client.next().headers().get("receipt-id")).hasSize(200);
        assertThat(cutting.count).isZero();
    }
}

package io.switchboard.server.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HeldBuffersTest {
    private final HeldBuffers held = new HeldBuffers();

    private static ByteBuf buffer(int capacity, String text) {
        return Unpooled.buffer(capacity).writeBytes(text.getBytes(US_ASCII));
    }

    private String first() {
        return US_ASCII.decode(held.first()).toString();
    }

    @Test
    void areUsedUpInOrderAndEachIsGivenBackThen() {
        List<ByteBuf> all = List.of(buffer(9, "a"), buffer(9, "b"), buffer(9, "c"));
        all.forEach(held::add);
        for (ByteBuf each : all) {
            assertThat(first()).isEqualTo(each.toString(US_ASCII));
            assertThat(each.refCnt()).isOne();
            held.removeFirst();
            assertThat(each.refCnt()).isZero();
        }
        assertThat(held.isEmpty()).isTrue();
        assertThatThrownBy(held::first).isInstanceOf(IllegalStateException.class);
        held.add(buffer(9, "d"));
        assertThat(first()).isEqualTo("d");
    }

    /// The socket has gone while one of them was used up.
    @Test
    void areGivenBackOnceWhateverComesAfter() {
        List<ByteBuf> all = List.of(buffer(9, "a"), buffer(9, "b"), buffer(9, "c"));
        all.forEach(held::add);
        held.clear();
        assertThat(all).allSatisfy(each -> assertThat(each.refCnt()).isZero());
        held.removeFirst();
        held.clear();
        assertThat(held.isEmpty()).isTrue();
    }

    @Test
    void takeTheMemoryThatTheyHaveAndNotThatOfWhatIsInThem() {
        assertThat(held.capacity()).isZero();
        held.add(buffer(100, "a"));
        held.add(buffer(20, "b"));
        held.add(buffer(3, "c"));
        assertThat(held.capacity()).isEqualTo(123);
        held.removeFirst();
        assertThat(held.capacity()).isEqualTo(23);
    }

    @Test
    void areReadFromWhereTheyBeginAndWithoutACopy() {
        ByteBuf bytes = buffer(9, "abc").skipBytes(1);
        held.add(bytes);
        ByteBuffer view = held.first();
        bytes.setByte(1, 'x');
        assertThat(US_ASCII.decode(view).toString()).isEqualTo("xc");
    }

    @Test
    void alsoInPieces() {
        held.add(Unpooled.wrappedBuffer(buffer(9, "ab"), buffer(9, "cd")));
        assertThat(first()).isEqualTo("abcd");
    }
}

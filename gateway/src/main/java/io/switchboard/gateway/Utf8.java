package io.switchboard.gateway;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/// Whether a body is text, for bodies that no WebSocket text message has vouched for.
final class Utf8 {
    private static final VarHandle LONGS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long ALL_HIGH_BITS = 0x8080808080808080L;

    private Utf8() {}

    static boolean valid(byte[] body) {
        int i = 0;
        while (i + 8 <= body.length && ((long) LONGS.get(body, i) & ALL_HIGH_BITS) == 0) {
            i += 8;
        }
        while (i < body.length && body[i] >= 0) {
            i++;
        }
        return i == body.length || validFrom(body, i);
    }

    private static boolean validFrom(byte[] body, int from) {
        try {
            StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(body, from, body.length - from));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}

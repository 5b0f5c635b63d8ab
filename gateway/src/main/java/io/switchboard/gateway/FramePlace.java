package io.switchboard.gateway;

import java.nio.ByteBuffer;

/// Where a frame goes whose length is known only when it has been encoded: the payload is put
/// behind the room for the longest header that it may need, and moved up if it needs a shorter one.
///
/// @param start index of the framing header in the buffer
/// @param reserved bytes kept for it
record FramePlace(int start, int reserved) {

    /// The buffer's position is where the payload goes.
    static FramePlace open(ByteBuffer out, Framing framing, int payloadMax) {
        FramePlace place = new FramePlace(out.position(), framing.headerLength(payloadMax));
        out.position(place.start + place.reserved);
        return place;
    }

    /// Puts the header of all that was put since, and the end; the position is behind it.
    void close(ByteBuffer out, Framing framing, boolean text) {
        close(out, framing, text, false);
    }

    /// The same for a payload that may be compressed: once, for all who get it.
    void closeCompressed(ByteBuffer out, Framing framing, boolean text) {
        close(out, framing, text, framing.compress(out, start + reserved));
    }

    private void close(ByteBuffer out, Framing framing, boolean text, boolean compressed) {
        int end = out.position();
        int payload = end - start - reserved;
        int header = framing.headerLength(payload);
        if (header < reserved) {
            out.put(start + header, out, start + reserved, payload);
        }
        out.position(start);
        framing.putHeader(out, text, compressed, payload);
        out.position(start + header + payload);
        framing.putEnd(out);
    }
}

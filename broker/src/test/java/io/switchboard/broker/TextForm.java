package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/// A wire form that a person can read: `1:/topic/a=hello;`. Counts how often it encoded.
record TextForm(String id, AtomicInteger encodings) implements WireForm {
    TextForm(String id) {
        this(id, new AtomicInteger());
    }

    @Override
    public int lengthMax(Message message) {
        return text(message).length() + 7;
    }

    @Override
    public void encode(Message message, ByteBuffer out) {
        encodings.incrementAndGet();
        out.put(text(message).getBytes(UTF_8));
    }

    private String text(Message message) {
        return id + ':' + message.destination() + '=' + new String(message.body(), UTF_8) + ';';
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof TextForm form && form.id.equals(id);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }
}

package io.switchboard.broker;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A wire form that a person can read: `1:/topic/a=hello;`, and `1:/queue/a=hello ack 1-1;`. Counts
/// how often it encoded.
record TextForm(String id, AtomicInteger encodings) implements WireForm {
    TextForm(String id) {
        this(id, new AtomicInteger());
    }

    @Override
    public int lengthMax(Message message, @Nullable Handover handover) {
        return text(message).length() + told(handover).length() + 7;
    }

    @Override
    public void encode(Message message, @Nullable Handover handover, ByteBuffer out) {
        encodings.incrementAndGet();
        String text = text(message);
        out.put((text.substring(0, text.length() - 1) + told(handover) + ';').getBytes(UTF_8));
    }

    private String text(Message message) {
        String body = new String(message.body(), UTF_8);
        if (message.options().removed() && body.isEmpty()) {
            body = message.options().key() + "=";
        }
        return id + ':' + message.destination() + '=' + body + ';';
    }

    /// ` ack 1-1`, and ` again 2` where it was delivered before.
    private static String told(@Nullable Handover handover) {
        if (handover == null) {
            return "";
        }
        if (handover.snapshot()) {
            return " snapshot";
        }
        String ack = handover.ack() == null ? "" : " ack " + handover.ack();
        return handover.redelivered() ? ack + " again " + handover.deliveryCount() : ack;
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

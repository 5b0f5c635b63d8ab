package io.switchboard.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.websocketx.WebSocket08FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.invoke.VarHandle;

/// Two parts of Netty's frame decoder that it does not show, so that they can be measured without
/// the handlers and the channel around them. Handles in constants are compiled like plain calls.
final class NettyParts {
    private static final VarHandle MASK;
    private static final MethodHandle UNMASK;
    private static final MethodHandle NEW_VALIDATOR;
    private static final MethodHandle CHECK;
    private static final MethodHandle FINISH;

    static {
        try {
            Class<?> decoder = WebSocket08FrameDecoder.class;
            var lookup = MethodHandles.privateLookupIn(decoder, MethodHandles.lookup());
            MASK = lookup.findVarHandle(decoder, "mask", int.class);
            MethodType ofBuffer = MethodType.methodType(void.class, ByteBuf.class);
            UNMASK = lookup.findVirtual(decoder, "unmask", ofBuffer);
            Class<?> validator = Class.forName(decoder.getPackageName() + ".Utf8Validator");
            MethodType nothing = MethodType.methodType(void.class);
            NEW_VALIDATOR =
                    lookup.findConstructor(validator, nothing)
                            .asType(MethodType.methodType(Object.class));
            CHECK =
                    lookup.findVirtual(validator, "check", ofBuffer)
                            .asType(MethodType.methodType(void.class, Object.class, ByteBuf.class));
            FINISH =
                    lookup.findVirtual(validator, "finish", nothing)
                            .asType(MethodType.methodType(void.class, Object.class));
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private NettyParts() {}

    /// A decoder that has read this mask key.
    static WebSocket08FrameDecoder decoder(int maskKey) {
        var decoder = new WebSocket13FrameDecoder(WebSocketDecoderConfig.newBuilder().build());
        MASK.set(decoder, maskKey);
        return decoder;
    }

    static void unmask(WebSocket08FrameDecoder decoder, ByteBuf bytes) throws Throwable {
        UNMASK.invokeExact(decoder, bytes);
    }

    static Object validator() throws Throwable {
        return (Object) NEW_VALIDATOR.invokeExact();
    }

    /// A whole text; throws if it is not UTF-8.
    static void validate(Object validator, ByteBuf bytes) throws Throwable {
        CHECK.invokeExact(validator, bytes);
        FINISH.invokeExact(validator);
    }
}

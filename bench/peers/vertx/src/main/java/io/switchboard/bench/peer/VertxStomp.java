package io.switchboard.bench.peer;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.stomp.Destination;
import io.vertx.ext.stomp.StompServer;
import io.vertx.ext.stomp.StompServerHandler;
import io.vertx.ext.stomp.StompServerOptions;
import java.util.List;

/// Vert.x STOMP behind its WebSocket bridge, with queues and topics, without users.
public final class VertxStomp {
    private static final String HOST = "127.0.0.1";
    private static final String PATH = "/ws";

    private VertxStomp() {}

    public static void main(String[] arguments) throws Exception {
        Vertx vertx = Vertx.vertx();
        // Port -1: no plain STOMP.
        StompServerOptions options =
                new StompServerOptions()
                        .setPort(-1)
                        .setWebsocketBridge(true)
                        .setWebsocketPath(PATH);
        StompServerHandler handler =
                StompServerHandler.create(vertx)
                        .destinationFactory(
                                (of, name) ->
                                        name.startsWith("/queue/")
                                                ? Destination.queue(of, name)
                                                : Destination.topic(of, name));
        StompServer stomp = StompServer.create(vertx, options).handler(handler);
        HttpServer http =
                vertx.createHttpServer(
                                new HttpServerOptions()
                                        .setHost(HOST)
                                        .setPort(0)
                                        .setWebSocketSubProtocols(
                                                List.of("v10.stomp", "v11.stomp", "v12.stomp")))
                        .webSocketHandler(stomp.webSocketHandler());
        http.listen().toCompletionStage().toCompletableFuture().get();
        System.out.println("ws://" + HOST + ":" + http.actualPort() + PATH);
    }
}

package io.switchboard.examples;

import io.switchboard.broker.Disconnect;
import io.switchboard.server.ServerOptions;
import io.switchboard.server.SwitchboardServer;
import io.switchboard.server.app.ClientSession;
import io.switchboard.server.app.Publisher;
import io.switchboard.server.app.SessionListener;
import java.util.concurrent.ThreadLocalRandom;

/// Throws dice in the rooms of the chat, whenever a client asks for that.
public final class Dice {
    public static void main(String[] arguments) throws Exception {
        try (var server = SwitchboardServer.start(around(ServerOptions.DEFAULT))) {
            server.publish("/topic/news", "The dice are ready.").join();
            server.awaitTermination();
        }
    }

    static ServerOptions around(ServerOptions options) {
        return options
                // SEND to /app/chat.lobby.throw: everybody in the lobby sees it.
                .withHandler(
                        "/app/chat.{room}.throw",
                        request ->
                                request.publish(
                                                "/topic/chat." + request.variable("room"),
                                                "The dice show a " + eyes())
                                        .join())
                // SEND to /app/throw with a reply-to: the answer is for who asked.
                .withHandler("/app/throw", request -> request.reply("You threw a " + eyes()))
                .withSessionListener(
                        new SessionListener() {
                            @Override
                            public void connected(ClientSession client, Publisher publisher) {
                                publisher.publish("/topic/news", client.id() + " has come.");
                            }

                            @Override
                            public void disconnected(
                                    ClientSession client, Disconnect reason, Publisher publisher) {
                                publisher.publish("/topic/news", client.id() + " has gone.");
                            }
                        });
    }

    private static int eyes() {
        return ThreadLocalRandom.current().nextInt(1, 7);
    }
}

package io.switchboard.bench.peer;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.server.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;
import org.springframework.web.socket.config.annotation.WebSocketTransportRegistration;

/// Spring's simple broker with the promises that Switchboard makes as well: one order for all
/// subscribers, and nobody is dropped under the loads that it is compared with.
@SpringBootApplication(proxyBeanMethods = false)
@EnableWebSocketMessageBroker
public class SimpleBroker implements WebSocketMessageBrokerConfigurer {

    public static void main(String[] arguments) {
        SpringApplication.run(SimpleBroker.class, arguments);
    }

    @Override
    public void registerStompEndpoints(StompEndpointRegistry endpoints) {
        endpoints.addEndpoint("/ws");
        endpoints.setPreserveReceiveOrder(true);
    }

    @Override
    public void configureMessageBroker(MessageBrokerRegistry broker) {
        broker.enableSimpleBroker("/topic");
        broker.setPreservePublishOrder(true);
    }

    @Override
    public void configureWebSocketTransport(WebSocketTransportRegistration transport) {
        transport.setSendBufferSizeLimit(64 << 20).setSendTimeLimit(120_000);
    }

    @EventListener
    void ready(WebServerInitializedEvent event) {
        System.out.println("ws://127.0.0.1:" + event.getWebServer().getPort() + "/ws");
    }
}

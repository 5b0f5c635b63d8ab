package io.switchboard.websocket;

import io.switchboard.websocket.HeaderList.Extension;
import io.switchboard.websocket.HeaderList.Parameter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an end is willing to do with permessage-deflate (RFC 7692), and what both agreed to do: how
/// many bytes of earlier messages a message may refer back to, which is what both ends have to keep
/// for it.
///
/// The windows of zlib cannot be made smaller from Java. So an offer that demands a smaller one of
/// the server is declined, and the client does not offer to have a smaller one itself.
///
/// @param serverContext of what the server sends, in bytes: 0 for none
///   (`server_no_context_takeover`), or a power of 2 from 512 to 32,768
/// @param clientContext of what the client sends
public record PermessageDeflate(int serverContext, int clientContext) {
    /// Each message stands alone: nothing is kept, and a message for many is compressed once.
    public static final PermessageDeflate NO_CONTEXT = new PermessageDeflate(0, 0);

    /// As much as DEFLATE can use.
    public static final PermessageDeflate FULL_CONTEXT =
            new PermessageDeflate(SlidingWindow.LENGTH_MAX, SlidingWindow.LENGTH_MAX);

    private static final String NAME = "permessage-deflate";
    private static final String SERVER_NO_CONTEXT = "server_no_context_takeover";
    private static final String CLIENT_NO_CONTEXT = "client_no_context_takeover";
    private static final String SERVER_BITS = "server_max_window_bits";
    private static final String CLIENT_BITS = "client_max_window_bits";
    private static final int BITS_MAX = 15;
    private static final int WINDOW_MAX = SlidingWindow.LENGTH_MAX;

    /// What zlib makes of 8.
    private static final int BITS_MIN = 9;

    public PermessageDeflate {
        check(serverContext);
        check(clientContext);
    }

    private static void check(int context) {
        boolean powerOf2 = Integer.bitCount(context) == 1;
        if (context != 0 && !(powerOf2 && context >= 1 << BITS_MIN && context <= WINDOW_MAX)) {
            throw new IllegalArgumentException(
                    "expected a context of 0 or a power of 2 from 512 to 32768 but was " + context);
        }
    }

    /// What was agreed, and how the server says so.
    record Agreed(PermessageDeflate parameters, String header) {}

    // --- Server ---

    /// The first of the offers that can be met, as this at most allows; null if there is none.
    @Nullable Agreed accept(List<Extension> offers) {
        for (Extension offer : offers) {
            if (offer.name().equals(NAME)) {
                Parameters parameters = Parameters.read(offer);
                // A smaller window than zlib has would be a promise that it breaks.
                if (parameters != null
                        && (parameters.serverBits == null || parameters.serverBits == BITS_MAX)) {
                    return accept(parameters);
                }
            }
        }
        return null;
    }

    private Agreed accept(Parameters offered) {
        StringBuilder header = new StringBuilder(NAME);
        int server = offered.serverNoContext ? 0 : serverContext;
        if (server == 0) {
            header.append("; ").append(SERVER_NO_CONTEXT);
        }
        if (offered.serverBits != null) {
            header.append("; ").append(SERVER_BITS).append('=').append(offered.serverBits);
        }
        int client = clientContext(offered);
        if (client == 0) {
            header.append("; ").append(CLIENT_NO_CONTEXT);
        } else if (offered.clientBits != null && client < WINDOW_MAX) {
            int bits = Math.min(offered.clientBits, Integer.numberOfTrailingZeros(client));
            header.append("; ").append(CLIENT_BITS).append('=').append(bits);
        }
        return new Agreed(new PermessageDeflate(server, client), header.toString());
    }

    /// What a client that does not offer to make its window smaller cannot be asked to.
    private int clientContext(Parameters offered) {
        if (offered.clientNoContext) {
            return 0;
        }
        if (offered.clientBits == null) {
            return clientContext == WINDOW_MAX ? WINDOW_MAX : 0;
        }
        return Math.min(clientContext, window(offered.clientBits));
    }

    // --- Client ---

    String offer() {
        StringBuilder offer = new StringBuilder(NAME);
        if (serverContext == 0) {
            offer.append("; ").append(SERVER_NO_CONTEXT);
        } else if (serverContext < WINDOW_MAX) {
            int bits = Integer.numberOfTrailingZeros(serverContext);
            offer.append("; ").append(SERVER_BITS).append('=').append(bits);
        }
        if (clientContext == 0) {
            offer.append("; ").append(CLIENT_NO_CONTEXT);
        }
        return offer.toString();
    }

    /// What the server made of the [#offer]; null if the answer breaks a rule (RFC 7692 section
    /// 7.1).
    @Nullable PermessageDeflate judge(List<Extension> answer) {
        if (answer.size() != 1 || !answer.getFirst().name().equals(NAME)) {
            return null;
        }
        Parameters parameters = Parameters.read(answer.getFirst());
        if (parameters == null
                || parameters.clientBits != null
                || (serverContext == 0 && !parameters.serverNoContext)) {
            return null;
        }
        int serverWindow =
                parameters.serverBits == null ? WINDOW_MAX : window(parameters.serverBits);
        if (serverContext > 0 && serverWindow > serverContext) {
            return null;
        }
        return new PermessageDeflate(
                parameters.serverNoContext ? 0 : serverWindow,
                parameters.clientNoContext ? 0 : clientContext);
    }

    private static int window(int bits) {
        return 1 << Math.max(bits, BITS_MIN);
    }

    /// Of an offer or an answer, checked one by one (RFC 7692 section 7.1).
    ///
    /// @param clientBits without a value, which only an offer may have, 15
    private record Parameters(
            boolean serverNoContext,
            boolean clientNoContext,
            @Nullable Integer serverBits,
            @Nullable Integer clientBits) {

        /// Null if one is unknown, stands there twice or has a value that it may not have.
        static @Nullable Parameters read(Extension extension) {
            Set<String> names = new HashSet<>();
            boolean serverNoContext = false;
            boolean clientNoContext = false;
            Integer serverBits = null;
            Integer clientBits = null;
            for (Parameter parameter : extension.parameters()) {
                String value = parameter.value();
                boolean good = names.add(parameter.name());
                switch (parameter.name()) {
                    case SERVER_NO_CONTEXT -> {
                        serverNoContext = true;
                        good &= value == null;
                    }
                    case CLIENT_NO_CONTEXT -> {
                        clientNoContext = true;
                        good &= value == null;
                    }
                    case SERVER_BITS -> {
                        good &= value != null && isBits(value);
                        serverBits = good ? Integer.valueOf(value) : null;
                    }
                    case CLIENT_BITS -> {
                        good &= value == null || isBits(value);
                        clientBits = good && value != null ? Integer.valueOf(value) : BITS_MAX;
                    }
                    default -> good = false;
                }
                if (!good) {
                    return null;
                }
            }
            return new Parameters(serverNoContext, clientNoContext, serverBits, clientBits);
        }

        /// 8 to 15, and no zero in front (RFC 7692 section 7.1.2.1).
        private static boolean isBits(String value) {
            return value.matches("[89]|1[0-5]");
        }
    }
}

package io.switchboard.server.admin;

import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The sessions of the running server. From any thread; looking through many of them holds up
/// nobody, so what is found is not one moment of all.
public interface Sessions {
    /// In the order of their ids, from behind one of them on.
    ///
    /// @param after null for from the first
    CompletionStage<List<SessionView>> find(SessionQuery query, @Nullable String after, int max);

    /// With its subscriptions; empty if there is none.
    CompletionStage<List<SessionView>> inspect(String id);

    /// Ends them.
    ///
    /// @param by who wants that, for the audit log
    /// @return how many
    CompletionStage<Integer> disconnect(SessionQuery query, String by);
}

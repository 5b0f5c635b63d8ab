package io.switchboard.server.transport;

import io.switchboard.broker.Disconnect;
import io.switchboard.server.admin.SessionQuery;
import io.switchboard.server.admin.SessionView;
import io.switchboard.server.admin.Sessions;
import io.switchboard.server.auth.AuditLog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Looks through the sessions of all shards, each on its own event loop, some at a time. For all
/// threads.
final class SessionDirectory implements Sessions {
    private static final String WORDS = "an administrator has ended this session";

    private final List<ShardLoop> shards;

    /// @param shards all of them, when the first is asked for
    SessionDirectory(List<ShardLoop> shards) {
        this.shards = shards;
    }

    /// Looks at one session after the other.
    private interface Search<T> extends Consumer<Inspected> {
        T found();
    }

    @Override
    public CompletionStage<List<SessionView>> find(
            SessionQuery query, @Nullable String after, int max) {
        return everywhere(
                () ->
                        new Search<List<SessionView>>() {
                            private final TreeMap<String, Inspected> first = new TreeMap<>();

                            @Override
                            public void accept(Inspected each) {
                                if (after != null && each.id().compareTo(after) <= 0
                                        || !each.matches(query)) {
                                    return;
                                }
                                first.put(each.id(), each);
                                if (first.size() > max) {
                                    first.pollLastEntry();
                                }
                            }

                            @Override
                            public List<SessionView> found() {
                                return first.values().stream().map(it -> it.view(0)).toList();
                            }
                        },
                lists ->
                        lists.stream()
                                .flatMap(List::stream)
                                .sorted(Comparator.comparing(SessionView::id))
                                .limit(max)
                                .toList());
    }

    @Override
    public CompletionStage<List<SessionView>> inspect(String id) {
        SessionQuery query = new SessionQuery(id, null, null);
        return everywhere(
                () ->
                        new Search<List<SessionView>>() {
                            private final List<SessionView> views = new ArrayList<>(1);

                            @Override
                            public void accept(Inspected each) {
                                if (each.matches(query)) {
                                    views.add(each.view(SessionView.SUBSCRIBED_MAX));
                                }
                            }

                            @Override
                            public List<SessionView> found() {
                                return views;
                            }
                        },
                lists -> lists.stream().flatMap(List::stream).toList());
    }

    @Override
    public CompletionStage<Integer> disconnect(SessionQuery query, String by) {
        return everywhere(
                () ->
                        new Search<Integer>() {
                            private int count;

                            @Override
                            public void accept(Inspected each) {
                                if (each.matches(query)) {
                                    count++;
                                    AuditLog.kicked(each.id(), each.user(), each.address(), by);
                                    each.socket().disconnect(Disconnect.KICKED, WORDS);
                                }
                            }

                            @Override
                            public Integer found() {
                                return count;
                            }
                        },
                counts -> counts.stream().mapToInt(it -> it).sum());
    }

    /// @param search one for each shard
    private <T> CompletionStage<T> everywhere(
            Supplier<Search<T>> search, Function<List<T>, T> together) {
        List<CompletableFuture<T>> parts = new ArrayList<>();
        for (ShardLoop each : shards) {
            Search<T> one = search.get();
            parts.add(
                    each.visit(
                                    socket -> {
                                        if (socket.open()
                                                && socket.conversation instanceof Inspected client
                                                && client.serving()) {
                                            one.accept(client);
                                        }
                                    })
                            .thenApply(done -> one.found()));
        }
        return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
                .thenApply(done ->
                        together.apply(parts.stream().map(CompletableFuture::join).toList()));
    }
}

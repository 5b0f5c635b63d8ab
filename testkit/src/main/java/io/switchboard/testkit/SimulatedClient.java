package io.switchboard.testkit;

import io.switchboard.broker.SendOptions;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.testkit.Conversation.Asked;
import io.switchboard.testkit.Conversation.Published;
import io.switchboard.testkit.Conversation.Wish;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// One client that does something at random when it is asked to: over one connection, which it
/// keeps until it leaves, vanishes or is ended; then another one takes its place.
final class SimulatedClient {
    /// How it listens.
    private enum Temper {
        EAGER,
        LAZY,
        DEAF
    }

    private final Checker checker;
    private final SplittableRandom random;
    private final Terms terms;
    final Conversation conversation;
    final int shard;
    final Line line;
    private final Line.Ears ears;
    private final Temper temper;
    private final QueueActs queues;
    private final PastActs past;

    SimulatedClient(
            Checker checker,
            SplittableRandom random,
            Terms terms,
            int login,
            int shard,
            Line line) {
        this.checker = checker;
        this.random = random;
        this.terms = terms;
        this.shard = shard;
        this.line = line;
        conversation = checker.begin(login);
        conversation.soft = line.soft();
        conversation.endsUnheard = line::ending;
        ears = checker.ears(conversation);
        queues = new QueueActs(checker, random, terms, conversation, line);
        past = new PastActs(checker, random, conversation, line);
        temper = Temper.values()[random.nextInt(3)];
        line.connect(Names.LOGINS[login]);
    }

    /// It says nothing more.
    boolean over() {
        return conversation.ended() || conversation.leftAt != Conversation.NEVER;
    }

    /// Nothing more can come of it on either side.
    boolean finished() {
        return conversation.dropped || conversation.endHeard;
    }

    void act() {
        if (over()) {
            return;
        }
        int dice = random.nextInt(1_000);
        if (terms.queues() && random.nextInt(8) == 0 && dice < 980) {
            past.act();
        } else if (terms.queues() && random.nextInt(3) > 0 && dice < 980) {
            queues.act();
        } else if (dice < 300) {
            subscribe();
        } else if (dice < 350) {
            unsubscribe();
        } else if (dice < 850) {
            send();
        } else if (dice < 980) {
            for (int n = 2 + random.nextInt(8); n > 0; n--) {
                send();
            }
        } else if (dice < 989) {
            leave();
        } else if (dice < 997) {
            drop();
            return;
        } else {
            mistake();
        }
        if (random.nextInt(4) > 0) {
            line.arrive(random.nextBoolean());
        }
    }

    private int receipt(@Nullable Published sent, @Nullable Wish begun, @Nullable Wish undone) {
        return !conversation.soft && random.nextInt(4) == 0
                ? Line.NO_RECEIPT
                : checker.ask(conversation, sent, begun, undone).number;
    }

    private void subscribe() {
        int id = conversation.wishes.indexOf(null);
        if (id < 0) {
            id = conversation.wishes.size();
        }
        int pattern = random.nextInt(Names.WISH_COUNT);
        boolean far = !Names.means(conversation.login, pattern, random.nextInt(terms.names()));
        if (far && random.nextInt(3) > 0
                || Names.mayNotWish(conversation.login, pattern) && random.nextInt(10) > 0) {
            return;
        }
        if (terms.queues() && random.nextInt(3) == 0) {
            queues.subscribe(pattern, queues.acknowledging(), queues.taste());
            return;
        }
        Wish wish = checker.wish(conversation, id, pattern, SubscribeOptions.DEFAULT, Taste.ALL);
        line.subscribe(
                id, Names.wish(pattern), SubscribeOptions.DEFAULT, receipt(null, wish, null));
    }

    private void unsubscribe() {
        if (!conversation.wishes.isEmpty()) {
            Wish wish = conversation.wishes.get(random.nextInt(conversation.wishes.size()));
            if (wish != null && wish.undoneAt == Conversation.NEVER) {
                checker.undo(wish);
                line.unsubscribe(wish.id, receipt(null, null, wish));
            }
        }
    }

    private void send() {
        int name = random.nextInt(terms.names());
        if (Names.mayNotSend(conversation.login, name) && random.nextInt(20) > 0) {
            return;
        }
        int dice = random.nextInt(20);
        int padding = dice == 0 ? random.nextInt(700) : dice < 5 ? random.nextInt(100) : dice;
        Published message = checker.publish(conversation, name, padding, SendOptions.DEFAULT, null);
        line.send(message, receipt(message, null, null));
    }

    /// Takes out of a queue what is left in it.
    void collect(int queue) {
        conversation.collector = true;
        queues.subscribe(
                Names.wishOf(queue), SubscribeOptions.DEFAULT.withPrefetch(1, 1), Taste.ALL);
        line.arrive(true);
    }

    void leave() {
        checker.leave(conversation);
        Asked asked = random.nextInt(4) == 0 ? null : checker.ask(conversation, null, null, null);
        conversation.leaving = asked;
        if (asked != null) {
            asked.leaves = true;
        }
        line.disconnect(asked == null ? Line.NO_RECEIPT : asked.number);
    }

    void drop() {
        checker.drop(conversation);
        line.drop();
        hearRest();
    }

    /// The server has been killed: what it had written may still be read.
    void cut() {
        if (!finished()) {
            checker.cut(conversation);
            line.drop();
        }
        hearRest();
    }

    /// What the server still wrote to a client that is not there any more.
    boolean hearRest() {
        boolean any = false;
        while (conversation.dropped && line.read(4_096, ears) > 0) {
            any = true;
        }
        return any;
    }

    boolean reportGone() {
        boolean any = hearRest();
        return line.reportGone() | any;
    }

    boolean tidy() {
        return !over() && queues.tidy();
    }

    /// Something that the server must refuse, whatever the rules say.
    private void mistake() {
        conversation.mistakeMade = true;
        checker.note("mistake", conversation.index, 0);
        Wish taken = conversation.wishes.isEmpty() ? null : conversation.wishes.getFirst();
        // Of one without a receipt the client cannot know whether the server has it.
        boolean there =
                taken != null
                        && taken.activeAt != Conversation.NEVER
                        && taken.undoneAt == Conversation.NEVER;
        if (taken != null && there && random.nextBoolean()) {
            line.subscribe(
                    taken.id, Names.wish(taken.pattern), SubscribeOptions.DEFAULT, Line.NO_RECEIPT);
        } else if (random.nextBoolean()) {
            line.unsubscribe(1_000_000, Line.NO_RECEIPT);
        } else {
            int bad = Names.BAD_WISH + random.nextInt(2);
            line.subscribe(1_000_000, Names.wish(bad), SubscribeOptions.DEFAULT, Line.NO_RECEIPT);
        }
    }

    /// Reads as it is used to.
    void listen() {
        if (finished()) {
            return;
        }
        switch (temper) {
            case EAGER -> hear();
            case LAZY -> line.read(1 + random.nextInt(200), ears);
            case DEAF -> {
                if (random.nextInt(100) == 0) {
                    hear();
                }
            }
        }
    }

    /// Reads all there is.
    boolean hear() {
        boolean any = false;
        while (!finished() && line.read(4_096, ears) > 0) {
            any = true;
        }
        return any;
    }
}

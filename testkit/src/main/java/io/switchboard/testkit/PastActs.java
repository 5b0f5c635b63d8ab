package io.switchboard.testkit;

import io.switchboard.broker.From;
import io.switchboard.broker.SendOptions;
import io.switchboard.broker.SubscribeOptions;
import io.switchboard.testkit.Conversation.Published;
import io.switchboard.testkit.Conversation.Wish;
import java.util.SplittableRandom;

/// What one simulated client does with topics that have a history.
final class PastActs {
    private final Checker checker;
    private final SplittableRandom random;
    private final Conversation self;
    private final Line line;

    PastActs(Checker checker, SplittableRandom random, Conversation self, Line line) {
        this.checker = checker;
        this.random = random;
        this.self = self;
        this.line = line;
    }

    void act() {
        if (random.nextInt(3) == 0) {
            subscribe();
            return;
        }
        for (int n = 1 + random.nextInt(3); n > 0; n--) {
            send();
        }
    }

    private void send() {
        boolean persistent = random.nextInt(10) > 0;
        SendOptions options =
                persistent
                        ? SendOptions.DEFAULT
                        : new SendOptions(false, SendOptions.PRIORITY_DEFAULT, 0, 0, 0);
        int name = Names.kept(random);
        Published message = checker.publish(self, name, random.nextInt(30), options, null);
        boolean asks = self.soft || random.nextInt(8) > 0;
        line.send(message, asks ? checker.ask(self, message, null, null).number : Line.NO_RECEIPT);
    }

    private void subscribe() {
        int id = self.wishes.indexOf(null);
        if (id < 0) {
            id = self.wishes.size();
        }
        int pattern = Names.KEPT_WISH + random.nextInt(Names.WISH_COUNT - Names.KEPT_WISH);
        Published after = random.nextInt(3) > 0 ? checker.past().seen(self, pattern, random) : null;
        From from =
                after != null
                        ? new From.After(after.epoch, after.sequence)
                        : switch (random.nextInt(4)) {
                            case 0 -> new From.Last(1 + random.nextInt(10));
                            case 1 -> new From.Age(1 + random.nextInt(20_000));
                            default -> From.START;
                        };
        SubscribeOptions options = SubscribeOptions.DEFAULT.withFrom(from);
        Wish wish = checker.wish(self, id, pattern, options, Taste.ALL);
        wish.after = after;
        line.subscribe(
                id, Names.wish(pattern), options, checker.ask(self, null, wish, null).number);
    }
}

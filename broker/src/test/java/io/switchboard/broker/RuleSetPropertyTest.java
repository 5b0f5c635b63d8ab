package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.switchboard.broker.AccessRule.Who;
import io.switchboard.broker.AccessRules.Action;
import io.switchboard.broker.AccessRules.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The rules beside an evaluator that is slow and obvious: each rule is a regular expression with
/// its variables as groups, and of a pattern only what it matches is asked about.
class RuleSetPropertyTest {
    private static final List<String> WORDS = List.of("a", "b", "al", "*", "{x}", "{user}", "a");
    private static final List<String> VALUES = List.of("a", "b", "al", "*", "**");
    private static final List<String> NAMES = List.of("a", "al", "a.b", "*", "x/y", "{x}");

    // --- The obvious evaluator ---

    private static boolean obvious(
            List<AccessRule> rules, Principal principal, Action action, String name) {
        return rules.stream().anyMatch(rule -> allows(rule, principal, action, name));
    }

    private static boolean allows(
            AccessRule rule, Principal principal, Action action, String name) {
        Matcher matcher = regex(rule.destinations(), principal).matcher(name);
        if (rule.action() != action || !matcher.matches()) {
            return false;
        }
        return switch (rule.who()) {
            case Who.Anyone() -> true;
            case Who.Authenticated() -> principal.name() != null;
            case Who.User(String user) -> user.equals(principal.name());
            case Who.Role(String role) -> principal.roles().contains(role);
            case Who.Claim(String claim, String value) -> values(principal, claim).contains(value);
            case Who.ClaimHolds(String claim, String variable) ->
                    values(principal, claim).stream()
                            .map(it -> isUser(rule, variable) ? encoded(it) : it)
                            .anyMatch(matcher.group(variable)::equals);
        };
    }

    private static List<String> values(Principal principal, String claim) {
        return principal.claims().getOrDefault(claim, List.of());
    }

    private static String name(Principal principal) {
        return String.valueOf(principal.name());
    }

    private static boolean isUser(AccessRule rule, String variable) {
        return rule.destinations().startsWith("/user/{" + variable + "}/");
    }

    private static String encoded(String user) {
        return user.replace("%", "%25").replace("/", "%2F").replace("*", "%2A");
    }

    private static Pattern regex(String destinations, Principal principal) {
        StringBuilder regex = new StringBuilder();
        boolean user = destinations.startsWith("/user/");
        Matcher segments =
                Pattern.compile(user ? "^/user|(?<=^/user)/[^/]+|[/.][^/.]+" : "[/.][^/.]+")
                        .matcher(destinations);
        for (int i = 0; segments.find(); i++) {
            String segment = segments.group();
            String content = segment.substring(1);
            String one = user && i == 1 ? "[^/]+" : "[^/.]+";
            String own = user && i == 1 ? encoded(name(principal)) : name(principal);
            regex.append(Pattern.quote(segment.substring(0, 1)));
            if (content.equals("**")) {
                regex.append(".+");
            } else if (content.equals("*")) {
                regex.append(one);
            } else if (content.equals("{user}")) {
                boolean fits = principal.name() != null && own.matches(one);
                regex.append(fits ? Pattern.quote(own) : "(?!)");
            } else if (content.startsWith("{")) {
                regex.append("(?<").append(content, 1, content.length() - 1).append('>');
                regex.append(one).append(')');
            } else {
                regex.append(Pattern.quote(content));
            }
        }
        return Pattern.compile(regex.toString());
    }

    /// Names that stand for all that a pattern matches: no rule knows the words, so whatever rule
    /// has these has all. A tail is one segment, and more behind each of the separators.
    private static List<String> standIns(String pattern) {
        StringBuilder text = new StringBuilder();
        for (String segment : DestinationName.segments(pattern)) {
            boolean wild = segment.equals("/*") || segment.equals(".*");
            text.append(wild ? segment.charAt(0) + "fresh" + text.length() : segment);
        }
        String name = text.toString();
        if (!name.endsWith("**")) {
            return List.of(name);
        }
        String head = name.substring(0, name.length() - 2);
        return List.of(head + "fresh", head + "fresh/more", head + "fresh.more");
    }

    // --- What is tried ---

    private static AccessRule rule(Random random) {
        Action action = random.nextBoolean() ? Action.SEND : Action.SUBSCRIBE;
        String destinations = destinations(random);
        boolean variable = destinations.contains("{x}");
        Who who =
                switch (random.nextInt(variable ? 9 : 7)) {
                    case 0, 6 -> Who.ANYONE;
                    case 1 -> Who.AUTHENTICATED;
                    case 2 -> new Who.User(one(random, NAMES));
                    case 3, 4 -> new Who.Role(one(random, VALUES));
                    case 5 -> new Who.Claim(one(random, VALUES), one(random, VALUES));
                    default -> new Who.ClaimHolds(one(random, VALUES), "x");
                };
        return new AccessRule(action, destinations, who, "");
    }

    private static String destinations(Random random) {
        StringBuilder text = new StringBuilder();
        if (random.nextInt(40) == 0) {
            return "/**";
        }
        List<String> words = new ArrayList<>(WORDS);
        if (random.nextInt(4) == 0) {
            String user = one(random, words);
            text.append("/user/").append(user);
            words.remove(user.startsWith("{") ? user : "");
            if (random.nextInt(4) == 0) {
                return text + "/**";
            }
        }
        text.append("/topic");
        for (int i = random.nextInt(4); i >= 0; i--) {
            String word = one(random, words);
            words.remove(word.startsWith("{") ? word : "");
            text.append(separator(random)).append(word);
        }
        return random.nextInt(3) == 0 ? text.append(separator(random)) + "**" : text.toString();
    }

    private static List<AccessRule> rules(Random random) {
        List<AccessRule> rules = new ArrayList<>();
        for (int i = 4 + random.nextInt(12); i > 0; i--) {
            rules.add(rule(random));
        }
        return rules;
    }

    private static Principal principal(Random random) {
        Map<String, List<String>> claims =
                random.nextBoolean()
                        ? Map.of()
                        : Map.of(
                                one(random, VALUES),
                                List.of(one(random, VALUES), one(random, VALUES)));
        return new Principal(
                random.nextInt(4) == 0 ? null : one(random, NAMES),
                true,
                "memory",
                random.nextBoolean() ? Set.of() : Set.of(one(random, VALUES)),
                claims,
                0);
    }

    /// As a client may spell it; a pattern where it may. Often near what a rule says.
    private static String asked(Random random, List<AccessRule> rules, boolean patterns) {
        String near = one(random, rules).destinations().replaceFirst("^/user/([^/]+/)?", "/user/");
        if (random.nextInt(4) > 0 && near.matches("/(user/)?topic.*")) {
            String star = patterns && random.nextBoolean() ? "*" : one(random, List.of("a", "al"));
            String tail =
                    patterns && random.nextBoolean() ? "**" : one(random, List.of("a.b", "b"));
            return near.replaceFirst("[*][*]$", "<")
                    .replaceAll("[*]|[{]x[}]|[{]user[}]", star)
                    .replace("<", tail);
        }
        String text = patterns ? Matching.pattern(random) : Matching.name(random);
        return random.nextInt(3) == 0 ? "/user" + text : text;
    }

    private static <T> T one(Random random, List<T> all) {
        return all.get(random.nextInt(all.size()));
    }

    private static char separator(Random random) {
        return random.nextInt(3) == 0 ? '.' : '/';
    }

    private static boolean allowed(
            List<AccessRule> rules, Principal principal, Action action, String canonical) {
        Decision decision = RuleSet.of(rules).decide(principal, action, canonical);
        return decision instanceof Decision.Allowed;
    }

    // --- What holds ---

    @Test
    void namesAreDecidedAsObviously() {
        int allowed = 0;
        for (long seed = 1; seed <= 3_000; seed++) {
            Random random = new Random(seed);
            List<AccessRule> rules = rules(random);
            Principal principal = principal(random);
            Action action = random.nextBoolean() ? Action.SEND : Action.SUBSCRIBE;
            String name = asked(random, rules, false);
            if (name.startsWith("/user/")) {
                name = "/user/" + encoded(one(random, NAMES)) + name.substring("/user".length());
            }
            boolean right = obvious(rules, principal, action, name);
            assertThat(allowed(rules, principal, action, name))
                    .as("seed %d: %s %s %s by %s", seed, principal, action, name, rules)
                    .isEqualTo(right);
            allowed += right ? 1 : 0;
        }
        assertThat(allowed).as("both happen often").isBetween(300, 2_700);
    }

    @Test
    void patternsAreAllowedWhereOneRuleObviouslyHasAllThatTheyMatch() {
        int allowed = 0;
        for (long seed = 1; seed <= 3_000; seed++) {
            Random random = new Random(seed);
            List<AccessRule> rules = rules(random);
            Principal principal = principal(random);
            String asked = asked(random, rules, true);
            DestinationName.Parsed parsed =
                    DestinationName.ofSubscribe(asked, 1_024, principal.name(), 0);
            if (parsed.refusal() != null) {
                continue;
            }
            List<String> names = standIns(parsed.name());
            boolean right =
                    rules.stream()
                            .anyMatch(rule ->
                                    names.stream()
                                            .allMatch(name ->
                                                    allows(
                                                            rule,
                                                            principal,
                                                            Action.SUBSCRIBE,
                                                            name)));
            assertThat(allowed(rules, principal, Action.SUBSCRIBE, parsed.name()))
                    .as("seed %d: %s asks for %s by %s", seed, principal, parsed.name(), rules)
                    .isEqualTo(right);
            allowed += right ? 1 : 0;
        }
        assertThat(allowed).as("both happen often").isBetween(300, 2_700);
    }

    /// Over a real shard: whatever comes by whatever subscription could have been had by name.
    @Test
    void nothingComesThatCouldNotHaveBeenSubscribedToByName() {
        int got = 0;
        int refused = 0;
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            List<AccessRule> rules = rules(random);
            Principal principal = principal(random);
            List<AccessRule> all = new ArrayList<>(rules);
            all.add(new AccessRule(Action.SEND, "/**", new Who.User("publisher"), ""));
            RuleSet set = RuleSet.of(all);
            Node node =
                    new Node(
                            1,
                            (who, action, destination, answer) ->
                                    action == Action.CONNECT
                                            ? Decision.ALLOWED
                                            : set.decide(who, action, destination),
                            Policies.DEFAULT,
                            BrokerLimits.DEFAULT);
            Node.Client reader = node.client(0);
            reader.connect(principal);
            for (int i = 0; i < 6; i++) {
                reader.subscribe(i + "", asked(random, rules, true), null);
            }
            Node.Client publisher = node.client(0, "publisher");
            for (int i = 0; i < 12; i++) {
                String name = asked(random, rules, false);
                boolean user = name.startsWith("/user/");
                String to = encoded(one(random, NAMES));
                publisher.send(user ? name.replaceFirst("/user", "/user/" + to) : name, "x");
            }
            node.run();
            for (String message : reader.read().split(";")) {
                if (!message.isEmpty()) {
                    String destination =
                            message.substring(message.indexOf(':') + 1, message.indexOf('='));
                    assertThat(obvious(rules, principal, Action.SUBSCRIBE, destination))
                            .as("seed %d: %s got %s by %s", seed, principal, destination, rules)
                            .isTrue();
                    got++;
                }
            }
            refused += (int) reader.log.stream().filter(it -> it.endsWith("DENIED")).count();
            assertThat(publisher.log).containsExactly("connected");
        }
        assertThat(got).isGreaterThan(100);
        assertThat(refused).isGreaterThan(100);
    }
}

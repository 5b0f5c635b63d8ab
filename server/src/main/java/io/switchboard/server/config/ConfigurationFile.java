package io.switchboard.server.config;

import io.switchboard.broker.AccessRule;
import io.switchboard.broker.AccessRules;
import io.switchboard.broker.Policies;
import io.switchboard.broker.Retention;
import io.switchboard.server.Rate;
import io.switchboard.server.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/// The configuration file: YAML 1.2, read as a tree of nodes rather than into objects, as only the
/// nodes know on which line something stands.
final class ConfigurationFile {
    private static final String LIMITS = "limits";
    private static final String DESTINATIONS = "destinations";
    private static final String ACCESS = "access";
    private static final String AUTH = "auth";
    private static final String JWT = "jwt";
    private static final String RATES = "rates";

    private static final List<String> RULE_KEYS = List.of("allow", "destination", "who");
    private static final AccessRules.Action[] ALLOWED = {
        AccessRules.Action.SEND, AccessRules.Action.SUBSCRIBE
    };
    private static final Function<AccessRules.Action, String> WORD =
            action -> action.name().toLowerCase(Locale.ROOT);

    private final Path file;

    private ConfigurationFile(Path file) {
        this.file = file;
    }

    /// @throws StartFailure naming file, line, key, what was found and what was expected
    static void read(Path file, Draft draft) throws StartFailure {
        String text;
        try {
            text = Files.readString(file);
        } catch (IOException e) {
            throw new StartFailure(
                    "--config " + file + ": cannot be read: " + StartFailure.reason(e), e);
        }
        new ConfigurationFile(file).root(text, draft);
    }

    private void root(String text, Draft draft) throws StartFailure {
        Node root = compose(text);
        if (root == null || empty(root)) {
            return;
        }
        Map<String, Setting> settings = byKey(Setting.ALL);
        List<String> known = new ArrayList<>(settings.keySet());
        known.add(LIMITS);
        known.add(DESTINATIONS);
        known.add(ACCESS);
        known.add(AUTH);
        for (var entry : mapping("", root).entrySet()) {
            Node value = entry.getValue().getValueNode();
            switch (entry.getKey()) {
                case LIMITS -> limits(value, draft);
                case DESTINATIONS -> destinations(value, draft);
                case ACCESS -> access(value, draft);
                case AUTH -> auth(value, draft);
                default -> set(settings, known, "", entry.getValue(), draft);
            }
        }
    }

    private void limits(Node node, Draft draft) throws StartFailure {
        Map<String, Setting> settings = byKey(LimitKeys.ALL);
        List<String> known = new ArrayList<>(settings.keySet());
        known.add(RATES);
        for (var entry : mapping(LIMITS, node).entrySet()) {
            if (entry.getKey().equals(RATES)) {
                rates(entry.getValue().getValueNode(), draft);
            } else {
                set(settings, known, LIMITS + ".", entry.getValue(), draft);
            }
        }
    }

    /// How much clients with a role may send, role by role.
    private void rates(Node node, Draft draft) throws StartFailure {
        String name = LIMITS + "." + RATES;
        for (var role : mapping(name, node).entrySet()) {
            String of = name + "." + BadValue.shown(role.getKey());
            String parent = of + ".";
            Rate rate = Rate.UNLIMITED;
            for (var entry : mapping(of, role.getValue().getValueNode()).entrySet()) {
                var change = LimitKeys.OF_ROLE.get(entry.getKey());
                if (change == null) {
                    throw unknown(
                            entry.getValue().getKeyNode(),
                            parent,
                            entry.getKey(),
                            List.copyOf(LimitKeys.OF_ROLE.keySet()));
                }
                Node value = entry.getValue().getValueNode();
                try {
                    rate = change.apply(rate, value(parent + entry.getKey(), false, value));
                } catch (BadValue e) {
                    throw mistake(value, parent + entry.getKey() + ": " + e.getMessage());
                }
            }
            draft.rateByRole.put(role.getKey(), rate);
        }
    }

    private void auth(Node node, Draft draft) throws StartFailure {
        draft.authGiven = true;
        Map<String, Setting> settings = byKey(AuthKeys.ALL);
        List<String> known = new ArrayList<>(settings.keySet());
        known.add(JWT);
        for (var entry : mapping(AUTH, node).entrySet()) {
            if (entry.getKey().equals(JWT)) {
                jwt(entry.getValue().getValueNode(), draft);
            } else {
                set(settings, known, AUTH + ".", entry.getValue(), draft);
            }
        }
    }

    private void jwt(Node node, Draft draft) throws StartFailure {
        String name = AUTH + "." + JWT;
        draft.auth.tokens = true;
        Map<String, Setting> settings = byKey(AuthKeys.JWT);
        for (NodeTuple entry : mapping(name, node).values()) {
            set(settings, List.copyOf(settings.keySet()), name + ".", entry, draft);
        }
    }

    private void set(
            Map<String, Setting> settings,
            List<String> known,
            String parent,
            NodeTuple entry,
            Draft draft)
            throws StartFailure {
        String key = ((ScalarNode) entry.getKeyNode()).getValue();
        Setting setting = settings.get(key);
        if (setting == null) {
            throw unknown(entry.getKeyNode(), parent, key, known);
        }
        Value value = value(parent + key, setting.list(), entry.getValueNode());
        try {
            setting.apply(draft, value);
        } catch (BadValue e) {
            throw mistake(entry.getValueNode(), parent + key + ": " + e.getMessage());
        }
    }

    private void destinations(Node node, Draft draft) throws StartFailure {
        for (var entry : mapping(DESTINATIONS, node).entrySet()) {
            String key = DESTINATIONS + "." + BadValue.shown(entry.getKey());
            UnaryOperator<Policies.Policy> policy = policy(key, entry.getValue().getValueNode());
            try {
                draft.policies = draft.policies.with(entry.getKey(), policy);
            } catch (IllegalArgumentException e) {
                throw mistake(entry.getValue().getKeyNode(), key + ": " + e.getMessage());
            }
        }
    }

    /// What a pattern says, key by key, about those destinations that it matches.
    private UnaryOperator<Policies.Policy> policy(String parent, Node node) throws StartFailure {
        Map<String, PolicyKey> keys =
                PolicyKey.ALL.stream().collect(Collectors.toMap(PolicyKey::key, it -> it));
        List<UnaryOperator<Policies.Policy>> changes = new ArrayList<>();
        for (var entry : mapping(parent, node).entrySet()) {
            PolicyKey key = keys.get(entry.getKey());
            if (key == null) {
                throw unknown(
                        entry.getValue().getKeyNode(),
                        parent + ".",
                        entry.getKey(),
                        List.copyOf(keys.keySet()));
            }
            String name = parent + "." + key.key();
            Node value = entry.getValue().getValueNode();
            if (key.key().equals(PolicyKey.HISTORY) && value instanceof MappingNode) {
                Retention kept = history(name, value);
                changes.add(policy -> policy.withHistory(kept));
                continue;
            }
            try {
                changes.add(key.read().apply(value(name, false, value)));
            } catch (BadValue e) {
                throw mistake(value, name + ": " + e.getMessage());
            }
        }
        return policy -> {
            Policies.Policy changed = policy;
            for (UnaryOperator<Policies.Policy> change : changes) {
                changed = change.apply(changed);
            }
            return changed;
        };
    }

    private Retention history(String parent, Node node) throws StartFailure {
        Map<String, HistoryKey> keys =
                HistoryKey.ALL.stream().collect(Collectors.toMap(HistoryKey::key, it -> it));
        Retention kept = HistoryKey.NONE;
        for (var entry : mapping(parent, node).entrySet()) {
            HistoryKey key = keys.get(entry.getKey());
            if (key == null) {
                throw unknown(
                        entry.getValue().getKeyNode(),
                        parent + ".",
                        entry.getKey(),
                        List.copyOf(keys.keySet()));
            }
            String name = parent + "." + key.key();
            Node value = entry.getValue().getValueNode();
            try {
                kept = key.read().apply(kept, value(name, false, value));
            } catch (BadValue e) {
                throw mistake(value, name + ": " + e.getMessage());
            }
        }
        if (kept.equals(HistoryKey.NONE)) {
            throw mistake(node, parent + ": expected messages, bytes or age, or on or off");
        }
        return kept;
    }

    private void access(Node node, Draft draft) throws StartFailure {
        if (empty(node)) {
            return;
        }
        if (!(node instanceof SequenceNode list)) {
            throw mistake(node, ACCESS + ": expected a list of rules but was " + shown(node));
        }
        for (Node each : list.getValue()) {
            rule(each, draft);
        }
    }

    /// A rule for each action, destination and holder that it names.
    private void rule(Node node, Draft draft) throws StartFailure {
        if (!(node instanceof MappingNode)) {
            throw mistake(
                    node,
                    ACCESS
                            + ": expected a rule with allow, destination and who but was "
                            + shown(node));
        }
        Map<String, NodeTuple> entries = mapping(ACCESS, node);
        for (var entry : entries.entrySet()) {
            if (!RULE_KEYS.contains(entry.getKey())) {
                throw unknown(
                        entry.getValue().getKeyNode(), ACCESS + ".", entry.getKey(), RULE_KEYS);
            }
        }
        List<AccessRules.Action> actions =
                each("allow", node, entries, text -> Value.of(text).word(ALLOWED, WORD));
        List<AccessRule.Who> holders = each("who", node, entries, AccessRule.Who::of);
        String source = file + " line " + line(node);
        for (AccessRules.Action action : actions) {
            for (AccessRule.Who who : holders) {
                draft.access.addAll(
                        each(
                                "destination",
                                node,
                                entries,
                                text -> new AccessRule(action, text, who, source)));
            }
        }
    }

    /// What stands behind a key of a rule, one value at least, each of them read.
    private <T> List<T> each(
            String key, Node rule, Map<String, NodeTuple> entries, Function<String, T> read)
            throws StartFailure {
        String name = ACCESS + "." + key;
        NodeTuple entry = entries.get(key);
        List<String> texts =
                entry == null ? List.of() : value(name, true, entry.getValueNode()).texts();
        if (texts.isEmpty()) {
            throw mistake(
                    entry == null ? rule : entry.getKeyNode(),
                    name + ": expected one value or more but was nothing");
        }
        List<T> all = new ArrayList<>();
        for (String text : texts) {
            try {
                all.add(read.apply(text));
            } catch (BadValue | IllegalArgumentException e) {
                throw mistake(
                        entry == null ? rule : entry.getValueNode(),
                        name + ": " + oneLine(e.getMessage()));
            }
        }
        return all;
    }

    /// Null when there is nothing but comments.
    private @Nullable Node compose(String text) throws StartFailure {
        LoadSettings settings = LoadSettings.builder().setAllowNonScalarKeys(true).build();
        try {
            return new Compose(settings).composeString(text).orElse(null);
        } catch (MarkedYamlEngineException e) {
            String problem = oneLine(e.getProblem());
            throw new StartFailure(
                    e.getProblemMark().map(this::place).orElse(file + ": ")
                            + "this is not YAML: "
                            + problem);
        } catch (YamlEngineException e) {
            throw new StartFailure(file + ": this is not YAML: " + oneLine(e.getMessage()));
        }
    }

    private static String oneLine(@Nullable String text) {
        return String.valueOf(text).replaceAll("\\s+", " ").strip();
    }

    /// The entries by key, in order; none where nothing stands behind the key.
    private Map<String, NodeTuple> mapping(String name, Node node) throws StartFailure {
        if (empty(node)) {
            return Map.of();
        }
        if (!(node instanceof MappingNode mapping)) {
            throw mistake(
                    node,
                    (name.isEmpty() ? "" : name + ": ")
                            + "expected keys with values but was "
                            + shown(node));
        }
        Map<String, NodeTuple> entries = new LinkedHashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                throw mistake(
                        entry.getKeyNode(),
                        (name.isEmpty() ? "" : name + ": ")
                                + "expected a key but was "
                                + shown(entry.getKeyNode()));
            }
            NodeTuple first = entries.putIfAbsent(key.getValue(), entry);
            if (first != null) {
                String parent = name.isEmpty() ? "" : name + ".";
                throw mistake(
                        key,
                        parent
                                + BadValue.shown(key.getValue())
                                + ": stands here again, first on line "
                                + line(first.getKeyNode()));
            }
        }
        return entries;
    }

    private Value value(String name, boolean list, Node node) throws StartFailure {
        if (node instanceof ScalarNode scalar) {
            return list && empty(node) ? new Value(List.of()) : Value.of(scalar.getValue());
        }
        if (!list || !(node instanceof SequenceNode sequence)) {
            throw mistake(
                    node,
                    name
                            + ": expected "
                            + (list ? "a list of values" : "one value")
                            + " but was "
                            + shown(node));
        }
        List<String> texts = new ArrayList<>();
        for (Node each : sequence.getValue()) {
            if (!(each instanceof ScalarNode scalar)) {
                throw mistake(each, name + ": expected one value but was " + shown(each));
            }
            texts.add(scalar.getValue());
        }
        return new Value(texts);
    }

    private static boolean empty(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private static String shown(Node node) {
        return switch (node) {
            case ScalarNode scalar -> BadValue.shown(scalar.getValue());
            case SequenceNode list -> "a list";
            case MappingNode mapping -> "keys with values";
            default -> "something else";
        };
    }

    private StartFailure unknown(Node node, String parent, String key, List<String> known) {
        String nearest = Suggestion.nearest(key, known);
        String hint;
        if (parent.isEmpty() && byKey(LimitKeys.ALL).containsKey(key)) {
            hint = "it belongs below " + LIMITS;
        } else if (nearest != null) {
            hint = "did you mean " + nearest + "?";
        } else {
            hint = "known are " + String.join(", ", new TreeSet<>(known));
        }
        return mistake(node, parent + BadValue.shown(key) + ": there is no such key; " + hint);
    }

    private StartFailure mistake(Node node, String text) {
        return new StartFailure(node.getStartMark().map(this::place).orElse(file + ": ") + text);
    }

    private String place(Mark mark) {
        return file + " line " + (mark.getLine() + 1) + ": ";
    }

    private static int line(Node node) {
        return node.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    }

    private static Map<String, Setting> byKey(List<Setting> settings) {
        return settings.stream()
                .collect(Collectors.toMap(Setting::key, it -> it, (a, b) -> a, LinkedHashMap::new));
    }
}

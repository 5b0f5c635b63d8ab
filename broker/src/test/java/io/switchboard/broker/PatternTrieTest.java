package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PatternTrieTest {
    private final PatternTrie<String> trie = new PatternTrie<>();

    private List<String> matches(String name) {
        List<String> found = new ArrayList<>();
        trie.forEachMatch(name, found::add);
        found.sort(null);
        return found;
    }

    @Test
    void aTailNeedsOneSegmentAtLeast() {
        trie.put("/topic/a/**", "rest");
        assertThat(matches("/topic/a")).isEmpty();
        assertThat(matches("/topic/a/b")).containsExactly("rest");
        assertThat(matches("/topic/a/b.c/d")).containsExactly("rest");
        assertThat(matches("/topic/a.b")).isEmpty();
    }

    @Test
    void aUsersNameIsOneSegment() {
        trie.put("/user/a.b/topic/*", "own");
        assertThat(matches("/user/a.b/topic/x")).containsExactly("own");
        assertThat(matches("/user/a/topic/x")).isEmpty();
    }

    @Test
    void whatIsPutAgainReplaces() {
        trie.put("/topic/*", "one");
        trie.put("/topic/*", "two");
        assertThat(trie.count()).isEqualTo(1);
        assertThat(trie.get("/topic/*")).isEqualTo("two");
    }

    @Test
    void agreesWithTheObviousMatcher() {
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            PatternTrie<String> tried = new PatternTrie<>();
            Map<String, String> model = new TreeMap<>();
            for (int step = 0; step < 60; step++) {
                String pattern = Matching.pattern(random);
                if (random.nextInt(3) == 0) {
                    tried.remove(pattern);
                    model.remove(pattern);
                } else {
                    tried.put(pattern, pattern);
                    model.put(pattern, pattern);
                }
                String name = Matching.name(random);
                List<String> expected =
                        model.keySet().stream().filter(p -> Matching.matches(p, name)).toList();
                List<String> found = new ArrayList<>();
                tried.forEachMatch(name, found::add);
                assertThat(found)
                        .as("seed %d, step %d, %s", seed, step, name)
                        .containsExactlyInAnyOrderElementsOf(expected);
                assertThat(tried.count()).as("seed %d", seed).isEqualTo(model.size());
                assertThat(tried.get(pattern)).as("seed %d", seed).isEqualTo(model.get(pattern));
            }
        }
    }
}

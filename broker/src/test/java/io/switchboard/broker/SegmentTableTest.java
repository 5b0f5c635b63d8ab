package io.switchboard.broker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SegmentTableTest {
    private final SegmentTable<Integer> table = new SegmentTable<>();

    @Test
    void aSegmentIsFoundWhereItStands() {
        table.put(".b", 1);
        table.put("/b", 2);
        assertThat(table.get("/a.b/b", 2, 4)).isEqualTo(1);
        assertThat(table.get("/a.b/b", 4, 6)).isEqualTo(2);
    }

    @Test
    void neitherALongerNorAShorterOneIsThatSegment() {
        table.put(".room", 1);
        assertThat(table.get("/a.rooms", 2, 8)).isNull();
        assertThat(table.get("/a.room", 2, 6)).isNull();
        assertThat(table.get("/a.room", 2, 7)).isEqualTo(1);
    }

    @Test
    void eachOfManyHasItsOwnValue() {
        for (int i = 0; i < 1_000; i++) {
            table.put("." + i, i);
        }
        for (int i = 0; i < 1_000; i++) {
            String name = "/topic." + i;
            assertThat(table.get(name, 6, name.length())).isEqualTo(i);
        }
        assertThat(table.get("/topic.1000", 6, 11)).isNull();
    }

    /// Texts of equal hash: `Aa` and `BB`.
    @Test
    void thoseThatCollideAreToldApart() {
        table.put("Aa", 1);
        table.put("BB", 2);
        assertThat(table.get("Aa", 0, 2)).isEqualTo(1);
        assertThat(table.get("BB", 0, 2)).isEqualTo(2);
        assertThat(table.get("C#", 0, 2)).isNull();
    }

    @Test
    void anEmptyOneHasNothing() {
        assertThat(table.isEmpty()).isTrue();
        assertThat(table.get("/a", 0, 2)).isNull();
    }
}

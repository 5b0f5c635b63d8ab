package io.switchboard.stomp;

/// Headers that were written down in Java: names and values in turn.
final class ListedHeaders extends StompHeaders {

    static final ListedHeaders EMPTY = new ListedHeaders();

    private final String[] namesAndValues;

    ListedHeaders(String... namesAndValues) {
        this.namesAndValues = namesAndValues;
    }

    @Override
    public int indexOf(String name) {
        for (int i = 0; i < namesAndValues.length; i += 2) {
            if (namesAndValues[i].equals(name)) {
                return i / 2;
            }
        }
        return -1;
    }

    @Override
    public int size() {
        return namesAndValues.length / 2;
    }

    @Override
    public String name(int index) {
        return namesAndValues[2 * index];
    }

    @Override
    public String value(int index) {
        return namesAndValues[2 * index + 1];
    }
}

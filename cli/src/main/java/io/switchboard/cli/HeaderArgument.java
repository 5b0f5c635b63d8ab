package io.switchboard.cli;

import io.switchboard.stomp.StompHeaders;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `--header name:value`.
record HeaderArgument(String name, String value) {

    static StompHeaders headers(List<HeaderArgument> arguments) {
        List<String> namesAndValues = new ArrayList<>();
        for (HeaderArgument each : arguments) {
            namesAndValues.add(each.name);
            namesAndValues.add(each.value);
        }
        return StompHeaders.of(namesAndValues.toArray(String[]::new));
    }

    static final class Converter implements ITypeConverter<HeaderArgument> {
        @Override
        public HeaderArgument convert(String text) {
            int colon = text.indexOf(':');
            if (colon < 1) {
                throw new TypeConversionException("expected name:value but was '" + text + "'");
            }
            return new HeaderArgument(text.substring(0, colon), text.substring(colon + 1));
        }
    }
}

package io.switchboard.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Asks a server's administration, with the token of its data directory, or as one of the users
/// that it was given for that.
final class Administrator {
    private static final String PASSCODE_VARIABLE = "SWITCHBOARD_PASSCODE";
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    /// Of an answer; a page of sessions is some hundred KiB.
    private static final int ANSWER_LENGTH_MAX = 16 << 20;

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:9090",
            description = "The administrator's listener (default: ${DEFAULT-VALUE}).")
    private URI url = URI.create("http://127.0.0.1:9090");

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "data/admin-token",
            description =
                    "The token that the server wrote into its data directory (default:"
                            + " ${DEFAULT-VALUE}).")
    private Path tokenFile = Path.of("data", "admin-token");

    @Option(
            names = "--login",
            paramLabel = "NAME",
            description = "A user of the server's admin-users, in place of the token.")
    private @Nullable String login;

    @Option(
            names = "--passcode-file",
            paramLabel = "FILE",
            description =
                    "Its first line is the passcode. Without it the environment variable"
                            + " SWITCHBOARD_PASSCODE is used.")
    private @Nullable Path passcodeFile;

    /// @param path from `/sessions` on
    /// @param parameters without those that are null
    Map<String, Object> ask(String method, String path, Map<String, @Nullable String> parameters)
            throws IOException, InterruptedException {
        StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
        parameters.forEach((name, value) -> {
            if (value != null) {
                query.add(name + "=" + URLEncoder.encode(value, UTF_8));
            }
        });
        HttpRequest request =
                HttpRequest.newBuilder(url.resolve(path + query))
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .header("Authorization", authorization())
                        .timeout(TIMEOUT)
                        .build();
        try (HttpClient client = HttpClient.newBuilder().connectTimeout(TIMEOUT).build()) {
            HttpResponse<String> answer =
                    client.send(
                            request,
                            HttpResponse.BodyHandlers.limiting(
                                    HttpResponse.BodyHandlers.ofString(), ANSWER_LENGTH_MAX));
            if (answer.statusCode() != 200) {
                throw new IOException(
                        "the server refused: " + answer.statusCode() + " " + answer.body());
            }
            return JSONObjectUtils.parse(answer.body());
        } catch (ParseException e) {
            throw new IOException("expected JSON from " + url + "; is that the admin port?", e);
        }
    }

    private String authorization() throws IOException {
        if (login == null) {
            return "Bearer " + first(tokenFile);
        }
        String passcode =
                passcodeFile == null ? System.getenv(PASSCODE_VARIABLE) : first(passcodeFile);
        byte[] pair = (login + ":" + (passcode == null ? "" : passcode)).getBytes(UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    private static String first(Path file) throws IOException {
        return Files.readString(file).lines().findFirst().orElse("");
    }
}

package io.switchboard.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The files below `META-INF/switchboard/pages/` on the class path, if there are any. Each is read
/// once, when it is first asked for, and kept: they are few and belong to the program. Shared by
/// all threads.
///
/// Names are of letters, digits, `.`, `_` and `-`, and none begins with a dot. A path that says
/// anything else, in percent signs or not, is the name of nothing, so no way leads out of the
/// folder.
final class Pages {
    private static final String ROOT = "META-INF/switchboard/pages";
    private static final String SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._-]*";
    private static final Pattern FILE = Pattern.compile("(?:/" + SEGMENT + ")+");
    private static final Pattern FOLDER = Pattern.compile("(?:/" + SEGMENT + ")*/");

    /// A folder whose name ends in a version keeps its content for ever.
    private static final Pattern VERSIONED = Pattern.compile(".*-[0-9]+(?:\\.[0-9]+)+/.*");

    private final ClassLoader loader;
    private final Map<String, HttpAnswer> read = new ConcurrentHashMap<>();

    Pages(ClassLoader loader) {
        this.loader = loader;
    }

    /// The page of a path, null when there is none. A folder's page is its `index.html`.
    @Nullable HttpAnswer at(String path) {
        if (FOLDER.matcher(path).matches()) {
            return file(path + "index.html");
        }
        return FILE.matcher(path).matches() ? file(path) : null;
    }

    /// Whether the path lacks nothing but its last `/`.
    boolean folder(String path) {
        return FILE.matcher(path).matches() && file(path + "/index.html") != null;
    }

    private @Nullable HttpAnswer file(String path) {
        HttpAnswer known = read.get(path);
        if (known != null) {
            return known;
        }
        URL url = loader.getResource(ROOT + path);
        if (url == null) {
            return null;
        }
        try {
            byte[] content = content(url);
            if (content == null) {
                return null;
            }
            HttpAnswer page = page(path, content);
            read.put(path, page);
            return page;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Null for a folder, which a class path gives out as if it were a file.
    private static byte @Nullable [] content(URL url) throws IOException {
        if (url.getProtocol().equals("file")
                && !Files.isRegularFile(Path.of(URI.create(url.toString())))) {
            return null;
        }
        URLConnection connection = url.openConnection();
        if (connection instanceof JarURLConnection jar && jar.getJarEntry().isDirectory()) {
            return null;
        }
        try (InputStream in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }

    private static HttpAnswer page(String path, byte[] content) {
        return new HttpAnswer(
                200,
                List.of(
                        Map.entry("Content-Type", type(path)),
                        Map.entry("Content-Length", Integer.toString(content.length)),
                        Map.entry("ETag", '"' + digest(content) + '"'),
                        Map.entry(
                                "Cache-Control",
                                VERSIONED.matcher(path).matches()
                                        ? "public, max-age=31536000, immutable"
                                        : "no-cache")),
                ByteBuffer.wrap(content));
    }

    private static String digest(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }

    private static String type(String path) {
        return switch (path.substring(path.lastIndexOf('.') + 1)) {
            case "html" -> "text/html; charset=utf-8";
            case "css" -> "text/css; charset=utf-8";
            case "js", "mjs" -> "text/javascript; charset=utf-8";
            case "json", "map" -> "application/json";
            case "svg" -> "image/svg+xml";
            case "png" -> "image/png";
            case "jpg", "jpeg" -> "image/jpeg";
            case "webp" -> "image/webp";
            case "ico" -> "image/x-icon";
            case "woff2" -> "font/woff2";
            case "wasm" -> "application/wasm";
            case "webmanifest" -> "application/manifest+json";
            case "txt", "md" -> "text/plain; charset=utf-8";
            default ->
                    path.indexOf('.', path.lastIndexOf('/')) < 0
                            ? "text/plain; charset=utf-8"
                            : "application/octet-stream";
        };
    }
}

package io.switchboard.server.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The files below `META-INF/switchboard/pages/` on the class path, if there are any: read when the
/// server starts, as they are few and belong to the program, and immutable from then on. A request
/// costs a look-up, whatever it asks for.
///
/// Names are of letters, digits, `.`, `_` and `-`, and none begins with a dot; other files are no
/// pages. No request's path is ever made into the name of a file, so no way leads out of the
/// folder.
final class Pages {
    private static final String ROOT = "META-INF/switchboard/pages";
    private static final String SEGMENT = "[A-Za-z0-9_-][A-Za-z0-9._-]*";
    private static final Pattern FILE = Pattern.compile("(?:/" + SEGMENT + ")+");

    /// A folder whose name ends in a version keeps its content for ever.
    private static final Pattern VERSIONED = Pattern.compile(".*-[0-9]+(?:\\.[0-9]+)+/.*");

    private final Map<String, HttpAnswer> files = new HashMap<>();

    /// Of two files of one name that of the earlier entry of the class path counts.
    Pages(ClassLoader loader) {
        try {
            for (URL root : Collections.list(loader.getResources(ROOT))) {
                if (root.openConnection() instanceof JarURLConnection jar) {
                    readJar(jar);
                } else if (root.getProtocol().equals("file")) {
                    readFolder(Path.of(URI.create(root.toString())));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void readJar(JarURLConnection connection) throws IOException {
        // A cached one would be somebody else's to close.
        connection.setUseCaches(false);
        String folder = connection.getEntryName().replaceFirst("/$", "");
        try (JarFile jar = connection.getJarFile()) {
            for (JarEntry entry : Collections.list(jar.entries())) {
                if (!entry.isDirectory() && entry.getName().startsWith(folder + "/")) {
                    try (InputStream in = jar.getInputStream(entry)) {
                        add(entry.getName().substring(folder.length()), in.readAllBytes());
                    }
                }
            }
        }
    }

    private void readFolder(Path folder) throws IOException {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                StringBuilder path = new StringBuilder();
                folder.relativize(file).forEach(segment -> path.append('/').append(segment));
                add(path.toString(), Files.readAllBytes(file));
            }
        }
    }

    private void add(String path, byte[] content) {
        if (FILE.matcher(path).matches()) {
            files.putIfAbsent(path, page(path, content));
        }
    }

    /// The page of a path, null when there is none. A folder's page is its `index.html`.
    @Nullable HttpAnswer at(String path) {
        return files.get(path.endsWith("/") ? path + "index.html" : path);
    }

    /// Whether the path lacks nothing but its last `/`.
    boolean folder(String path) {
        return files.containsKey(path + "/index.html");
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

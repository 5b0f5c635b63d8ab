package io.switchboard.conformance;

import java.io.PrintWriter;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Callable;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Asks any server: `conformance/run.sh`.
@Command(
        name = "conformance",
        mixinStandardHelpOptions = true,
        description =
                "Asks an echo endpoint for the rules of WebSocket. Its certificate is not"
                        + " looked at.",
        exitCodeListHeading = "Exit status:%n",
        exitCodeList = {
            "0:No rule is broken.",
            "1:A rule is broken.",
            "2:Nothing could be asked, or the arguments are wrong."
        })
public final class Conformance implements Callable<Integer> {
    @Parameters(paramLabel = "URL", description = "ws://host[:port]/path or wss://…")
    private URI uri = URI.create("ws://localhost/");

    @Option(names = "--only", description = "Cases whose id begins so, as 6455-5.5.")
    private String start = "";

    @Option(names = "--failed", description = "Show only what did not pass.")
    private boolean onlyFailed;

    @Spec private CommandSpec spec = CommandSpec.create();

    public static void main(String... arguments) {
        System.exit(new CommandLine(new Conformance()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException, GeneralSecurityException {
        List<Case<Target>> cases =
                ServerSuite.cases().stream().filter(each -> each.id().startsWith(start)).toList();
        List<Result> results = Run.of(cases, new Target(uri, trustingAnybody()));
        PrintWriter out = spec.commandLine().getOut();
        results.stream()
                .filter(result -> !onlyFailed || result.verdict() != Verdict.PASS)
                .forEach(result -> out.println(result.report()));
        out.println(Result.summary(results));
        out.flush();
        if (results.stream().allMatch(result -> result.verdict() == Verdict.NOT_APPLICABLE)) {
            spec.commandLine()
                    .getErr()
                    .println(
                            results.isEmpty()
                                    ? "no case has an id that begins so; ids are as 6455-5.5-01"
                                    : "nothing could be asked there, so nothing is shown");
            return CommandLine.ExitCode.USAGE;
        }
        return results.stream().anyMatch(result -> result.verdict() == Verdict.FAIL) ? 1 : 0;
    }

    /// Whoever answers is asked, and nothing secret is said to it.
    static SSLContext trustingAnybody() throws GeneralSecurityException {
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, new TrustManager[] {new Anybody()}, new SecureRandom());
        return tls;
    }

    private static final class Anybody extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkClientTrusted(
                X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkServerTrusted(
                X509Certificate[] chain, String type, java.net.Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}

package io.switchboard.examples;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/// Carries bytes between a port of its own and a server's on loopback, until it is cut: then all
/// its connections break and new ones break at once, as on a bad network. Before that, one way can
/// be held up; what was held up is lost at the cut. It counts what it carries.
final class Forwarder implements AutoCloseable {
    private final ServerSocket entrance;
    private final int serverPort;
    private final AtomicLong requestBytes = new AtomicLong();
    private final AtomicLong answerBytes = new AtomicLong();

    // Guarded by this.
    private final Set<Socket> open = new HashSet<>();
    private boolean cut;
    private boolean holdsRequests;
    private boolean holdsAnswers;

    Forwarder(int serverPort) throws IOException {
        this.serverPort = serverPort;
        entrance = new ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"));
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return entrance.getLocalPort();
    }

    /// What went to the server so far.
    long requestBytes() {
        return requestBytes.get();
    }

    /// What came from it so far.
    long answerBytes() {
        return answerBytes.get();
    }

    synchronized void holdRequests() {
        holdsRequests = true;
    }

    synchronized void holdAnswers() {
        holdsAnswers = true;
    }

    synchronized void cut() {
        cut = true;
        open.forEach(Forwarder::shut);
        open.clear();
        holdsRequests = false;
        holdsAnswers = false;
        notifyAll();
    }

    synchronized void mend() {
        cut = false;
    }

    @Override
    public void close() throws IOException {
        entrance.close();
        cut();
    }

    private void accept() {
        try {
            while (true) {
                forward(entrance.accept());
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void forward(Socket near) {
        try {
            var far = new Socket(InetAddress.getByName("127.0.0.1"), serverPort);
            synchronized (this) {
                open.add(near);
                open.add(far);
                if (cut) {
                    cut();
                    return;
                }
            }
            Thread.ofVirtual().start(() -> carry(near, far, () -> holdsRequests, requestBytes));
            Thread.ofVirtual().start(() -> carry(far, near, () -> holdsAnswers, answerBytes));
        } catch (IOException e) {
            shut(near);
        }
    }

    private void carry(Socket from, Socket to, BooleanSupplier held, AtomicLong count) {
        byte[] bytes = new byte[16 * 1024];
        try (from;
                to) {
            for (int n = from.getInputStream().read(bytes);
                    n >= 0;
                    n = from.getInputStream().read(bytes)) {
                awaitRelease(held);
                count.addAndGet(n);
                to.getOutputStream().write(bytes, 0, n); // fails after a cut
            }
        } catch (IOException | InterruptedException e) {
            // cut, or closed by the other direction
        }
        synchronized (this) {
            open.remove(from);
            open.remove(to);
        }
    }

    private synchronized void awaitRelease(BooleanSupplier held) throws InterruptedException {
        while (held.getAsBoolean()) {
            wait();
        }
    }

    private static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError("a socket that cannot be closed", e);
        }
    }
}

"""Facts about Switchboard as stomp.py sees them over TCP: facts.py PORT

Prints "ok NAME" for each; ends with status 1 at the first that does not hold.
"""
import queue
import sys
import traceback

import stomp

PORT = int(sys.argv[1])


class Heard(stomp.ConnectionListener):
    """Keeps what comes, for a test to take."""

    def __init__(self):
        self.messages = queue.Queue()
        self.receipts = queue.Queue()
        self.errors = queue.Queue()
        self.gone = queue.Queue()
        self.beats = queue.Queue()

    def on_message(self, frame):
        self.messages.put(frame)

    def on_receipt(self, frame):
        self.receipts.put(frame.headers["receipt-id"])

    def on_error(self, frame):
        self.errors.put(frame)

    def on_heartbeat(self):
        self.beats.put(1)

    def on_disconnected(self):
        self.gone.put(1)


def connect(kind=stomp.Connection12, **options):
    connection = kind([("127.0.0.1", PORT)], **options)
    heard = Heard()
    connection.set_listener("heard", heard)
    connection.connect("py", "secret", wait=True)
    return connection, heard


def every_version_carries_a_message():
    for kind in (stomp.Connection10, stomp.Connection11, stomp.Connection12):
        connection, heard = connect(kind)
        destination = "/topic/py." + kind.__name__
        connection.subscribe(destination, id="1", ack="auto", headers={"receipt": "s"})
        assert heard.receipts.get(timeout=20) == "s"
        connection.send(destination, "grüß dich", headers={"colour": "blue"})
        frame = heard.messages.get(timeout=20)
        assert frame.body == "grüß dich", frame.body
        assert frame.headers["colour"] == "blue"
        connection.disconnect()


def a_receipt_comes_for_every_frame_that_asks():
    connection, heard = connect()
    connection.subscribe("/topic/py.r", id="1", headers={"receipt": "a"})
    connection.send("/topic/py.r", "x", receipt="b")
    connection.unsubscribe("1", receipt="c")
    # Each says that its own frame was processed, so one need not wait for another.
    assert sorted(heard.receipts.get(timeout=20) for _ in range(3)) == ["a", "b", "c"]
    connection.disconnect(receipt="d")
    assert heard.receipts.get(timeout=20) == "d"


def heart_beats_come():
    connection, heard = connect(heartbeats=(300, 300))
    heard.beats.get(timeout=20)
    assert connection.is_connected()
    connection.disconnect()


def an_error_says_what_was_wrong_and_ends_the_connection():
    connection, heard = connect()
    connection.send("/nowhere", "x", receipt="r")
    error = heard.errors.get(timeout=20)
    assert error.headers["receipt-id"] == "r"
    assert "/topic/" in error.body, error.body
    heard.gone.get(timeout=20)


def order_is_kept():
    connection, heard = connect()
    connection.subscribe("/topic/py.order", id="1", headers={"receipt": "s"})
    heard.receipts.get(timeout=20)
    for i in range(500):
        connection.send("/topic/py.order", str(i))
    assert [heard.messages.get(timeout=20).body for _ in range(500)] == [str(i) for i in range(500)]
    connection.disconnect()


for fact in (
    every_version_carries_a_message,
    a_receipt_comes_for_every_frame_that_asks,
    heart_beats_come,
    an_error_says_what_was_wrong_and_ends_the_connection,
    order_is_kept,
):
    try:
        fact()
        print("ok", fact.__name__)
    except BaseException:
        print("not ok", fact.__name__)
        traceback.print_exc(file=sys.stdout)
        sys.exit(1)

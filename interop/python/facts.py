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


def connect(kind=stomp.Connection12, client_id=None, **options):
    connection = kind([("127.0.0.1", PORT)], **options)
    heard = Heard()
    connection.set_listener("heard", heard)
    headers = {"client-id": client_id} if client_id else {}
    connection.connect("py", "secret", wait=True, headers=headers)
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
    connection, heard = connect(heartbeats=(1000, 1000), heart_beat_receive_scale=10)
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


def settled(send, **options):
    """Does what asks for a receipt and waits for it: settled(connection.send, ...)."""
    connection = send.__self__
    heard = connection.get_listener("heard")
    send(receipt="settled", **options)
    assert heard.receipts.get(timeout=20) == "settled"


def rest_of(queue_name):
    """What waits in a queue, each with whether it had been delivered before: bodies and flags."""
    connection, heard = connect()
    settled(connection.send, destination=queue_name, body="the end")
    connection.subscribe(queue_name, id="rest", ack="auto")
    rest = []
    while True:
        frame = heard.messages.get(timeout=20)
        if frame.body == "the end":
            connection.disconnect(receipt="bye")
            heard.gone.get(timeout=20)
            return rest
        rest.append((frame.body, frame.headers.get("redelivered", "false")))


def leave(connection, heard):
    connection.disconnect(receipt="bye")
    heard.gone.get(timeout=20)


def consume(queue_name, *bodies, kind=stomp.Connection12, ack="client", **headers):
    """A consumer of a queue that holds the given messages, and has got them all."""
    connection, heard = connect(kind)
    for body in bodies:
        settled(connection.send, destination=queue_name, body=body)
    connection.subscribe(queue_name, id="1", ack=ack, headers=headers)
    frames = [heard.messages.get(timeout=20) for _ in bodies]
    assert [frame.body for frame in frames] == list(bodies)
    return connection, heard, frames


def acknowledge(connection, frame, say="ack", **options):
    """ACK or NACK in the words of the connection's version."""
    if isinstance(connection, stomp.Connection12):
        settled(getattr(connection, say), id=frame.headers["ack"], **options)
    elif isinstance(connection, stomp.Connection11):
        of = {"id": frame.headers["message-id"], "subscription": "1"}
        settled(getattr(connection, say), **of, **options)
    else:
        settled(getattr(connection, say), id=frame.headers["message-id"], **options)


def in_every_version_every_ack_mode_takes_messages_off_a_queue():
    for kind in (stomp.Connection10, stomp.Connection11, stomp.Connection12):
        for ack in ("auto", "client", "client-individual"):
            name = "/queue/py." + kind.__name__ + "." + ack
            connection, heard, frames = consume(name, "grüß", "dich", kind=kind, ack=ack)
            if ack != "auto":
                for frame in frames:
                    acknowledge(connection, frame)
            leave(connection, heard)
            assert rest_of(name) == [], name


def what_was_not_acknowledged_comes_again_in_its_place():
    for kind in (stomp.Connection10, stomp.Connection11, stomp.Connection12):
        name = "/queue/py.again." + kind.__name__
        connection, heard, _ = consume(name, "1", "2", kind=kind)
        leave(connection, heard)
        assert rest_of(name) == [("1", "true"), ("2", "true")]


def ack_client_takes_all_before_it_and_client_individual_itself_alone():
    for ack, rest in (("client", ["3"]), ("client-individual", ["1", "3"])):
        name = "/queue/py.one." + ack
        connection, heard, frames = consume(name, "1", "2", "3", ack=ack)
        acknowledge(connection, frames[1])
        leave(connection, heard)
        assert [body for body, _ in rest_of(name)] == rest


def nack_brings_it_again_and_counts():
    for kind in (stomp.Connection11, stomp.Connection12):
        name = "/queue/py.nack." + kind.__name__
        connection, heard, frames = consume(name, "x", kind=kind, ack="client-individual")
        assert "redelivered" not in frames[0].headers
        acknowledge(connection, frames[0], "nack")
        again = heard.messages.get(timeout=20)
        assert (again.body, again.headers["redelivered"]) == ("x", "true")
        assert again.headers["delivery-count"] == "2"
        acknowledge(connection, again)
        leave(connection, heard)
        assert rest_of(name) == []


def nack_without_requeue_goes_to_the_dead_letters():
    connection, heard, frames = consume("/queue/py.reject", "bad", ack="client-individual")
    acknowledge(connection, frames[0], "nack", requeue="false")
    of_mine = {"selector": "\"original-destination\" = '/queue/py.reject'"}
    connection.subscribe("/queue/dead-letters", id="dead", headers=of_mine)
    dead = heard.messages.get(timeout=20)
    assert dead.body == "bad"
    assert dead.headers["dead-letter-reason"] == "rejected"
    assert dead.headers["original-destination"] == "/queue/py.reject"
    leave(connection, heard)
    assert rest_of("/queue/py.reject") == []


def a_transaction_is_done_as_a_whole_at_its_commit():
    connection, heard, frames = consume("/queue/py.commit", "in")
    watcher, seen = connect()
    watcher.subscribe("/queue/py.out", id="1", headers={"receipt": "s"})
    assert seen.receipts.get(timeout=20) == "s"
    settled(connection.begin, transaction="t")
    settled(connection.send, destination="/queue/py.out", body="1", transaction="t")
    settled(connection.send, destination="/queue/py.out", body="2", transaction="t")
    acknowledge(connection, frames[0], transaction="t")
    settled(connection.send, destination="/queue/py.out", body="outside")
    settled(connection.commit, transaction="t")
    bodies = [seen.messages.get(timeout=20).body for _ in range(3)]
    assert bodies == ["outside", "1", "2"], bodies
    leave(connection, heard)
    leave(watcher, seen)
    assert rest_of("/queue/py.commit") == []


def an_aborted_transaction_did_nothing():
    connection, heard, frames = consume("/queue/py.abort", "in")
    settled(connection.begin, transaction="t")
    settled(connection.send, destination="/queue/py.abort", body="never", transaction="t")
    acknowledge(connection, frames[0], transaction="t")
    settled(connection.abort, transaction="t")
    leave(connection, heard)
    assert rest_of("/queue/py.abort") == [("in", "true")]


def a_lost_connection_aborts_its_transaction():
    connection, _, frames = consume("/queue/py.lost", "in")
    settled(connection.begin, transaction="t")
    settled(connection.send, destination="/queue/py.lost", body="never", transaction="t")
    acknowledge(connection, frames[0], transaction="t")
    other, seen = connect()
    other.subscribe("/queue/py.lost", id="1", ack="auto")
    connection.transport.disconnect_socket()
    assert seen.messages.get(timeout=20).body == "in"
    leave(other, seen)
    assert rest_of("/queue/py.lost") == []


def errors_name_what_is_wrong():
    def unknown_ack(connection):
        connection.ack("9-9", receipt="r")

    def unknown_transaction(connection):
        connection.commit("none", receipt="r")

    def unknown_mode(connection):
        connection.subscribe("/queue/py.mode", id="1", ack="perhaps", receipt="r")

    def pattern_of_queues(connection):
        connection.subscribe("/queue/py.*", id="1", receipt="r")

    for act, message in (
        (unknown_ack, "unknown message"),
        (unknown_transaction, "unknown transaction"),
        (unknown_mode, "bad header"),
        (pattern_of_queues, "bad destination"),
    ):
        connection, heard = connect()
        act(connection)
        error = heard.errors.get(timeout=20)
        assert error.headers["message"] == message, error
        assert error.headers["receipt-id"] == "r", error
        heard.gone.get(timeout=20)


def a_request_is_answered_over_a_temporary_queue():
    service, asked = connect()
    service.subscribe("/queue/py.service", id="1", headers={"receipt": "s"})
    assert asked.receipts.get(timeout=20) == "s"
    client, answered = connect()
    client.subscribe("/temp-queue/answers", id="1")
    where = {"reply-to": "/temp-queue/answers", "correlation-id": "c"}
    client.send("/queue/py.service", "6 x 7", headers=where)
    request = asked.messages.get(timeout=20)
    which = {"correlation-id": request.headers["correlation-id"]}
    service.send(request.headers["reply-to"], "42", headers=which)
    answer = answered.messages.get(timeout=20)
    assert (answer.body, answer.headers["correlation-id"]) == ("42", "c")
    leave(client, answered)
    leave(service, asked)


def two_consumers_share_a_queue():
    (one, first), (two, second) = connect(), connect()
    for connection, heard in ((one, first), (two, second)):
        connection.subscribe("/queue/py.shared", id="1", headers={"receipt": "s"})
        assert heard.receipts.get(timeout=20) == "s"
    for i in range(100):
        settled(one.send, destination="/queue/py.shared", body=str(i))
    leave(one, first)
    leave(two, second)
    got = [[frame.body for frame in list(heard.messages.queue)] for heard in (first, second)]
    assert got[0] and got[1], got
    assert sorted(got[0] + got[1], key=int) == [str(i) for i in range(100)]


def durable(headers, kind, topic):
    """A client with a subscription that outlives it, which is known to be there."""
    connection, heard = connect(kind, client_id="py-" + kind.__name__)
    asked = dict(headers, receipt="s")
    connection.subscribe(topic, id="news", ack="client-individual", headers=asked)
    return connection, heard


def what_is_published_while_a_durable_subscriber_is_away_waits():
    for kind in (stomp.Connection11, stomp.Connection12):
        for number, headers in enumerate(
            (
                {"durable": "true"},
                {"activemq.subscriptionName": "news"},
                {"durable-subscription-name": "news"},
                {"durable": "true", "auto-delete": "false"},
                {"durable": "true", "x-queue-name": "news"},
            )
        ):
            topic = "/topic/py.durable." + kind.__name__ + "." + str(number)
            connection, heard = durable(headers, kind, topic)
            assert heard.receipts.get(timeout=20) == "s"
            leave(connection, heard)
            sender, _ = connect()
            settled(sender.send, destination=topic, body="1")
            settled(sender.send, destination=topic, body="2")
            connection, heard = durable(headers, kind, topic)
            frames = [heard.messages.get(timeout=20) for _ in range(2)]
            assert [frame.body for frame in frames] == ["1", "2"], frames
            assert frames[0].headers["destination"] == topic
            assert heard.receipts.get(timeout=20) == "s"
            of = {"subscription": "news"} if kind is stomp.Connection11 else {}
            for frame in frames:
                which = "ack" if kind is stomp.Connection12 else "message-id"
                settled(connection.ack, id=frame.headers[which], **of)
            settled(connection.unsubscribe, id="news", headers=headers)
            settled(sender.send, destination=topic, body="3")
            connection.subscribe(topic, id="news", ack="auto", headers=dict(headers, receipt="t"))
            assert heard.receipts.get(timeout=20) == "t"
            settled(sender.send, destination=topic, body="4")
            assert heard.messages.get(timeout=20).body == "4"
            settled(connection.unsubscribe, id="news", headers=headers)
            leave(connection, heard)
            sender.disconnect()


def a_second_client_with_the_same_id_takes_over():
    first, before = durable({"durable": "true"}, stomp.Connection12, "/topic/py.over")
    assert before.receipts.get(timeout=20) == "s"
    second, after = durable({"durable": "true"}, stomp.Connection12, "/topic/py.over")
    assert after.receipts.get(timeout=20) == "s"
    error = before.errors.get(timeout=20)
    assert "taken over the client id" in error.headers["message"], error
    before.gone.get(timeout=20)
    settled(second.send, destination="/topic/py.over", body="x")
    assert after.messages.get(timeout=20).body == "x"
    leave(second, after)


for fact in (
    every_version_carries_a_message,
    a_receipt_comes_for_every_frame_that_asks,
    heart_beats_come,
    an_error_says_what_was_wrong_and_ends_the_connection,
    order_is_kept,
    in_every_version_every_ack_mode_takes_messages_off_a_queue,
    what_was_not_acknowledged_comes_again_in_its_place,
    ack_client_takes_all_before_it_and_client_individual_itself_alone,
    nack_brings_it_again_and_counts,
    nack_without_requeue_goes_to_the_dead_letters,
    a_transaction_is_done_as_a_whole_at_its_commit,
    an_aborted_transaction_did_nothing,
    a_lost_connection_aborts_its_transaction,
    errors_name_what_is_wrong,
    a_request_is_answered_over_a_temporary_queue,
    two_consumers_share_a_queue,
    what_is_published_while_a_durable_subscriber_is_away_waits,
    a_second_client_with_the_same_id_takes_over,
):
    try:
        fact()
        print("ok", fact.__name__)
    except BaseException:
        print("not ok", fact.__name__)
        traceback.print_exc(file=sys.stdout)
        sys.exit(1)

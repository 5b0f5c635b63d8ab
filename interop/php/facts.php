<?php
// Facts about Switchboard as PHP's extension stomp sees them over TCP: php facts.php PORT
//
// Prints "ok NAME" for each; ends with status 1 at the first that does not hold. A method that is
// given a receipt header waits for its RECEIPT and says whether it came.

$port = $argv[1];
ini_set('stomp.default_connection_timeout_sec', '20');
ini_set('stomp.default_read_timeout_sec', '20');

function check(mixed $holds, mixed $saw): void
{
    if (!$holds) {
        throw new Exception('saw ' . var_export($saw, true));
    }
}

/** Without a version the extension says nothing of versions, which is STOMP 1.0. */
function connected(?string $version = null): Stomp
{
    global $port;
    return new Stomp("tcp://127.0.0.1:$port", 'php', 'secret',
        $version === null ? [] : ['accept-version' => $version, 'host' => 'localhost']);
}

function message(Stomp $stomp): StompFrame
{
    $frame = $stomp->readFrame();
    check($frame && $frame->command === 'MESSAGE', $frame ?: $stomp->error());
    return $frame;
}

/** A consumer of a queue that holds the given messages, and what it got. */
function consume(?string $version, string $ack, string $queue, string ...$bodies): array
{
    $stomp = connected($version);
    foreach ($bodies as $body) {
        check($stomp->send($queue, $body, ['receipt' => "r$body"]), $stomp->error());
    }
    check($stomp->subscribe($queue, ['id' => '1', 'ack' => $ack, 'receipt' => 's']), $stomp->error());
    $frames = array_map(fn () => message($stomp), $bodies);
    $got = array_map(fn ($frame) => $frame->body, $frames);
    check($got === $bodies, $got);
    return [$stomp, ...$frames];
}

/** What ACK and NACK need beside the message id, which differs with the version. */
function words(?string $version, StompFrame $frame): array
{
    $of = ['1.1' => ['subscription' => '1'], '1.2' => ['id' => $frame->headers['ack'] ?? '']];
    return ['receipt' => 'settled'] + ($of[$version ?? ''] ?? []);
}

/** Ends the subscription, so that what it holds is back in the queue: the extension never says DISCONNECT. */
function stop(Stomp $stomp, string $queue): void
{
    check($stomp->unsubscribe($queue, ['id' => '1', 'receipt' => 'u']), $stomp->error());
}

/** What waits in a queue, each with a ! if it has been delivered before. */
function rest_of(string $queue): string
{
    $stomp = connected();
    check($stomp->send($queue, 'the end', ['receipt' => 's']), $stomp->error());
    $stomp->subscribe($queue, ['id' => '1', 'ack' => 'auto']);
    for ($rest = ''; ($frame = message($stomp))->body !== 'the end';) {
        $rest .= $frame->body . (isset($frame->headers['redelivered']) ? '!' : '');
    }
    stop($stomp, $queue);
    return $rest;
}

$facts = [
    'every version carries messages, many at once' => function () {
        foreach ([null, '1.0', '1.1', '1.2'] as $version) {
            $stomp = connected($version);
            check(strlen($stomp->getSessionId()) > 0, 'no session');
            check($stomp->subscribe("/topic/php$version", ['id' => '1', 'receipt' => 's']), $stomp->error());
            for ($i = 0; $i < 100; $i++) {
                $stomp->send("/topic/php$version", "grüß dich $i", ['colour' => 'blue']);
            }
            for ($i = 0; $i < 100; $i++) {
                $frame = message($stomp);
                check($frame->body === "grüß dich $i" && $frame->headers['colour'] === 'blue', $frame);
            }
            stop($stomp, "/topic/php$version");
        }
    },
    'a binary body and an empty one come back the same' => function () {
        $stomp = connected();
        check($stomp->subscribe('/topic/php.binary', ['receipt' => 's']), $stomp->error());
        $octets = implode('', array_map('chr', range(0, 255)));
        $stomp->send('/topic/php.binary', $octets);
        $stomp->send('/topic/php.binary', '');
        $stomp->send('/topic/php.binary', $octets);
        check(message($stomp)->body === $octets, 'other octets');
        check((string) message($stomp)->body === '', 'a body');
        check(message($stomp)->body === $octets, 'other octets');
    },
    'every version has every ack mode' => function () {
        foreach ([null, '1.1', '1.2'] as $version) {
            foreach (['auto', 'client', 'client-individual'] as $ack) {
                $queue = "/queue/php$version.$ack";
                [$stomp, $first, $second] = consume($version, $ack, $queue, '1', '2');
                if ($ack !== 'auto') {
                    check($stomp->ack($first, words($version, $first)), $stomp->error());
                    check($stomp->ack($second, words($version, $second)), $stomp->error());
                }
                stop($stomp, $queue);
                check(rest_of($queue) === '', $queue);
            }
        }
    },
    'ack client takes all before it, client-individual itself alone' => function () {
        foreach (['client' => '3!', 'client-individual' => '1!3!'] as $ack => $rest) {
            [$stomp, , $second] = consume(null, $ack, "/queue/php.one.$ack", '1', '2', '3');
            check($stomp->ack($second, words(null, $second)), $stomp->error());
            stop($stomp, "/queue/php.one.$ack");
            $found = rest_of("/queue/php.one.$ack");
            check($found === $rest, $found);
        }
    },
    'nack brings it again' => function () {
        foreach (['1.1', '1.2'] as $version) {
            [$stomp, $frame] = consume($version, 'client', "/queue/php.nack.$version", 'x');
            check($stomp->nack($frame, words($version, $frame)), $stomp->error());
            $again = message($stomp);
            check($again->body === 'x' && $again->headers['redelivered'] === 'true', $again);
            check($stomp->ack($again, words($version, $again)), $stomp->error());
            stop($stomp, "/queue/php.nack.$version");
            check(rest_of("/queue/php.nack.$version") === '', 'a message that was acknowledged');
        }
    },
    'a commit does all of a transaction' => function () {
        [$stomp, $frame] = consume(null, 'client', '/queue/php.commit', 'in');
        check($stomp->begin('t', ['receipt' => 'b']), $stomp->error());
        check($stomp->send('/queue/php.out', 'out', ['transaction' => 't', 'receipt' => 'o']), $stomp->error());
        check($stomp->ack($frame, ['transaction' => 't'] + words(null, $frame)), $stomp->error());
        check($stomp->commit('t', ['receipt' => 'c']), $stomp->error());
        stop($stomp, '/queue/php.commit');
        check(rest_of('/queue/php.commit') === '', 'a message that was acknowledged');
        check(rest_of('/queue/php.out') === 'out', 'no message');
    },
    'an abort does nothing of it' => function () {
        [$stomp, $frame] = consume(null, 'client', '/queue/php.abort', 'in');
        check($stomp->begin('t', ['receipt' => 'b']), $stomp->error());
        check($stomp->send('/queue/php.abort', 'never', ['transaction' => 't', 'receipt' => 'o']), $stomp->error());
        check($stomp->ack($frame, ['transaction' => 't'] + words(null, $frame)), $stomp->error());
        check($stomp->abort('t', ['receipt' => 'a']), $stomp->error());
        stop($stomp, '/queue/php.abort');
        check(rest_of('/queue/php.abort') === 'in!', 'another rest');
    },
    'an error says what was wrong' => function () {
        $stomp = connected();
        check($stomp->send('/nowhere', 'x', ['receipt' => 'r']) === false, 'a receipt');
        check(str_contains((string) $stomp->error(), 'bad destination'), $stomp->error());
    },
];

foreach ($facts as $name => $fact) {
    try {
        $fact();
        echo "ok $name\n";
    } catch (Throwable $wrong) {
        echo "not ok $name\n$wrong\n";
        exit(1);
    }
}

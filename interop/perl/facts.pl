# Facts about Switchboard as Net::Stomp sees them over TCP: perl facts.pl PORT
#
# Prints "ok NAME" for each; ends with status 1 at the first that does not hold.
use strict;
use warnings;
use utf8;
use Encode qw(encode);
use Net::Stomp;

my $port = shift;

sub check {
    my ($holds, $saw) = @_;
    return if $holds;
    $saw = $saw->as_string if ref $saw && $saw->can('as_string');
    die 'saw ' . ($saw // 'nothing') . "\n";
}

sub connected {
    my ($version) = @_;
    my $stomp = Net::Stomp->new({ hostname => '127.0.0.1', port => $port, timeout => 20, reconnect_attempts => 1 });
    my $frame = $stomp->connect({
        login => 'perl', passcode => 'secret',
        $version ? ('accept-version' => $version, host => 'localhost') : (),
    });
    check($frame && $frame->command eq 'CONNECTED', $frame);
    check($frame->headers->{version} eq ($version || '1.0'), $frame);
    return $stomp;
}

sub frame {
    my ($stomp, $command) = @_;
    my $frame = $stomp->receive_frame;
    check($frame && $frame->command eq $command, $frame);
    return $frame;
}

sub receipt {
    my ($stomp, $id) = @_;
    my $frame = frame($stomp, 'RECEIPT');
    check($frame->headers->{'receipt-id'} eq $id, $frame);
    return;
}

sub command {
    my ($stomp, $command, %headers) = @_;
    $stomp->send_frame(Net::Stomp::Frame->new({ command => $command, headers => { receipt => 'done', %headers } }));
    receipt($stomp, 'done');
    return;
}

# Ends the session, and waits until it has.
sub leave {
    my ($stomp) = @_;
    command($stomp, 'DISCONNECT');
    return;
}

# A consumer of a queue that holds the given messages, and what it got.
sub consume {
    my ($version, $ack, $queue, @bodies) = @_;
    my $sender = connected();
    for my $body (@bodies) {
        check($sender->send_with_receipt({ destination => $queue, body => $body }), 'no receipt');
    }
    $sender->disconnect;
    my $stomp = connected($version);
    $stomp->subscribe({ destination => $queue, id => '1', ack => $ack });
    my @frames = map { frame($stomp, 'MESSAGE') } @bodies;
    check("@bodies" eq join(' ', map { $_->body } @frames), 'other messages');
    return ($stomp, @frames);
}

# What ACK and NACK need beside the message id, which differs with the version.
sub settle {
    my ($stomp, $say, $version, $frame, %headers) = @_;
    $headers{subscription} = '1' if $version eq '1.1';
    $headers{id} = $frame->headers->{ack} if $version eq '1.2';
    $stomp->$say({ frame => $frame, receipt => 'settled', %headers });
    receipt($stomp, 'settled');
    return;
}

# What waits in a queue.
sub rest_of {
    my ($queue) = @_;
    my $stomp = connected();
    check($stomp->send_with_receipt({ destination => $queue, body => 'the end' }), 'no receipt');
    $stomp->subscribe({ destination => $queue });
    my @rest;
    while ((my $frame = frame($stomp, 'MESSAGE'))->body ne 'the end') {
        push @rest, $frame->body;
    }
    leave($stomp);
    return "@rest";
}

my @facts = (
    'every version connects and carries a message' => sub {
        for my $version ('', '1.0', '1.1', '1.2') {
            my $stomp = connected($version);
            my $body = encode('UTF-8', 'grüß dich');
            command($stomp, 'SUBSCRIBE', destination => "/topic/perl$version", id => '1');
            $stomp->send({ destination => "/topic/perl$version", body => $body, colour => 'blue' });
            my $frame = frame($stomp, 'MESSAGE');
            check($frame->body eq $body && $frame->headers->{colour} eq 'blue', $frame);
            $stomp->disconnect;
        }
    },
    'a binary body comes back the same' => sub {
        my $stomp = connected();
        my $octets = join '', map { chr } 0 .. 255;
        command($stomp, 'SUBSCRIBE', destination => '/topic/perl.binary');
        $stomp->send({ destination => '/topic/perl.binary', body => $octets, bytes_message => 1 });
        check(frame($stomp, 'MESSAGE')->body eq $octets, 'other octets');
        $stomp->disconnect;
    },
    'every version has every ack mode' => sub {
        for my $version ('1.0', '1.1', '1.2') {
            for my $ack ('auto', 'client', 'client-individual') {
                my $queue = "/queue/perl.$version.$ack";
                my ($stomp, @frames) = consume($version, $ack, $queue, '1', '2');
                if ($ack ne 'auto') {
                    settle($stomp, 'ack', $version, $_) for @frames;
                }
                leave($stomp);
                check(rest_of($queue) eq '', $queue);
            }
        }
    },
    'ack client takes all before it, client-individual itself alone' => sub {
        my %rest = (client => '3', 'client-individual' => '1 3');
        for my $ack (sort keys %rest) {
            my ($stomp, @frames) = consume('1.0', $ack, "/queue/perl.one.$ack", '1', '2', '3');
            settle($stomp, 'ack', '1.0', $frames[1]);
            leave($stomp);
            my $found = rest_of("/queue/perl.one.$ack");
            check($found eq $rest{$ack}, $found);
        }
    },
    'nack brings it again' => sub {
        for my $version ('1.1', '1.2') {
            my ($stomp, $frame) = consume($version, 'client', "/queue/perl.nack.$version", 'x');
            my %headers = $version eq '1.1' ? (subscription => '1') : (id => $frame->headers->{ack});
            $stomp->nack({ frame => $frame, %headers });
            my $again = frame($stomp, 'MESSAGE');
            check($again->body eq 'x' && $again->headers->{redelivered} eq 'true', $again);
            settle($stomp, 'ack', $version, $again);
            leave($stomp);
            check(rest_of("/queue/perl.nack.$version") eq '', 'a message that was acknowledged');
        }
    },
    'send_with_receipt and send_transactional say that it was done' => sub {
        my $stomp = connected();
        check($stomp->send_with_receipt({ destination => '/queue/perl.sent', body => '1' }), 'no receipt');
        check($stomp->send_transactional({ destination => '/queue/perl.sent', body => '2' }), 'no receipt');
        leave($stomp);
        my $found = rest_of('/queue/perl.sent');
        check($found eq '1 2', $found);
    },
    'a commit does all of a transaction' => sub {
        my ($stomp, $frame) = consume('1.2', 'client', '/queue/perl.commit', 'in');
        command($stomp, 'BEGIN', transaction => 't');
        $stomp->send({ destination => '/queue/perl.out', body => 'out', transaction => 't' });
        settle($stomp, 'ack', '1.2', $frame, transaction => 't');
        command($stomp, 'COMMIT', transaction => 't');
        leave($stomp);
        check(rest_of('/queue/perl.commit') eq '', 'a message that was acknowledged');
        check(rest_of('/queue/perl.out') eq 'out', 'no message');
    },
    'an abort does nothing of it' => sub {
        my ($stomp, $frame) = consume('1.2', 'client', '/queue/perl.abort', 'in');
        command($stomp, 'BEGIN', transaction => 't');
        $stomp->send({ destination => '/queue/perl.abort', body => 'never', transaction => 't' });
        settle($stomp, 'ack', '1.2', $frame, transaction => 't');
        command($stomp, 'ABORT', transaction => 't');
        leave($stomp);
        check(rest_of('/queue/perl.abort') eq 'in', 'another rest');
    },
    'a subscription without id is known by its destination' => sub {
        my $stomp = connected();
        $stomp->subscribe({ destination => '/topic/perl.noid', receipt => 's' });
        receipt($stomp, 's');
        $stomp->unsubscribe({ destination => '/topic/perl.noid', receipt => 'u' });
        receipt($stomp, 'u');
        $stomp->disconnect;
    },
    'an error says what was wrong' => sub {
        my $stomp = connected();
        my $answer;
        check(!$stomp->send_with_receipt({ destination => '/nowhere', body => 'x' }, $answer), 'a receipt');
        check($answer->command eq 'ERROR' && $answer->headers->{message} eq 'bad destination', $answer);
    },
);

while (my ($name, $fact) = splice @facts, 0, 2) {
    if (eval { $fact->(); 1 }) {
        print "ok $name\n";
    } else {
        print "not ok $name\n$@";
        exit 1;
    }
}

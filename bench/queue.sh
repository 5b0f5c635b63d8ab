#!/bin/sh
# The same loads of one queue, in one go, on Switchboard, ActiveMQ Artemis and Vert.x STOMP, all over WebSocket: how many
# messages each of them moves in a second of its CPU time, and the ratios.   bench/queue.sh [ROUNDS [WARM [SECS]]]   (3 10 10)
# All servers are up the whole time; one after another is loaded, and that ROUNDS times. The servers share core 0 and the
# generator has core 1, so a machine that does nothing else is needed for figures that mean something.
# Every message is acknowledged by itself (client-individual); 64 in flight per producer.
# QUEUE_LOADS: some of "1x1 4x4 4x4r 4x4p", producers x consumers; with r each SEND asks for a receipt, with p it is persistent
# too.
# QUEUE_PEERS: some of "switchboard switchboard_journal artemis artemis_journal vertx disk". switchboard and artemis are in
# memory; those with a journal keep persistent messages on the disk and answer when they are there. disk is no server: after
# each load of switchboard_journal with p it appends and syncs as many bytes a message and as many messages a sync as that did.
# QUEUE_CORES: own (as above), or both: servers and generator run wherever there is a core, and Switchboard has a shard a core,
# as it does by itself.   QUEUE_SHARDS: how many it has, whatever the cores.
# What durability costs, in one go:   QUEUE_LOADS="4x4r 4x4p" QUEUE_PEERS="switchboard_journal artemis_journal disk" bench/queue.sh
set -u

root=$(cd -P "$(dirname "$0")/.." && pwd) || exit 2
out=$root/bench/target/queue
. "$root/bench/servers.sh"

rounds=${1:-3}
warm=${2:-10}
secs=${3:-10}
loads=${QUEUE_LOADS:-1x1 4x4}
peers=${QUEUE_PEERS:-switchboard artemis vertx}
cores=${QUEUE_CORES:-own}
case $cores in
    own) shards="--shards 1" ;;
    both) shards="" on_server="" on_generator="" ;;
    *) fail "does not know QUEUE_CORES=$cores; expected own or both" ;;
esac
[ -z "${QUEUE_SHARDS:-}" ] || shards="--shards $QUEUE_SHARDS"

# --- The servers -------------------------------------------------------------------------------------------------------

prepare
# shellcheck disable=SC2086 # flags are meant to be split
for peer in $peers; do
    case $peer in
        switchboard) switchboard switchboard $shards --http-port 0 --tls-port off ;;
        switchboard_journal)
            rm -rf "$out/messages"
            admin=0
            switchboard switchboard_journal $shards --http-port 0 --tls-port off --data "$out/messages"
            admin=off
            ;;
        disk) ;;
        artemis) java_peer artemis artemis Artemis ;;
        artemis_journal)
            rm -rf "$out/journal"
            java_peer artemis_journal artemis Artemis "$out/journal"
            ;;
        vertx) java_peer vertx vertx VertxStomp ;;
        *) fail "does not know $peer" ;;
    esac
done

# Writes the three counters of the journal: changes, syncs, bytes.
journal() {
    curl -s "$(sed -n 's/^admin *//p' "$out/switchboard_journal.log")" | awk '
        /^switchboard_journal_batches_total / { batches = $2 }
        /^switchboard_journal_syncs_total / { syncs = $2 }
        /^switchboard_journal_written_bytes_total / { bytes = $2 }
        END { printf "%.0f %.0f %.0f", batches, syncs, bytes }'
}

# What the disk allows, with the bytes a message and the messages a sync between two readings of the journal, as label $1.
# A message is two changes: it comes and it goes.
limit() {
    # shellcheck disable=SC2046 # three numbers each
    set -- "$1" $2 $3
    [ "$(($6 - $3))" -gt 0 ] || return 0
    group=$((($5 - $2) / 2 / ($6 - $3)))
    [ "$group" -gt 0 ] || group=1
    load disk --dir "$out" --label "$1" --warm 1 --secs "$secs" --group "$group" --message-bytes $((2 * ($7 - $4) / ($5 - $2)))
    echo "$1 $good: $(sed -n 's/^disk: //p' "$out/run.log")"
}

# --- The rounds --------------------------------------------------------------------------------------------------------

lines=$out/results.txt
: >"$lines"
failed=0
round=1
while [ "$round" -le "$rounds" ]; do
    for shape in $loads; do
        case $shape in
            *p) options="--persistent --receipts" ;;
            *r) options="--receipts" ;;
            *) options="" ;;
        esac
        numbers=${shape%[pr]}
        before=""
        after=""
        for server in $peers; do
            if [ "$server" = disk ]; then
                [ -z "$after" ] || limit "$shape disk" "$before" "$after"
                continue
            fi
            case $server$shape in switchboard_journal*p) before=$(journal) ;; esac
            eval "url=\$url_$server pid=\$pid_$server"
            # shellcheck disable=SC2086
            load queue --url "$url" --server-pid "$pid" --label "$shape $server" --producers "${numbers%x*}" \
                --consumers "${numbers#*x}" --ack client-individual --in-flight 64 $options --warm "$warm" --secs "$secs"
            case $server$shape in switchboard_journal*p) after=$(journal) ;; esac
            echo "round $round $shape $server $good: $(sed -n 's/^server: //p' "$out/run.log")"
        done
    done
    round=$((round + 1))
done
stop_all

# --- The table ---------------------------------------------------------------------------------------------------------

awk -v loads="$loads" -v peers="$peers" -v cores="$cores" "$awk_functions"'
    field("ok") == "true" {
        key = field("label")
        i = ++count[key]
        value[key, "cpu", i] = field("server_us")
        value[key, "rate", i] = field("messages_per_s")
        value[key, "generator", i] = field("generator_percent")
    }
    END {
        printf "\n%-6s %-20s %6s %17s %25s %23s %11s %13s\n", "load", "server", "rounds", "CPU a message, us", "messages a second of CPU", "switchboard has so many", "messages/s", "generator, %"
        split(loads, l, " ")
        split(peers, p, " ")
        for (i = 1; i in l; i++) for (j = 1; j in p; j++) {
            key = l[i] " " p[j]
            if (!count[key]) { printf "%-6s %-20s %6d %17s\n", l[i], p[j], 0, "-"; continue }
            cpu = median(key, "cpu")
            first = l[i] " " (count[l[i] " switchboard"] ? "switchboard" : "switchboard_journal")
            own = count[first] ? median(first, "cpu") : 0
            ratio = own > 0 ? sprintf("x %.2f", cpu / own) : "-"
            printf "%-6s %-20s %6d %17.2f %25.0f %23s %11.0f %13.0f\n", l[i], p[j], count[key], cpu, (cpu > 0 ? 1e6 / cpu : 0), ratio, median(key, "rate"), median(key, "generator")
        }
        print "Medians over the rounds." (cores == "own" ? " Near 100 % the generator is the limit, not the server." : "")
    }' "$lines"
echo "The single runs are in $lines"
exit "$failed"

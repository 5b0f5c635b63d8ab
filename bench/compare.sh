#!/bin/sh
# The same loads, in one go, on Switchboard, on Spring's simple broker, and on nats-server where it is installed: what a
# delivery costs each of them in CPU time, and the ratios.   bench/compare.sh [ROUNDS [WARM [SECS]]]   (3 10 10)
# All servers are up the whole time; one after another is loaded, and that ROUNDS times. The servers share core 0 and the
# generator has core 1, so a machine that does nothing else is needed for figures that mean something.
# COMPARE_MODES: some of "fanout rooms". COMPARE_PEERS: some of "switchboard switchboard_2shards switchboard_wss switchboard_rules
# spring nats"; switchboard_rules asks 1,000 access rules about each SEND and SUBSCRIBE, which the usual choice leaves out.
set -u

root=$(cd -P "$(dirname "$0")/.." && pwd) || exit 2
out=$root/bench/target/compare
. "$root/bench/servers.sh"

rounds=${1:-3}
warm=${2:-10}
secs=${3:-10}
modes=${COMPARE_MODES:-fanout rooms}
peers=${COMPARE_PEERS:-switchboard switchboard_2shards switchboard_wss spring nats}
nats=$(PATH=$PATH:/usr/sbin:/sbin command -v nats-server || true)

# --- The servers -------------------------------------------------------------------------------------------------------

prepare
running=""
for peer in $peers; do
    case $peer in
        switchboard) switchboard switchboard --shards 1 --http-port 0 --tls-port off ;;
        switchboard_2shards) switchboard switchboard_2shards --shards 2 --http-port 0 --tls-port off ;;
        switchboard_wss) switchboard switchboard_wss --shards 1 --http-port off --tls-port 0 ;;
        switchboard_rules)
            awk 'BEGIN {
                print "access:"
                for (i = 1; i < 1000; i++) printf "  - {allow: subscribe, destination: /topic/app.%d.**, who: role r%d}\n", i, i
                print "  - {allow: [send, subscribe], destination: \"/topic/bench.{room}\", who: anyone}"
            }' >"$out/rules.yaml"
            switchboard switchboard_rules --config "$out/rules.yaml" --shards 1 --http-port 0 --tls-port off
            ;;
        spring)
            java_peer spring spring SimpleBroker --server.port=0 --server.address=127.0.0.1 --server.tomcat.max-connections=30000 \
                --server.tomcat.accept-count=4096 --spring.main.banner-mode=off --logging.level.root=warn
            ;;
        nats)
            [ -n "$nats" ] || {
                echo "nats-server is not installed; going on without it"
                continue
            }
            cat >"$out/nats.conf" <<CONF
host: 127.0.0.1
port: -1
max_connections: 64000
websocket { host: 127.0.0.1, port: -1, no_tls: true }
CONF
            start nats "$nats" -c "$out/nats.conf"
            ;;
        *) fail "does not know $peer" ;;
    esac
    running="$running $peer"
done

# --- The rounds --------------------------------------------------------------------------------------------------------

lines=$out/results.txt
: >"$lines"
failed=0
round=1
while [ "$round" -le "$rounds" ]; do
    for mode in $modes; do
        for peer in $running; do
            eval "url=\$url_$peer pid=\$pid_$peer"
            protocol=stomp
            [ "$peer" = nats ] && protocol=nats
            load "$mode" --url "$url" --protocol "$protocol" --server-pid "$pid" --label "$peer" --warm "$warm" --secs "$secs"
            echo "round $round $mode $peer $good: $(sed -n 's/^server: //p' "$out/run.log")"
        done
    done
    round=$((round + 1))
done
stop_all

# --- The table ---------------------------------------------------------------------------------------------------------

awk -v modes="$modes" -v peers="$running" "$awk_functions"'
    field("ok") == "true" {
        key = field("mode") " " field("label")
        i = ++count[key]
        value[key, "cpu", i] = field("server_us")
        value[key, "rate", i] = field("deliveries_per_s")
        value[key, "generator", i] = field("generator_percent")
    }
    END {
        printf "\n%-8s %-20s %6s %18s %25s %16s %12s\n", "load", "server", "rounds", "CPU a delivery, us", "times that of switchboard", "deliveries/s", "generator, %"
        split(modes, m, " ")
        split(peers, p, " ")
        for (i = 1; i in m; i++) for (j = 1; j in p; j++) {
            key = m[i] " " p[j]
            if (!count[key]) { printf "%-8s %-20s %6d %18s\n", m[i], p[j], 0, "-"; continue }
            own = count[m[i] " switchboard"] ? median(m[i] " switchboard", "cpu") : 0
            ratio = own > 0 ? sprintf("%.2f", median(key, "cpu") / own) : "-"
            printf "%-8s %-20s %6d %18.2f %25s %16.0f %12.0f\n", m[i], p[j], count[key], median(key, "cpu"), ratio, median(key, "rate"), median(key, "generator")
        }
        print "Medians over the rounds. Near 100 % the generator is the limit, not the server."
    }' "$lines"
echo "The single runs are in $lines"
exit "$failed"

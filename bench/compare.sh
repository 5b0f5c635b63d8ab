#!/bin/sh
# The same loads, in one go, on Switchboard, on Spring's simple broker, and on nats-server where it is installed: what a
# delivery costs each of them in CPU time, and the ratios.   bench/compare.sh [ROUNDS [WARM [SECS]]]   (3 10 10)
# All servers are up the whole time; one after another is loaded, and that ROUNDS times. The servers share core 0 and the
# generator has core 1, so a machine that does nothing else is needed for figures that mean something.
# COMPARE_MODES: some of "fanout rooms". COMPARE_PEERS: some of "switchboard switchboard_2shards switchboard_wss spring nats".
set -u

root=$(cd -P "$(dirname "$0")/.." && pwd) || exit 2
. "$root/scripts/find-jdk.sh"
. "$root/scripts/stale-jar.sh"

rounds=${1:-3}
warm=${2:-10}
secs=${3:-10}
modes=${COMPARE_MODES:-fanout rooms}
peers=${COMPARE_PEERS:-switchboard switchboard_2shards switchboard_wss spring nats}
out=$root/bench/target/compare
spring=$root/bench/peers/spring
jar=$root/cli/target/switchboard.jar
nats=$(PATH=$PATH:/usr/sbin:/sbin command -v nats-server || true)
# The same for every Java server. On one core the JVM takes its serial collector.
java_flags="-XX:+UseCompactObjectHeaders -Xmx2g"
started=""

fail() {
    echo "compare: $1" >&2
    exit 2
}

stop_all() {
    for pid in $started; do
        kill "$pid" 2>/dev/null
    done
    for pid in $started; do
        wait "$pid" 2>/dev/null
    done
    started=""
}
trap stop_all EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# --- What is needed ----------------------------------------------------------------------------------------------------

find_jdk || fail "$no_jdk"
command -v taskset >/dev/null 2>&1 || fail "needs taskset (of util-linux) to give the servers and the generator a core each"
taskset -c 1 true 2>/dev/null || fail "needs two cores"
mkdir -p "$out" || fail "cannot write $out"
if stale_jar; then
    sh "$root/scripts/build-jar.sh" || exit
fi
case " $peers " in *" spring "*)
    if [ -n "$(find "$spring/pom.xml" "$spring/src" -newer "$spring/target/built" 2>/dev/null)" ] || [ ! -f "$spring/target/built" ]; then
        echo "Building Spring's simple broker"
        mvn -q -B -ntp -f "$spring/pom.xml" process-classes </dev/null >"$out/spring-build.log" 2>&1 ||
            fail "the build failed; what it said is in $out/spring-build.log"
        touch "$spring/target/built"
    fi
    ;;
esac
java=$JAVA_HOME/bin/java

# --- The servers, each on a free port of the loopback address ------------------------------------------------------------

# Starts a server that writes its ws:// or wss:// URL into its log, and puts that into url_NAME and its process into pid_NAME.
start() {
    name=$1
    shift
    log=$out/$name.log
    : >"$log"
    taskset -c 0 "$@" >"$log" 2>&1 </dev/null &
    pid=$!
    started="$started $pid"
    tenths=0
    while ! grep -q 'wss*://127.0.0.1:[1-9]' "$log"; do
        kill -0 "$pid" 2>/dev/null || fail "$name did not start; see $log"
        [ "$tenths" -lt 600 ] || fail "$name was not ready after a minute; see $log"
        tenths=$((tenths + 1))
        sleep 0.1
    done
    url=$(grep -o 'wss*://127.0.0.1:[0-9]*[^ ]*' "$log" | head -n 1)
    eval "url_$name=\$url pid_$name=\$pid"
}

switchboard() {
    name=$1
    shift
    # shellcheck disable=SC2086 # flags are meant to be split
    start "$name" "$java" $java_flags -jar "$jar" serve "$@" --stomp-port off --admin-port off --data "$out/data"
}

rm -rf "$out/data"
running=""
for peer in $peers; do
    case $peer in
        switchboard) switchboard switchboard --shards 1 --http-port 0 --tls-port off ;;
        switchboard_2shards) switchboard switchboard_2shards --shards 2 --http-port 0 --tls-port off ;;
        switchboard_wss) switchboard switchboard_wss --shards 1 --http-port off --tls-port 0 ;;
        spring)
            # shellcheck disable=SC2086
            start spring "$java" $java_flags -cp "$spring/target/classes:$spring/target/lib/*" io.switchboard.bench.peer.SimpleBroker \
                --server.port=0 --server.address=127.0.0.1 --server.tomcat.max-connections=30000 --server.tomcat.accept-count=4096 \
                --spring.main.banner-mode=off --logging.level.root=warn
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
            # shellcheck disable=SC2086
            if taskset -c 1 "$java" $java_flags -jar "$jar" bench "$mode" --url "$url" --protocol "$protocol" --server-pid "$pid" \
                --label "$peer" --warm "$warm" --secs "$secs" >"$out/run.log" 2>&1; then
                good=ok
            else
                good=FAILED
                failed=1
                cat "$out/run.log"
            fi
            sed -n 's/^RESULT //p' "$out/run.log" >>"$lines"
            echo "round $round $mode $peer $good: $(sed -n 's/^server: //p' "$out/run.log")"
        done
    done
    round=$((round + 1))
done
stop_all

# --- The table ---------------------------------------------------------------------------------------------------------

# Of each field of the RESULT lines its number: field "server_us" of the current line.
awk -v modes="$modes" -v peers="$running" '
    function field(name,    at, rest) {
        at = index($0, "\"" name "\":")
        if (!at) return ""
        rest = substr($0, at + length(name) + 3)
        sub(/[,}].*/, "", rest)
        gsub(/"/, "", rest)
        return rest
    }
    function median(key, name,    n, i, j, v, x) {
        n = count[key]
        for (i = 1; i <= n; i++) v[i] = value[key, name, i] + 0
        for (i = 2; i <= n; i++) { x = v[i]; for (j = i - 1; j >= 1 && v[j] > x; j--) v[j + 1] = v[j]; v[j + 1] = x }
        return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
    }
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

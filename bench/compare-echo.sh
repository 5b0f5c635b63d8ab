#!/bin/sh
# The same WebSocket echo, in one go, by Switchboard, Netty's stock WebSocket server, Jetty and Tomcat, with and without TLS,
# and by Switchboard and Jetty over HTTP/2: what a message costs each of them in CPU time, and the ratios.   bench/compare-echo.sh [ROUNDS [WARM [SECS]]]   (3 10 10)
# All servers are up the whole time; one after another is loaded, and that ROUNDS times. The servers share core 0 and the
# generator has core 1, so a machine that does nothing else is needed for figures that mean something.
# COMPARE_PEERS: some of "switchboard netty jetty tomcat". COMPARE_SCHEMES: some of "ws wss h2". COMPARE_CONNS: 200.
# COMPARE_BODY: 128. COMPARE_KIND: text or binary. COMPARE_STREAMS: 10, of each HTTP/2 connection.
set -u

root=$(cd -P "$(dirname "$0")/.." && pwd) || exit 2
. "$root/scripts/find-jdk.sh"
. "$root/scripts/stale-jar.sh"

rounds=${1:-3}
warm=${2:-10}
secs=${3:-10}
peers=${COMPARE_PEERS:-switchboard netty jetty tomcat}
schemes=${COMPARE_SCHEMES:-ws wss h2}
conns=${COMPARE_CONNS:-200}
body=${COMPARE_BODY:-128}
kind=${COMPARE_KIND:-text}
streams=${COMPARE_STREAMS:-10}
out=$root/bench/target/compare-echo
echo=$root/bench/peers/echo
jar=$root/cli/target/switchboard.jar
# The same for every server. On one core the JVM takes its serial collector.
java_flags="-XX:+UseCompactObjectHeaders -Xmx1g"
started=""

fail() {
    echo "compare-echo: $1" >&2
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
if [ -n "$(find "$echo/pom.xml" "$echo/src" -newer "$echo/target/built" 2>/dev/null)" ] || [ ! -f "$echo/target/built" ]; then
    echo "Building the echo servers"
    mvn -q -B -ntp -f "$echo/pom.xml" process-classes </dev/null >"$out/build.log" 2>&1 ||
        fail "the build failed; what it said is in $out/build.log"
    touch "$echo/target/built"
fi
java=$JAVA_HOME/bin/java
rm -rf "$out/data" "$out/key.p12"
"$JAVA_HOME/bin/keytool" -genkeypair -alias echo -keyalg EC -groupname secp256r1 -dname CN=localhost -validity 30 \
    -storetype PKCS12 -keystore "$out/key.p12" -storepass for-tests >"$out/keytool.log" 2>&1 ||
    fail "no key could be made; what keytool said is in $out/keytool.log"

# --- The servers, each on a free port of the loopback address ------------------------------------------------------------

# Starts a server that writes its ws:// or wss:// URL into its log, and puts that into url_NAME and its process into pid_NAME.
start() {
    name=$1
    shift
    log=$out/$name.log
    : >"$log"
    # shellcheck disable=SC2086 # flags are meant to be split
    (cd "$out" && exec taskset -c 0 "$java" $java_flags "$@") >"$log" 2>&1 </dev/null &
    pid=$!
    started="$started $pid"
    tenths=0
    while ! grep -q 'wss*://127.0.0.1:[1-9]' "$log"; do
        kill -0 "$pid" 2>/dev/null || fail "$name did not start; see $log"
        [ "$tenths" -lt 600 ] || fail "$name was not ready after a minute; see $log"
        tenths=$((tenths + 1))
        sleep 0.1
    done
    url=$(grep -o 'wss*://127.0.0.1:[0-9]*' "$log" | head -n 1)/echo
    eval "url_$name=\$url pid_$name=\$pid"
}

peer_class() {
    case $1 in
        netty) echo NettyEcho ;;
        jetty) echo JettyEcho ;;
        tomcat) echo TomcatEcho ;;
        *) fail "does not know $1" ;;
    esac
}

# Netty and Tomcat as they come have no WebSockets on streams of HTTP/2.
peers_of() {
    for each in $peers; do
        case $1-$each in
            h2-netty | h2-tomcat) ;;
            *) echo "$each" ;;
        esac
    done
}

for scheme in $schemes; do
    key="$out/key.p12 for-tests"
    ports="--http-port off --tls-port 0"
    if [ "$scheme" = ws ]; then
        key=""
        ports="--http-port 0 --tls-port off"
    fi
    for peer in $(peers_of "$scheme"); do
        if [ "$peer" = switchboard ]; then
            # shellcheck disable=SC2086
            start "switchboard_$scheme" -jar "$jar" serve --echo /echo --shards 1 $ports --stomp-port off --admin-port off
        else
            class=$(peer_class "$peer") || exit 2
            # shellcheck disable=SC2086
            start "${peer}_$scheme" --enable-native-access=ALL-UNNAMED -cp "$echo/target/classes:$echo/target/lib/*" \
                "io.switchboard.bench.peer.$class" $key
        fi
    done
done

# --- The rounds --------------------------------------------------------------------------------------------------------

binary=""
[ "$kind" = binary ] && binary=--binary
lines=$out/results.txt
: >"$lines"
failed=0
round=1
while [ "$round" -le "$rounds" ]; do
    for scheme in $schemes; do
        http2=""
        [ "$scheme" = h2 ] && http2="--http2 --streams $streams"
        for peer in $(peers_of "$scheme"); do
            eval "url=\$url_${peer}_$scheme pid=\$pid_${peer}_$scheme"
            # shellcheck disable=SC2086
            if taskset -c 1 "$java" $java_flags -jar "$jar" bench echo $binary $http2 --url "$url" --server-pid "$pid" --conns "$conns" \
                --body "$body" --label "${peer}_$scheme" --warm "$warm" --secs "$secs" >"$out/run.log" 2>&1; then
                good=ok
            else
                good=FAILED
                failed=1
                cat "$out/run.log"
            fi
            sed -n 's/^RESULT //p' "$out/run.log" >>"$lines"
            echo "round $round $scheme $peer $good: $(sed -n 's/^server: //p' "$out/run.log")"
        done
    done
    round=$((round + 1))
done
stop_all

# --- The table ---------------------------------------------------------------------------------------------------------

awk -v schemes="$schemes" -v peers="$peers" '
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
        key = field("label")
        i = ++count[key]
        value[key, "cpu", i] = field("server_us")
        value[key, "rate", i] = field("deliveries_per_s")
        value[key, "generator", i] = field("generator_percent")
    }
    END {
        printf "\n%-6s %-12s %6s %18s %25s %12s %12s\n", "scheme", "server", "rounds", "CPU a message, us", "times that of switchboard", "messages/s", "generator, %"
        split(schemes, m, " ")
        split(peers, p, " ")
        for (i = 1; i in m; i++) for (j = 1; j in p; j++) {
            key = p[j] "_" m[i]
            if (m[i] == "h2" && p[j] !~ /^(switchboard|jetty)$/) continue
            if (!count[key]) { printf "%-6s %-12s %6d %18s\n", m[i], p[j], 0, "-"; continue }
            own = count["switchboard_" m[i]] ? median("switchboard_" m[i], "cpu") : 0
            ratio = own > 0 ? sprintf("%.2f", median(key, "cpu") / own) : "-"
            printf "%-6s %-12s %6d %18.2f %25s %12.0f %12.0f\n", m[i], p[j], count[key], median(key, "cpu"), ratio, median(key, "rate"), median(key, "generator")
        }
        print "Medians over the rounds. Near 100 % the generator is the limit, not the server."
    }' "$lines"
echo "The single runs are in $lines"
exit "$failed"

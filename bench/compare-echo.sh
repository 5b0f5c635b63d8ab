#!/bin/sh
# The same WebSocket echo, in one go, by Switchboard, Netty's stock WebSocket server, Jetty and Tomcat, with and without TLS,
# and by Switchboard and Jetty over HTTP/2: what a message costs each of them in CPU time, and the ratios.   bench/compare-echo.sh [ROUNDS [WARM [SECS]]]   (3 10 10)
# All servers are up the whole time; one after another is loaded, and that ROUNDS times. The servers share core 0 and the
# generator has core 1, so a machine that does nothing else is needed for figures that mean something.
# COMPARE_PEERS: some of "switchboard netty jetty tomcat". COMPARE_SCHEMES: some of "ws wss h2". COMPARE_CONNS: 200.
# COMPARE_BODY: 128. COMPARE_KIND: text or binary. COMPARE_STREAMS: 10, of each HTTP/2 connection.
set -u

root=$(cd -P "$(dirname "$0")/.." && pwd) || exit 2
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
. "$root/bench/servers.sh"

# --- What is needed ----------------------------------------------------------------------------------------------------

prepare
rm -f "$out/key.p12"
"$JAVA_HOME/bin/keytool" -genkeypair -alias echo -keyalg EC -groupname secp256r1 -dname CN=localhost -validity 30 \
    -storetype PKCS12 -keystore "$out/key.p12" -storepass for-tests >"$out/keytool.log" 2>&1 ||
    fail "no key could be made; what keytool said is in $out/keytool.log"

# --- The servers, each on a free port of the loopback address ------------------------------------------------------------

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
            switchboard "switchboard_$scheme" --echo /echo --shards 1 $ports
        else
            class=$(peer_class "$peer") || exit 2
            # shellcheck disable=SC2086
            java_peer "${peer}_$scheme" echo "$class" $key
        fi
        eval "url_${peer}_$scheme=\$(printf %s \"\$url\" | sed 's#^\(wss*://[^/]*\).*#\1/echo#')"
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
            load echo $binary $http2 --url "$url" --server-pid "$pid" --conns "$conns" \
                --body "$body" --label "${peer}_$scheme" --warm "$warm" --secs "$secs"
            echo "round $round $scheme $peer $good: $(sed -n 's/^server: //p' "$out/run.log")"
        done
    done
    round=$((round + 1))
done
stop_all

# --- The table ---------------------------------------------------------------------------------------------------------

awk -v schemes="$schemes" -v peers="$peers" "$awk_functions"'
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

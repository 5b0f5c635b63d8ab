# Starts servers, on core 0 if nothing else is said, and ends them again: for the scripts that compare, which set root and out
# before they read this.
# Each server is on a free port of the loopback address.

jar=$root/cli/target/switchboard.jar
# The same for every Java server. On one core the JVM takes its serial collector.
java_flags="-XX:+UseCompactObjectHeaders -Xmx2g"
# A core each for the servers and the generator; empty for any.
on_server="taskset -c 0"
on_generator="taskset -c 1"
started=""
. "$root/scripts/find-jdk.sh"
. "$root/scripts/stale-jar.sh"

fail() {
    echo "$(basename "$0" .sh): $1" >&2
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

# What every comparison needs: two cores, a JDK, the jar, and a folder for what it writes.
prepare() {
    find_jdk || fail "$no_jdk"
    command -v taskset >/dev/null 2>&1 || fail "needs taskset (of util-linux) to give the servers and the generator a core each"
    taskset -c 1 true 2>/dev/null || fail "needs two cores"
    mkdir -p "$out" || fail "cannot write $out"
    if stale_jar; then
        sh "$root/scripts/build-jar.sh" || exit
    fi
    java=$JAVA_HOME/bin/java
    rm -rf "$out/data"
}

# Builds bench/peers/NAME where it is not built yet.
build_peer() {
    peer_home=$root/bench/peers/$1
    if [ -n "$(find "$peer_home/pom.xml" "$peer_home/src" -newer "$peer_home/target/built" 2>/dev/null)" ] || [ ! -f "$peer_home/target/built" ]; then
        echo "Building $1"
        mvn -q -B -ntp -f "$peer_home/pom.xml" process-classes </dev/null >"$out/$1-build.log" 2>&1 ||
            fail "the build failed; what it said is in $out/$1-build.log"
        touch "$peer_home/target/built"
    fi
}

# Starts a server that writes its ws:// or wss:// URL into its log, and puts that into url_NAME and its process into pid_NAME.
start() {
    name=$1
    shift
    log=$out/$name.log
    : >"$log"
    # Files that it keeps where it runs, such as the development certificate, are not for the project's folders.
    # shellcheck disable=SC2086 # a command and its flags, or nothing
    (cd "$out" && exec $on_server "$@") >"$log" 2>&1 </dev/null &
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

# Starts ./switchboard serve as NAME with these flags; with its metrics at the port in admin, if that is set.
switchboard() {
    name=$1
    shift
    # shellcheck disable=SC2086 # flags are meant to be split
    start "$name" "$java" $java_flags -jar "$jar" serve --stomp-port off --admin-port "${admin:-off}" "$@"
}

# Builds bench/peers/FOLDER and starts its CLASS as NAME with these arguments.
java_peer() {
    name=$1
    folder=$2
    class=$3
    shift 3
    build_peer "$folder"
    # shellcheck disable=SC2086
    start "$name" "$java" $java_flags -cp "$root/bench/peers/$folder/target/classes:$root/bench/peers/$folder/target/lib/*" \
        "io.switchboard.bench.peer.$class" "$@"
}

# Runs the generator with these arguments, adds its RESULT line to $lines, and says in good how it went.
load() {
    # shellcheck disable=SC2086
    if $on_generator "$java" $java_flags -jar "$jar" bench "$@" >"$out/run.log" 2>&1; then
        good=ok
    else
        good=FAILED
        failed=1
        cat "$out/run.log"
    fi
    sed -n 's/^RESULT //p' "$out/run.log" >>"$lines"
}

# For awk: of each field of a RESULT line its value, and the median of the values of a key.
# shellcheck disable=SC2016
awk_functions='
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
    }'

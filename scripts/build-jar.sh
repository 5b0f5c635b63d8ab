#!/bin/sh
# Builds cli/target/switchboard.jar and, where that works, an AOT cache for it. Called by ./switchboard with JAVA_HOME set.
# Starts that come at the same time wait for the first; the jar is replaced in one step, under a running server too.
set -u

root=$(cd -P "$(dirname "$0")/.." && pwd)
. "$root/scripts/stale-jar.sh"

target=$root/cli/target
jar=$target/switchboard.jar
log=$root/target/build.log
lock=$root/target/build.lock

fail() {
    echo "switchboard: $1" >&2
    exit 2
}

# The lock is a link whose text is the process id of its owner: made in one step, and recognisably dead.
# Only one process at a time may judge a lock dead, else two could each remove the other's fresh one.
take_lock() {
    waited=0
    while ! ln -s "$$" "$lock" 2>/dev/null; do
        owner=$(readlink "$lock" || true)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null && mkdir "$lock.judge" 2>/dev/null; then
            [ "$(readlink "$lock" || true)" = "$owner" ] && rm -f "$lock"
            rmdir "$lock.judge"
            continue
        fi
        [ "$waited" -eq 0 ] && echo "Waiting for another start that is building Switchboard…" >&2
        [ "$waited" -ge 900 ] && fail "another start has been building for 15 minutes; if that is not so, remove $lock"
        waited=$((waited + 1))
        sleep 1
    done
    trap 'rm -f "$lock"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
}

# A short life of the server, on free ports and in a folder of its own, shows the JVM what to keep in the cache.
# Whatever goes wrong here only costs the next start some tenths of a second.
make_aot_cache() {
    rm -f "$target"/switchboard-*.aot
    cache=$(aot_cache)
    life=$target/aot-life
    rm -rf "$life"
    mkdir -p "$life"
    "$JAVA_HOME/bin/java" -XX:+UseCompactObjectHeaders "-XX:AOTCacheOutput=$cache.new" -jar "$jar" \
        serve --http-port 0 --tls-port 0 --stomp-port 0 --admin-port 0 --data "$life" >"$life/out" 2>&1 </dev/null &
    server=$!
    tenths=0
    while [ "$tenths" -lt 300 ] && kill -0 "$server" 2>/dev/null; do
        if grep -q 'Switchboard is ready' "$life/out"; then
            kill -TERM "$server"
            break
        fi
        tenths=$((tenths + 1))
        sleep 0.1
    done
    # Writing the cache takes a few seconds after the stop; a server that hangs instead is ended.
    tenths=0
    while kill -0 "$server" 2>/dev/null; do
        [ "$tenths" -ge 300 ] && kill -KILL "$server"
        tenths=$((tenths + 1))
        sleep 0.1
    done
    cat "$life/out"
    if wait "$server" && [ -s "$cache.new" ]; then
        mv -f "$cache.new" "$cache"
    fi
    rm -rf "$life" "$cache.new" "$cache.new.config"
}

{ mkdir -p "$target" "$root/target" && [ -w "$target" ] && [ -w "$root/target" ]; } 2>/dev/null ||
    fail "has to be built, but may not write below $root; build it as a user who may"
command -v mvn >/dev/null 2>&1 ||
    fail "needs Maven (mvn) for its first build: install it, for example with 'apt-get install maven' or 'brew install maven'"
take_lock
stale_jar || exit 0

if [ -f "$jar" ]; then
    echo "Building Switchboard again (its sources have changed)…" >&2
else
    echo "Building Switchboard (first start, about a minute)…" >&2
fi
# Maven's own libraries touch sun.misc.Unsafe, which a newer JVM remarks on.
MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
export MAVEN_OPTS
if ! (cd "$root" && mvn -B -e -Dlint=false -Dmaven.test.skip=true -Dexecutable.jar="$jar.new" -pl cli -am package) >"$log" 2>&1 </dev/null; then
    rm -f "$jar.new"
    fail "the build failed; what it said is in $log"
fi
mv -f "$jar.new" "$jar" || fail "cannot replace $jar"
make_aot_cache >>"$log" 2>&1
exit 0

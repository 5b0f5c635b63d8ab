#!/bin/sh
# What compression is worth: CPU time and bytes of a message by its length, level and context (no context; one busy
# connection; 1,000 connections in turn): bench/deflate.sh. CPU time of the thread, so a machine that does other work will do.
set -u

root=$(cd -P "$(dirname "$0")/.." && pwd) || exit 2
cd "$root" || exit 2
. scripts/find-jdk.sh

find_jdk || {
    echo "deflate: $no_jdk" >&2
    exit 2
}
PATH=$JAVA_HOME/bin:$PATH
MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
export PATH MAVEN_OPTS
exec mvn -q -B -ntp -Dlint=false -pl bench -am test-compile exec:exec -Dbench.main=io.switchboard.websocket.CompressionFigures -Djmh.arguments=

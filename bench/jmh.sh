#!/bin/sh
# Runs the micro-benchmarks of bench: bench/jmh.sh [JMH arguments], for example bench/jmh.sh Mask -prof gc; -l lists them.
set -u

root=$(cd -P "$(dirname "$0")/.." && pwd) || exit 2
cd "$root" || exit 2
. scripts/find-jdk.sh

find_jdk || {
    echo "jmh: $no_jdk" >&2
    exit 2
}
PATH=$JAVA_HOME/bin:$PATH
MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
export PATH MAVEN_OPTS
exec mvn -q -B -ntp -Dlint=false -pl bench -am test-compile exec:exec "-Djmh.arguments=$*"

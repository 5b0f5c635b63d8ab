#!/bin/sh
# Fuzzes every @FuzzTest method of the classes named *FuzzTest, one after another: scripts/fuzz.sh [SECONDS each, 60] [NAME part]
# What it learns stays in .cifuzz-corpus of the module and is used by the next run. A finding is a file named crash-…: copy it
# into src/test/resources/<package>/<class>Inputs/<method>/, where every test run replays it, and repair the code.
set -u

root=$(cd -P "$(dirname "$0")/.." && pwd) || exit 2
cd "$root" || exit 2
. scripts/find-jdk.sh
seconds=${1:-60}
part=${2:-}

find_jdk || {
    echo "fuzz: $no_jdk" >&2
    exit 2
}
MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
JAZZER_FUZZ=1
JAZZER_MAX_DURATION=${seconds}s
export MAVEN_OPTS JAZZER_FUZZ JAZZER_MAX_DURATION
mkdir -p target/fuzz
targets=target/fuzz/targets

# One line a target: module, class, method (the first method that is declared after the annotation).
find . -path './*/src/test/java/*' -name '*FuzzTest.java' | sort | while read -r file; do
    module=${file#./}
    module=${module%%/src/test/java/*}
    class=$(basename "$file" .java)
    awk '/^ *@FuzzTest/ { armed = 1 }
         armed && match($0, /void +[A-Za-z0-9_]+ *\(/) {
             name = substr($0, RSTART + 4, RLENGTH - 5); gsub(/ /, "", name); print name; armed = 0 }' "$file" |
        while read -r method; do echo "$module $class $method"; done
done | grep -F -e "$part" >"$targets"

[ -s "$targets" ] || {
    echo "Fuzzing: no target${part:+ with $part in its name}"
    [ -z "$part" ]
    exit
}

status=0
while read -r module class method; do
    log=target/fuzz/$class.$method.log
    mvn -q -B -ntp -Dlint=false -pl "$module" -am test-compile surefire:test \
        -Dtest="$class#$method" -Dsurefire.failIfNoSpecifiedTests=false -Dsurefire.reportsDirectory="$root/target/fuzz/reports" </dev/null >"$log" 2>&1
    result=$?
    # libFuzzer ends with "Done N runs in S second(s)"; without that line nothing was fuzzed.
    runs=$(sed -n 's/^Done \([0-9]*\) runs in .*/\1/p' "$log" | tail -n 1)
    if [ "$result" -eq 0 ] && [ -n "$runs" ]; then
        echo "Fuzzed $class.$method: $runs runs in ${seconds} s, nothing found"
    else
        status=1
        echo "Fuzzed $class.$method: FAILED, the end of $log:"
        tail -n 40 "$log"
    fi
done <"$targets"
exit "$status"

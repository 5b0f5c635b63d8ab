#!/bin/sh
# Asks a WebSocket server's echo endpoint for the rules: conformance/run.sh [--failed] [--only 6455-5.5.] ws://HOST:PORT/PATH.
# Over wss:// WebSocket over HTTP/2 is asked for too. Ends with 1 if a rule is broken, with 2 if nothing could be asked.
set -u

root=$(cd -P "$(dirname "$0")/.." && pwd) || exit 2
cd "$root" || exit 2
. scripts/find-jdk.sh

find_jdk || {
    echo "conformance: $no_jdk" >&2
    exit 2
}
PATH=$JAVA_HOME/bin:$PATH
MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow"
export PATH MAVEN_OPTS
# Maven may say more than it is asked for.
classpath=$(mvn -q -B -ntp -Dlint=false -pl conformance -am compile exec:exec </dev/null |
    sed -n 's#^[^/]*\(/.*/conformance/target/classes.*\)#\1#p')
[ -n "$classpath" ] || {
    echo "conformance: the build failed; try mvn -pl conformance -am compile" >&2
    exit 2
}
exec "$JAVA_HOME/bin/java" -cp "$classpath" io.switchboard.conformance.Conformance "$@"

# Sourced, with root set: what ./switchboard and the build of its jar both have to know.

# Is the jar missing, or older than something it is made of? The folders count too: a removed file leaves its mark there.
stale_jar() {
    [ -f "$root/cli/target/switchboard.jar" ] || return 0
    [ -f "$root/pom.xml" ] || return 1
    for part in "$root"/pom.xml "$root"/*/pom.xml "$root"/*/src/main; do
        case $part in "$root"/testkit/* | "$root"/architecture/*) continue ;; esac
        [ -e "$part" ] || continue
        [ -z "$(find "$part" -newer "$root/cli/target/switchboard.jar" 2>/dev/null | head -n 1)" ] || return 0
    done
    return 1
}

# The AOT cache that belongs to the JVM in JAVA_HOME.
aot_cache() {
    echo "$root/cli/target/switchboard-$(cksum <"$JAVA_HOME/release" | cut -d ' ' -f 1).aot"
}

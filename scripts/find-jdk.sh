# Sourced, not run: find_jdk sets and exports JAVA_HOME to a JDK 25 or newer, or fails.
# Looked at in this order: JAVA_HOME, the javac on the PATH, the usual folders (25 before newer ones).

# The feature version of the JDK in folder $1, 0 when there is none.
jdk_version() {
    [ -x "$1/bin/javac" ] && [ -f "$1/release" ] || {
        echo 0
        return
    }
    version=$(sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9][0-9]*\).*/\1/p' "$1/release" | head -n 1)
    echo "${version:-0}"
}

# The file that $1 is, with all links followed.
real_path() (
    file=$1
    while [ -L "$file" ]; do
        target=$(readlink "$file")
        case $target in
            /*) file=$target ;;
            *) file=$(dirname "$file")/$target ;;
        esac
    done
    folder=$(cd -P "$(dirname "$file")" && pwd) || exit 1
    echo "$folder/$(basename "$file")"
)

find_jdk() {
    if [ -n "${JAVA_HOME:-}" ] && [ "$(jdk_version "$JAVA_HOME")" -ge 25 ]; then
        export JAVA_HOME
        return 0
    fi
    javac=$(command -v javac || true)
    if [ -n "$javac" ]; then
        home=$(dirname "$(dirname "$(real_path "$javac")")")
        if [ "$(jdk_version "$home")" -ge 25 ]; then
            JAVA_HOME=$home
            export JAVA_HOME
            return 0
        fi
    fi
    for comparison in -eq -gt; do
        for home in /usr/lib/jvm/* /opt/* /opt/java/* "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
            /Library/Java/JavaVirtualMachines/*/Contents/Home; do
            if [ "$(jdk_version "$home")" "$comparison" 25 ]; then
                JAVA_HOME=$home
                export JAVA_HOME
                return 0
            fi
        done
    done
    return 1
}

no_jdk="needs a JDK 25 or newer and found none: install one (for example Eclipse Temurin 25) or set JAVA_HOME to it."

#!/bin/sh
# Brings what the pages take from others: @stomp/stompjs, as it is published on npm, unchanged.
#
#   vendor/make.sh           takes the files from npm and writes their checksums
#   vendor/make.sh --check   takes them from npm and compares; changes nothing
#
# For another version change it here and in the pages that load it, and remove the old folder.
set -eu

version=7.5.0
pages=$(cd "$(dirname "$0")/../src/main/resources/META-INF/switchboard/pages" && pwd)
target=$pages/vendor/stompjs-$version
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
npm pack --silent "@stomp/stompjs@$version" > pack.log
tar xzf "stomp-stompjs-$version.tgz"
mkdir new
cp package/bundles/stomp.umd.min.js package/LICENSE new/
(cd new && sha256sum LICENSE stomp.umd.min.js > SHA256SUMS)

if [ "${1:-}" = --check ]; then
    diff -r new "$target" || {
        echo "vendor/make.sh: $target is not what npm has for @stomp/stompjs $version" >&2
        exit 1
    }
else
    mkdir -p "$target"
    cp new/* "$target/"
fi

#!/usr/bin/env bash
# Builds VeChainThor's node into the file named as argument. It runs beside the tests and is no part of origintag.
#
# `go install` refuses it, since its go.mod has replace lines; so it is built in the folder of its module, with its
# own go.mod and go.sum. The hash of the module is pinned here, and its go.sum pins the rest.
set -euo pipefail
cd "$(dirname "$0")/.."

module=github.com/vechain/thor/v2@v2.4.4
sum=h1:H2SD/y0KYwR7jcCiQK8US11rWiDygMngS25AgL3D0IA=
out=$(realpath -m "$1")

facts=$(cd / && "$OLDPWD/tools/go.sh" mod download -json "$module")
if ! grep -qF "\"Sum\": \"$sum\"" <<<"$facts"; then
    echo "thor: the module is not the one that is pinned, $sum:" >&2
    echo "$facts" >&2
    exit 1
fi
folder=$(sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p' <<<"$facts")
CGO_ENABLED=1 tools/go.sh build -C "$folder" -mod=readonly -o "$out" ./cmd/thor

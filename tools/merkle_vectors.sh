#!/usr/bin/env bash
# Writes the vectors of transparency-dev/merkle's own tests into the file named as argument, each with the library's
# verdict. The tables are in that module's tests and not exported: a copy of the package gets one more test that
# writes them (tests/strangers/testdata/vectors_test.go).
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(realpath -m "$1")
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

facts=$(tools/go.sh mod -C tests/strangers download -json github.com/transparency-dev/merkle)
folder=$(sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p' <<<"$facts")
cp -R "$folder/." "$copy"
chmod -R u+w "$copy"
cp tests/strangers/testdata/vectors_test.go "$copy/proof/"
VECTORS=$out tools/go.sh test -C "$copy" -mod=readonly -count=1 -run 'TestWriteVectors$' ./proof >&2

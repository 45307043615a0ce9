#!/usr/bin/env bash
# `tools/go.sh COMMAND …` is `go COMMAND …`, by a Go that is new enough for every module here.
# A Go of 1.21 or newer fetches a newer one by itself, as a module. An older one is only used to fetch that module.
set -euo pipefail

fetched_by_an_old_go=1.27.0

if ! command -v go >/dev/null; then
    echo "go is missing. On Debian and Ubuntu: apt-get install golang-go" >&2
    exit 1
fi

export GOTOOLCHAIN=auto
[ -z "$(go env GOTOOLCHAIN)" ] || exec go "$@"

module=golang.org/toolchain@v0.0.1-go$fetched_by_an_old_go.$(go env GOOS)-$(go env GOARCH)
folder=$(cd / && go mod download -json "$module" | sed -n 's/^\t"Dir": "\(.*\)",*$/\1/p')
find "$folder/bin" "$folder/pkg/tool" -type f ! -perm -u+x -exec chmod u+x {} +
GOTOOLCHAIN=local GOROOT=$folder exec "$folder/bin/go" "$@"

#!/usr/bin/env bash
# Times gen.sh and init in turn, then --version and an empty program. Takes the flags of main.go.
set -euo pipefail
cd "$(dirname "$0")/../.."
export CGO_ENABLED=0
exec go run ./testdata/bench "$@"

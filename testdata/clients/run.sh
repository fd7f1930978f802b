#!/usr/bin/env bash
# Installs the clients that are missing, and runs the tests of this module. Needs Go, and for what it installs root, apt
# and npm. REQUIRE_PEERS=1 makes a missing client a failure, MATRIX=FILE writes all outcomes to a file, KEEP_SETS=DIR
# makes the sets in a folder that stays. Arguments go to go test, instead of ./... .
set -euo pipefail
cd "$(dirname "$0")"
export CGO_ENABLED=0 GOWORK=off GOFLAGS="${GOFLAGS:-} -buildvcs=false"

missing=()
need() { "${@:2}" >/dev/null 2>&1 || missing+=("$1"); }
need openssl openssl version
need curl curl --version
need python3-grpcio /usr/bin/python3 -c 'import grpc'
need default-jdk-headless javac -version
need nodejs node --version
need npm npm --version
if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}"
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
    echo "could not install ${missing[*]}"
fi

# npm ci starts anew each time; the stamp tells that the lock file is installed already.
stamp=node/node_modules/.package-lock.stamp
if ! cmp -s node/package-lock.json "$stamp"; then
  (cd node && npm ci --no-progress) && cp node/package-lock.json "$stamp" || echo "could not install the Node SDK"
fi

if [ $# -eq 0 ]; then
  set -- ./...
fi
exec go test -count=1 -v -timeout 20m "$@"

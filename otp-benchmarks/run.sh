#!/bin/bash
# Measures this runtime, Erlang and Pekko: otp-benchmarks/run.sh --help
# Builds what it needs first; BENCHMARKS_CLASSPATH=… skips the Java build.
set -euo pipefail
cd "$(dirname "$0")"

. ./java25.sh
mkdir -p target/ebin
if command -v erlc >/dev/null; then
  erlc -Wall -o target/ebin src/main/erlang/*.erl
fi

exec "$java" -XX:+UseSerialGC -Xmx64m -Dbenchmarks.target="$PWD/target" \
  -cp "$BENCHMARKS_CLASSPATH" io.otp.benchmarks.Driver "$@"

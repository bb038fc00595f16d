#!/bin/bash
# Single operations under JMH: otp-benchmarks/jmh.sh [JMH options], such as -h, a name, or -prof gc
# Builds what it needs first; BENCHMARKS_CLASSPATH=… skips the build. About three minutes.
set -euo pipefail
cd "$(dirname "$0")"

. ./java25.sh
exec "$java" -cp "$BENCHMARKS_CLASSPATH" org.openjdk.jmh.Main -rf json -rff target/jmh.json "$@"
